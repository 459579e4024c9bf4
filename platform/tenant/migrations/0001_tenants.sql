CREATE TABLE tenant_tenants (
    id       TEXT PRIMARY KEY,
    slug     TEXT NOT NULL UNIQUE CHECK (length(slug) BETWEEN 3 AND 40),  -- also the name of its folder
    name     TEXT NOT NULL CHECK (name <> ''),
    name_key TEXT NOT NULL UNIQUE,                -- the name after Unicode folding: two that look alike conflict
    state    TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended')),
    locale   TEXT NOT NULL,                       -- default language of its people
    zone     TEXT NOT NULL,                       -- default IANA time zone
    brand    TEXT NOT NULL DEFAULT '#2f45f5',
    made_at  TEXT NOT NULL                        -- UTC
) STRICT;

CREATE TABLE tenant_hosts (
    host      TEXT PRIMARY KEY,                   -- lower case, no port, no dot at the end
    tenant_id TEXT NOT NULL REFERENCES tenant_tenants (id) ON DELETE CASCADE,
    made_at   TEXT NOT NULL                       -- UTC
) STRICT;
CREATE INDEX tenant_hosts_by_tenant ON tenant_hosts (tenant_id, host);
