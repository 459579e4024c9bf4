CREATE TABLE audit_lines (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,  -- without gaps; SQLite remembers the last one, so a cut tail shows
    at       TEXT NOT NULL,  -- UTC
    actor_id TEXT NOT NULL,  -- empty: the house itself
    actor    TEXT NOT NULL,
    address  TEXT NOT NULL,
    action   TEXT NOT NULL CHECK (action <> ''),
    object   TEXT NOT NULL,
    title    TEXT NOT NULL,
    before   TEXT NOT NULL,  -- JSON object
    after    TEXT NOT NULL,  -- JSON object
    hash     TEXT NOT NULL   -- SHA-256 over the hash of the line before and everything here, hex
) STRICT;
CREATE TRIGGER audit_lines_stay BEFORE DELETE ON audit_lines BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_lines_stand BEFORE UPDATE ON audit_lines BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
