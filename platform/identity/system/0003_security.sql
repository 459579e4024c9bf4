-- Links that let somebody choose a new password, once.
CREATE TABLE identity_resets (
    token_hash BLOB PRIMARY KEY,                  -- SHA-256 of 256 random bits
    account_id TEXT NOT NULL REFERENCES identity_accounts (id) ON DELETE CASCADE,
    made_at    TEXT NOT NULL,                     -- UTC, as are all below
    ends_at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_resets_by_account ON identity_resets (account_id, made_at);

ALTER TABLE identity_accounts ADD COLUMN must_reset INTEGER NOT NULL DEFAULT 0 CHECK (must_reset IN (0, 1));  -- the password opens nothing until it is new

-- What somebody proves besides the password. They belong to the account, wherever it is a member.
CREATE TABLE identity_factors (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES identity_accounts (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL CHECK (kind IN ('totp', 'passkey')),
    name       TEXT NOT NULL CHECK (name <> ''),
    handle     BLOB NOT NULL DEFAULT x'',         -- of a passkey: its credential id
    host       TEXT NOT NULL DEFAULT '',          -- of a passkey: the host it was made for
    secret     BLOB NOT NULL,                     -- sealed: the TOTP secret, or the credential as JSON
    last_step  INTEGER NOT NULL DEFAULT 0,        -- of TOTP: no code opens twice
    made_at    TEXT NOT NULL,
    used_at    TEXT
) STRICT;
CREATE INDEX identity_factors_by_account ON identity_factors (account_id, made_at);
CREATE UNIQUE INDEX identity_factors_by_handle ON identity_factors (handle) WHERE handle <> x'';

CREATE TABLE identity_recovery_codes (
    account_id TEXT NOT NULL REFERENCES identity_accounts (id) ON DELETE CASCADE,
    code_hash  BLOB NOT NULL,                     -- SHA-256; each code has 80 random bits
    PRIMARY KEY (account_id, code_hash)
) STRICT, WITHOUT ROWID;
