-- What people accept who register by an invitation: every wording that ever was in force. The newest one of a language counts; an empty one
-- takes it back.
CREATE TABLE identity_terms (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    lang    TEXT NOT NULL,
    body    TEXT NOT NULL,
    made_at TEXT NOT NULL
) STRICT;
-- The wording that a member accepted, and when.
ALTER TABLE identity_members ADD COLUMN terms_id INTEGER REFERENCES identity_terms (id);
ALTER TABLE identity_members ADD COLUMN terms_at TEXT NOT NULL DEFAULT '';
