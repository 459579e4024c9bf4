CREATE TABLE notify_notes (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,   -- the order in which they came
    id      TEXT NOT NULL UNIQUE,
    person  TEXT NOT NULL CHECK (person <> ''),  -- member id of who is told
    at      TEXT NOT NULL,                       -- UTC
    actor   TEXT NOT NULL,                       -- name of who did it; empty: the house itself
    kind    TEXT NOT NULL CHECK (kind <> ''),    -- words key below notify.
    args    TEXT NOT NULL,                       -- JSON list: name, value …
    icon    TEXT NOT NULL,
    link    TEXT NOT NULL,                       -- local path
    secure  INTEGER NOT NULL CHECK (secure IN (0, 1)),  -- about the safety of the account
    read_at TEXT                                 -- UTC; NULL: new
) STRICT;
CREATE INDEX notify_notes_by_person ON notify_notes (person, number);
CREATE INDEX notify_notes_by_new ON notify_notes (person, number) WHERE read_at IS NULL;
CREATE INDEX notify_notes_by_time ON notify_notes (at);
