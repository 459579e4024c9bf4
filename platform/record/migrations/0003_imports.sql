CREATE TABLE record_imports (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,      -- contacts.company
    member_id  TEXT NOT NULL,      -- who imports
    member     TEXT NOT NULL,      -- the name at that time
    file       TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('reading', 'mapping', 'checking', 'checked', 'running', 'done', 'undoing', 'undone')),
    heads      TEXT NOT NULL,      -- JSON: the names of the columns
    samples    TEXT NOT NULL,      -- JSON: three values of each
    mapping    TEXT NOT NULL,      -- JSON: the field of each column, '' for none
    named      INTEGER NOT NULL,   -- 1: the first row holds the names of the columns
    makes      INTEGER NOT NULL,   -- 1: records that a row points at are made when they are missing
    first      INTEGER NOT NULL,   -- number of the first row
    total      INTEGER NOT NULL,   -- rows of data
    progress   INTEGER NOT NULL,   -- rows that the present step has behind it
    reason     TEXT NOT NULL,      -- why it stopped: a words key; empty: it did not
    made_at    TEXT NOT NULL,      -- UTC, as all times
    touched_at TEXT NOT NULL,
    begun_at   TEXT,               -- of the run
    ended_at   TEXT
) STRICT;
CREATE INDEX record_imports_by_kind ON record_imports (kind, made_at);

-- One row of a file: what it would do, and what became of it. Undo needs it for 30 days.
CREATE TABLE record_import_rows (
    import_id TEXT NOT NULL REFERENCES record_imports (id) ON DELETE CASCADE,
    number    INTEGER NOT NULL,    -- as a spreadsheet counts
    cells     TEXT NOT NULL,       -- JSON
    deed      TEXT NOT NULL DEFAULT '',  -- create, update, unchanged, error; empty: not looked at
    fate      TEXT NOT NULL DEFAULT '',  -- did, undone, kept; empty: nothing happened yet
    step      TEXT NOT NULL DEFAULT '',  -- JSON of a record.Step
    PRIMARY KEY (import_id, number)
) STRICT;
CREATE INDEX record_import_rows_by_deed ON record_import_rows (import_id, deed, fate, number);
