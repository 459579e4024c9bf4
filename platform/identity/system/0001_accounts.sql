CREATE TABLE identity_accounts (
    id            TEXT PRIMARY KEY,
    email         TEXT NOT NULL,                  -- as the person writes it
    email_key     TEXT NOT NULL UNIQUE,           -- folded: two spellings of one address are one account
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL DEFAULT '',       -- argon2id, PHC form; empty = cannot sign in by password
    credential    INTEGER NOT NULL DEFAULT 1,     -- goes up with every change of the password; older sessions are void
    state         TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended')),
    locale        TEXT NOT NULL DEFAULT '',       -- empty: the organisation's
    zone          TEXT NOT NULL DEFAULT '',       -- empty: the organisation's
    theme         TEXT NOT NULL DEFAULT 'system' CHECK (theme IN ('light', 'dark', 'system')),
    made_at       TEXT NOT NULL                   -- UTC
) STRICT;

-- Which organisations an account belongs to. The truth is in each tenant's database; this is the way there.
CREATE TABLE identity_memberships (
    account_id TEXT NOT NULL REFERENCES identity_accounts (id) ON DELETE CASCADE,
    tenant_id  TEXT NOT NULL,
    member_id  TEXT NOT NULL,
    made_at    TEXT NOT NULL,                     -- UTC
    PRIMARY KEY (account_id, tenant_id)
) STRICT, WITHOUT ROWID;
