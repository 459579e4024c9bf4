-- Guesses at one account by all doors and from everywhere, and when it was last told; 'tenant' is the whole organisation.
CREATE TABLE identity_alarms (
    about    TEXT PRIMARY KEY,                    -- never what a person typed: a hash of it
    failures INTEGER NOT NULL,
    since    TEXT NOT NULL,                       -- UTC, as is the next: start of the hour
    told_at  TEXT
) STRICT, WITHOUT ROWID;
