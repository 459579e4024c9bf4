-- Names that a tenant says are its own. Only with a proof does one enter the table of hosts.
CREATE TABLE tenant_claims (
    host      TEXT NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenant_tenants (id) ON DELETE CASCADE,
    token     TEXT NOT NULL,                      -- whoever holds the name publishes it
    made_at   TEXT NOT NULL,                      -- UTC
    tried_at  TEXT NOT NULL DEFAULT '',           -- UTC; empty: not yet
    problem   TEXT NOT NULL DEFAULT '',           -- words key: what the last try found
    PRIMARY KEY (host, tenant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tenant_claims_by_tenant ON tenant_claims (tenant_id, host);
