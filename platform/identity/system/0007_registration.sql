-- Whether somebody the appliance trusts, or a mail, vouches that the address is the person's. An address that nobody vouches for
-- leads into no organisation of others.
ALTER TABLE identity_accounts ADD COLUMN vouched INTEGER NOT NULL DEFAULT 1 CHECK (vouched IN (0, 1));

-- What somebody has begun and not finished: one wizard each.
CREATE TABLE identity_drafts (
    account_id TEXT PRIMARY KEY REFERENCES identity_accounts (id) ON DELETE CASCADE,
    id         TEXT NOT NULL UNIQUE,
    content    TEXT NOT NULL CHECK (json_valid(content)),
    changed_at TEXT NOT NULL                      -- UTC
) STRICT;
CREATE INDEX identity_drafts_by_age ON identity_drafts (changed_at);

-- Which organisations invited an address. The truth is in each tenant's database; this is the way there.
CREATE TABLE identity_invited (
    email_key TEXT NOT NULL,                      -- folded
    tenant_id TEXT NOT NULL,
    PRIMARY KEY (email_key, tenant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_invited_by_tenant ON identity_invited (tenant_id);
