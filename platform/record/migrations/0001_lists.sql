CREATE TABLE record_lists (
    member_id TEXT NOT NULL,
    kind      TEXT NOT NULL,  -- contacts.company
    columns   TEXT NOT NULL,  -- names, separated by commas
    PRIMARY KEY (member_id, kind)
) STRICT, WITHOUT ROWID;
