-- What people chose to hear of. A row of nobody ('') is the organisation's own choice, which it may lock.
CREATE TABLE notify_choices (
    person    TEXT NOT NULL,
    kind      TEXT NOT NULL CHECK (kind <> ''),
    channel   TEXT NOT NULL CHECK (channel IN ('bell', 'mail')),
    is_on     INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    is_locked INTEGER NOT NULL DEFAULT 0 CHECK (is_locked IN (0, 1)),
    PRIMARY KEY (person, kind, channel)
) STRICT, WITHOUT ROWID;

-- Things that somebody wants to hear nothing more about.
CREATE TABLE notify_mutes (
    person TEXT NOT NULL CHECK (person <> ''),
    object TEXT NOT NULL CHECK (object <> ''),  -- "contacts.company:0190…"
    title  TEXT NOT NULL,                       -- the note's text when it was muted
    at     TEXT NOT NULL,                       -- UTC
    PRIMARY KEY (person, object)
) STRICT, WITHOUT ROWID;

-- Hours in which nothing rings.
CREATE TABLE notify_quiet (
    person TEXT PRIMARY KEY CHECK (person <> ''),
    begins TEXT NOT NULL,  -- HH:MM
    ends   TEXT NOT NULL,
    zone   TEXT NOT NULL   -- IANA name of the clock that is meant
) STRICT, WITHOUT ROWID;

ALTER TABLE notify_notes ADD COLUMN object TEXT NOT NULL DEFAULT '';
ALTER TABLE notify_notes ADD COLUMN is_shown INTEGER NOT NULL DEFAULT 1;  -- 0: it went out by mail alone
ALTER TABLE notify_notes ADD COLUMN mail TEXT NOT NULL DEFAULT '';        -- queued, skipped (there is no mail here), or not wanted
CREATE INDEX notify_notes_by_skipped ON notify_notes (at) WHERE mail = 'skipped';
