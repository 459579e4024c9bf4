-- Sign-ins on the host of the appliance itself, where people choose an organisation. They open nothing of any organisation.
CREATE TABLE identity_gate_sessions (
    token_hash BLOB PRIMARY KEY,                  -- SHA-256 of 256 random bits
    account_id TEXT NOT NULL REFERENCES identity_accounts (id) ON DELETE CASCADE,
    credential INTEGER NOT NULL,                  -- of the account, at sign-in
    half       INTEGER NOT NULL CHECK (half IN (0, 1)),  -- a second factor is still to be proven
    factor     TEXT NOT NULL DEFAULT '',          -- the kind that was proven
    ends_at    TEXT NOT NULL                      -- UTC
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_gate_sessions_by_end ON identity_gate_sessions (ends_at);

-- Tokens that carry somebody who is signed in to the host of one organisation, once.
CREATE TABLE identity_handovers (
    token_hash BLOB PRIMARY KEY,                  -- SHA-256 of 256 random bits
    account_id TEXT NOT NULL REFERENCES identity_accounts (id) ON DELETE CASCADE,
    tenant_id  TEXT NOT NULL,
    credential INTEGER NOT NULL,
    factor     TEXT NOT NULL,
    ends_at    TEXT NOT NULL                      -- UTC
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_handovers_by_end ON identity_handovers (ends_at);

-- Failed attempts there, as every organisation counts its own.
CREATE TABLE identity_throttle (
    door     TEXT NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('pair', 'device', 'address', 'tenant')),
    key      TEXT NOT NULL,                       -- never what a person typed: a hash of it
    failures INTEGER NOT NULL,
    since    TEXT NOT NULL,                       -- UTC, start of the window
    last_at  TEXT NOT NULL,                       -- UTC
    PRIMARY KEY (door, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_throttle_by_time ON identity_throttle (last_at);
