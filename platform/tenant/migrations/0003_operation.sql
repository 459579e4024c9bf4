-- What the operator allows a tenant. Without a row, or with 0 and an empty list, everything.
CREATE TABLE tenant_limits (
    tenant_id TEXT PRIMARY KEY REFERENCES tenant_tenants (id) ON DELETE CASCADE,
    storage   INTEGER NOT NULL CHECK (storage >= 0),  -- bytes of file contents
    members   INTEGER NOT NULL CHECK (members >= 0),
    runes     TEXT NOT NULL                           -- JSON list of those that may be active; empty: all
) STRICT;

-- Tenants that are closed and will be deleted.
CREATE TABLE tenant_deletions (
    tenant_id TEXT PRIMARY KEY REFERENCES tenant_tenants (id) ON DELETE CASCADE,
    ends_at   TEXT NOT NULL,                          -- UTC
    resumes   INTEGER NOT NULL CHECK (resumes IN (0, 1))  -- it was open before, and will be again when it is kept
) STRICT;
CREATE INDEX tenant_deletions_by_end ON tenant_deletions (ends_at);
