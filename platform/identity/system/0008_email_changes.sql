-- A new address to sign in with, waiting until both mailboxes have agreed. An account has one at most.
CREATE TABLE identity_email_changes (
    account_id TEXT PRIMARY KEY REFERENCES identity_accounts (id) ON DELETE CASCADE,
    email      TEXT NOT NULL CHECK (email <> ''),
    credential INTEGER NOT NULL,                  -- of the account when it was asked for: a new password voids it
    old_hash   BLOB NOT NULL DEFAULT x'',         -- SHA-256 of the token for the mailbox of before; empty: there is none yet
    new_hash   BLOB NOT NULL DEFAULT x'',         -- and for the new one
    old_done   INTEGER NOT NULL DEFAULT 0 CHECK (old_done IN (0, 1)),
    new_done   INTEGER NOT NULL DEFAULT 0 CHECK (new_done IN (0, 1)),
    ends_at    TEXT NOT NULL                      -- UTC
) STRICT;
