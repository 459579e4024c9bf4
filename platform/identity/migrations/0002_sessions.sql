CREATE TABLE identity_sessions (
    id          TEXT PRIMARY KEY,
    token_hash  BLOB NOT NULL UNIQUE,             -- SHA-256
    device_hash BLOB NOT NULL,                    -- SHA-256 of the browser's device cookie
    member_id   TEXT NOT NULL REFERENCES identity_members (id) ON DELETE CASCADE,
    credential  INTEGER NOT NULL,                 -- of the account, at sign-in
    kept        INTEGER NOT NULL CHECK (kept IN (0, 1)),  -- the browser keeps it when it is closed
    address     TEXT NOT NULL,
    user_agent  TEXT NOT NULL,
    made_at     TEXT NOT NULL,                    -- UTC, as are all below
    seen_at     TEXT NOT NULL,                    -- at most a minute behind
    ended_at    TEXT,
    end_reason  TEXT NOT NULL DEFAULT '' CHECK (end_reason IN ('', 'signed_out', 'ended', 'expired', 'password', 'suspended'))
) STRICT;
CREATE INDEX identity_sessions_by_member ON identity_sessions (member_id, made_at);
CREATE INDEX identity_sessions_by_device ON identity_sessions (device_hash, member_id);
CREATE INDEX identity_sessions_by_end ON identity_sessions (seen_at, id);

CREATE TABLE identity_app_passwords (
    id          TEXT PRIMARY KEY,
    secret_hash BLOB NOT NULL UNIQUE,             -- SHA-256 of 175 random bits
    member_id   TEXT NOT NULL REFERENCES identity_members (id) ON DELETE CASCADE,
    label       TEXT NOT NULL,
    scopes      TEXT NOT NULL CHECK (scopes <> ''),  -- separated by spaces
    client      TEXT NOT NULL DEFAULT '',         -- user agent that used it last
    last_used   TEXT NOT NULL,                    -- UTC, at most a minute behind; made_at while unused
    last_from   TEXT NOT NULL DEFAULT '',
    made_at     TEXT NOT NULL                     -- UTC
) STRICT;
CREATE INDEX identity_app_passwords_by_member ON identity_app_passwords (member_id, made_at);
CREATE INDEX identity_app_passwords_by_use ON identity_app_passwords (last_used, id);
