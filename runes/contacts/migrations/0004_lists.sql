CREATE TABLE contacts_lists (
    id           TEXT PRIMARY KEY,
    version      INTEGER NOT NULL,
    name         TEXT NOT NULL CHECK (name <> ''),
    holds        TEXT NOT NULL CHECK (holds IN ('companies', 'people')),
    filter       TEXT NOT NULL,      -- of a dynamic list: what its address says; empty: somebody chooses who is in it
    title_key    TEXT NOT NULL,
    search_key   TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    created_by   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    updated_by   TEXT NOT NULL,
    deleted_at   TEXT,
    deleted_with TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX contacts_lists_by_title ON contacts_lists (title_key, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_lists_by_removal ON contacts_lists (deleted_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE contacts_list_members (
    list   TEXT NOT NULL REFERENCES contacts_lists (id) ON DELETE CASCADE,
    record TEXT NOT NULL,
    PRIMARY KEY (list, record)
) STRICT, WITHOUT ROWID;
