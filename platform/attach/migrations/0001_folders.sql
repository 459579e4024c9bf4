CREATE TABLE attach_folders (
    folder TEXT PRIMARY KEY,      -- ref of the file archive
    kind   TEXT NOT NULL,         -- of the record: contacts.company
    record TEXT NOT NULL
) STRICT;
CREATE INDEX attach_folders_by_record ON attach_folders (kind, record, folder);
