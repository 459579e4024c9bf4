-- What somebody decided about one member's permission, beside their roles. A denial wins over everything but ownership.
CREATE TABLE identity_exceptions (
    member_id  TEXT NOT NULL REFERENCES identity_members (id) ON DELETE CASCADE,
    permission TEXT NOT NULL,
    granted    INTEGER NOT NULL CHECK (granted IN (0, 1)),
    PRIMARY KEY (member_id, permission)
) STRICT, WITHOUT ROWID;

ALTER TABLE identity_roles ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_roles ADD COLUMN category TEXT NOT NULL DEFAULT '';  -- a rune's id, or a free label: how the list groups them

-- Somebody asked to join. The row stays when it is taken up; withdrawing deletes it.
CREATE TABLE identity_invitations (
    id         TEXT PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,              -- SHA-256 of 256 random bits
    email      TEXT NOT NULL,
    email_key  TEXT NOT NULL,                     -- folded
    name       TEXT NOT NULL DEFAULT '',          -- what the inviter knows; the person may write another
    roles      TEXT NOT NULL,                     -- JSON list of role ids
    inviter    TEXT NOT NULL,                     -- member id; empty: the house
    made_at    TEXT NOT NULL,                     -- UTC, as are all below
    ends_at    TEXT NOT NULL,
    taken_at   TEXT
) STRICT;
CREATE UNIQUE INDEX identity_invitations_open ON identity_invitations (email_key) WHERE taken_at IS NULL;
