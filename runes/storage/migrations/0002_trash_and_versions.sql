-- What was deleted: the node keeps its number and all below it, and knows the way back.
CREATE TABLE storage_trash (
    node       INTEGER PRIMARY KEY REFERENCES storage_nodes (id) ON DELETE CASCADE,
    space      INTEGER NOT NULL REFERENCES storage_spaces (node),
    parent     INTEGER NOT NULL,                   -- folder it lay in; may itself be gone by now
    path       TEXT NOT NULL,                      -- where that was, below the top of the space, for people
    deleted_at TEXT NOT NULL,
    deleted_by TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX storage_trash_by_space ON storage_trash (space, deleted_at);
CREATE INDEX storage_trash_by_age ON storage_trash (deleted_at);

-- What a file held before it was replaced.
CREATE TABLE storage_versions (
    id        INTEGER PRIMARY KEY,
    node      INTEGER NOT NULL REFERENCES storage_nodes (id) ON DELETE CASCADE,
    content   TEXT NOT NULL,
    checksum  TEXT NOT NULL DEFAULT '',
    size      INTEGER NOT NULL,
    mtime     INTEGER NOT NULL,
    stored_at TEXT NOT NULL,                       -- when this content had come
    stored_by TEXT NOT NULL DEFAULT '',
    replaced_at TEXT NOT NULL                      -- when it became an older version
) STRICT;
CREATE INDEX storage_versions_by_node ON storage_versions (node, id);
