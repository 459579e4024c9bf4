CREATE TABLE entitlement_runes (
    rune       TEXT PRIMARY KEY CHECK (rune <> ''),
    is_active  INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    changed_at TEXT NOT NULL  -- UTC; since when it is so
) STRICT;
