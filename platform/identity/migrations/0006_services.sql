-- Accounts of programs: nobody signs in with one, its tokens alone open the API.
CREATE TABLE identity_services (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL CHECK (name <> ''),
    name_key    TEXT NOT NULL,                    -- folded
    permissions TEXT NOT NULL,                    -- separated by spaces
    state       TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'removed')),  -- removed: for its name in old lines
    made_by     TEXT NOT NULL,                    -- member id; empty: the house
    made_at     TEXT NOT NULL                     -- UTC
) STRICT;
CREATE UNIQUE INDEX identity_services_by_name ON identity_services (name_key) WHERE state <> 'removed';

-- A token is a member's or a service's, and may be bound to networks.
CREATE TABLE identity_api_tokens_next (
    id          TEXT PRIMARY KEY,
    secret_hash BLOB NOT NULL UNIQUE,             -- SHA-256 of 256 random bits
    member_id   TEXT REFERENCES identity_members (id) ON DELETE CASCADE,
    service_id  TEXT REFERENCES identity_services (id) ON DELETE CASCADE,
    name        TEXT NOT NULL CHECK (name <> ''),
    scopes      TEXT NOT NULL CHECK (scopes <> ''),  -- permissions, separated by spaces; never more than the owner holds
    networks    TEXT NOT NULL DEFAULT '',         -- separated by spaces; empty: from everywhere
    ends_at     TEXT NOT NULL,                    -- UTC
    last_used   TEXT NOT NULL,                    -- UTC, at most a minute behind; made_at while unused
    last_from   TEXT NOT NULL DEFAULT '',
    made_at     TEXT NOT NULL,                    -- UTC
    CHECK ((member_id IS NULL) <> (service_id IS NULL))
) STRICT;
INSERT INTO identity_api_tokens_next (id, secret_hash, member_id, name, scopes, ends_at, last_used, last_from, made_at)
    SELECT id, secret_hash, member_id, name, scopes, ends_at, last_used, last_from, made_at FROM identity_api_tokens;
DROP TABLE identity_api_tokens;
ALTER TABLE identity_api_tokens_next RENAME TO identity_api_tokens;
CREATE INDEX identity_api_tokens_by_member ON identity_api_tokens (member_id, made_at);
CREATE INDEX identity_api_tokens_by_service ON identity_api_tokens (service_id, made_at);
