CREATE TABLE identity_api_tokens (
    id          TEXT PRIMARY KEY,
    secret_hash BLOB NOT NULL UNIQUE,             -- SHA-256 of 256 random bits
    member_id   TEXT NOT NULL REFERENCES identity_members (id) ON DELETE CASCADE,
    name        TEXT NOT NULL CHECK (name <> ''),
    scopes      TEXT NOT NULL CHECK (scopes <> ''),  -- permissions, separated by spaces; never more than the member holds
    ends_at     TEXT NOT NULL,                    -- UTC
    last_used   TEXT NOT NULL,                    -- UTC, at most a minute behind; made_at while unused
    last_from   TEXT NOT NULL DEFAULT '',
    made_at     TEXT NOT NULL                     -- UTC
) STRICT;
CREATE INDEX identity_api_tokens_by_member ON identity_api_tokens (member_id, made_at);
