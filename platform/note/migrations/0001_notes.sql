CREATE TABLE note_notes (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,      -- of the record: contacts.company
    record     TEXT NOT NULL,
    author     TEXT NOT NULL,      -- a member
    text       TEXT NOT NULL CHECK (text <> ''),  -- Markdown as it was typed
    pinned     INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
    made_at    TEXT NOT NULL,      -- UTC
    changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX note_notes_by_record ON note_notes (kind, record, pinned, made_at, id);
