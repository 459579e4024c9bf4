CREATE TABLE contacts_messages (
    id           TEXT PRIMARY KEY,
    version      INTEGER NOT NULL,
    name         TEXT NOT NULL CHECK (name <> ''),
    subject      TEXT NOT NULL CHECK (subject <> ''),
    text         TEXT NOT NULL,      -- with [[ tokens ]]
    title_key    TEXT NOT NULL,
    search_key   TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    created_by   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    updated_by   TEXT NOT NULL,
    deleted_at   TEXT,
    deleted_with TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX contacts_messages_by_title ON contacts_messages (title_key, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_messages_by_removal ON contacts_messages (deleted_at, id) WHERE deleted_at IS NOT NULL;
