-- The last result of each sort of check.
CREATE TABLE isolation_results (
    kind   TEXT PRIMARY KEY CHECK (kind IN ('test', 'integrity')),
    at     TEXT NOT NULL,                         -- UTC, when it ended
    took   INTEGER NOT NULL,                      -- milliseconds
    checks TEXT NOT NULL                          -- JSON list
) STRICT;
