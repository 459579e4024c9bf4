-- The sign-in page: what somebody designs, what everybody sees, and what could be seen before.
CREATE TABLE brand_logins (
    id         TEXT PRIMARY KEY,
    state      TEXT NOT NULL CHECK (state IN ('draft', 'published', 'past')),
    design     TEXT NOT NULL CHECK (json_valid(design)),
    picture    TEXT NOT NULL,        -- of the blob room: the background as it was when this was published; empty: none
    logo       TEXT NOT NULL,
    changed_at TEXT NOT NULL,        -- UTC
    changed_by TEXT NOT NULL         -- a member
) STRICT;
CREATE UNIQUE INDEX brand_logins_by_state ON brand_logins (state) WHERE state <> 'past';
CREATE INDEX brand_logins_by_age ON brand_logins (changed_at, id);
