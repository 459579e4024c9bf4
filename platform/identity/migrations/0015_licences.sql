-- Runes that charge by the seat and whose seats somebody gives by hand. Without a line, whoever holds a permission has a seat.
CREATE TABLE identity_licence_rules (
    rune    TEXT PRIMARY KEY,
    made_at TEXT NOT NULL                         -- UTC
) STRICT, WITHOUT ROWID;

CREATE TABLE identity_licences (
    member_id TEXT NOT NULL REFERENCES identity_members (id) ON DELETE CASCADE,
    rune      TEXT NOT NULL,
    made_at   TEXT NOT NULL,                      -- UTC
    PRIMARY KEY (member_id, rune)
) STRICT, WITHOUT ROWID;
