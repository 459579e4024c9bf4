-- What an invitation says, where somebody wrote it anew; without a row it is the text of the words files.
CREATE TABLE team_letters (
    lang       TEXT PRIMARY KEY,
    subject    TEXT NOT NULL,
    body       TEXT NOT NULL,
    changed_at TEXT NOT NULL,                     -- UTC
    changed_by TEXT NOT NULL                      -- member id
) STRICT, WITHOUT ROWID;
