-- Addresses under the base domain that differ from the folder's name. Without a row for today the folder's name is the address.
CREATE TABLE tenant_labels (
    label     TEXT PRIMARY KEY CHECK (length(label) BETWEEN 3 AND 40),
    tenant_id TEXT NOT NULL REFERENCES tenant_tenants (id) ON DELETE CASCADE,
    until     TEXT NOT NULL,                      -- UTC: it was left and leads to the address of today until then; empty: that of today
    made_at   TEXT NOT NULL                       -- UTC
) STRICT;
CREATE INDEX tenant_labels_by_tenant ON tenant_labels (tenant_id, label);
CREATE UNIQUE INDEX tenant_labels_of_today ON tenant_labels (tenant_id) WHERE until = '';
