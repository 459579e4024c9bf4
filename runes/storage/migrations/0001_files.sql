-- Everything that lies in the drive. A node without a parent is either the top of a space (storage_spaces names it) or
-- lies in the trash (storage_trash names it); neither can be reached by walking down from somebody's drive.
CREATE TABLE storage_nodes (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,  -- clients keep this number for life: it is never used again
    parent     INTEGER REFERENCES storage_nodes (id),
    name       TEXT NOT NULL CHECK (name <> ''),   -- NFC, compared byte by byte
    kind       TEXT NOT NULL CHECK (kind IN ('folder', 'file')),
    size       INTEGER NOT NULL DEFAULT 0,         -- bytes; of a folder: all that lies below it
    mtime      INTEGER NOT NULL,                   -- unix seconds, as clients send and read it
    etag       TEXT NOT NULL,                      -- new with every change of the node or of anything below it
    content    TEXT NOT NULL DEFAULT '',           -- name of the content in the blob room; '' for folders
    checksum   TEXT NOT NULL DEFAULT '',           -- as the client sent it and we verified it: SHA1:…
    created    INTEGER NOT NULL DEFAULT 0,         -- unix seconds on the client's disk; 0 = never told
    stored_at  TEXT NOT NULL,                      -- UTC: when this content (or this folder) came here
    stored_by  TEXT NOT NULL DEFAULT ''            -- member
) STRICT;
CREATE UNIQUE INDEX storage_nodes_by_place ON storage_nodes (parent, name);
CREATE INDEX storage_nodes_by_stored ON storage_nodes (stored_at) WHERE kind = 'file';

-- A tree of its own with its own quota: a person's home, a team folder, the system folder.
CREATE TABLE storage_spaces (
    node  INTEGER PRIMARY KEY REFERENCES storage_nodes (id),
    kind  TEXT NOT NULL CHECK (kind IN ('home', 'team', 'system')),
    owner TEXT UNIQUE,                             -- member whose home it is; NULL for the others
    quota INTEGER,                                 -- bytes; NULL = the tenant's default, -1 = none
    kept  INTEGER NOT NULL DEFAULT 0,              -- bytes in the trash and in older versions: they count as well
    CHECK ((kind = 'home') = (owner IS NOT NULL))
) STRICT;

-- What holds for the whole tenant; always one row.
CREATE TABLE storage_settings (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    default_quota INTEGER NOT NULL                 -- bytes of a space without its own quota, -1 = none
) STRICT;
INSERT INTO storage_settings (id, default_quota) VALUES (1, -1);

-- Where a folder of another tree shows up at the top of people's drives.
CREATE TABLE storage_mounts (
    id      INTEGER PRIMARY KEY,
    node    INTEGER NOT NULL REFERENCES storage_nodes (id),
    name    TEXT NOT NULL CHECK (name <> ''),
    who     TEXT NOT NULL CHECK (who IN ('everyone', 'member', 'permission')),
    whom    TEXT NOT NULL DEFAULT '',              -- the member, or the permission's key
    rights  TEXT NOT NULL,                         -- letters out of RGDNVWCK for what lies inside
    shared  INTEGER NOT NULL DEFAULT 0,            -- 1: a person's folder shown to another (letter S); 0: a tree of its own (M)
    made_at TEXT NOT NULL,
    UNIQUE (node, who, whom)
) STRICT;
CREATE INDEX storage_mounts_by_name ON storage_mounts (name);

-- A property that a WebDAV client stored and only gives a meaning to itself.
CREATE TABLE storage_props (
    node  INTEGER NOT NULL REFERENCES storage_nodes (id) ON DELETE CASCADE,
    space TEXT NOT NULL,                           -- XML namespace
    name  TEXT NOT NULL,
    value TEXT NOT NULL,                           -- the element as it came, complete
    PRIMARY KEY (node, space, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE storage_favourites (
    member TEXT NOT NULL,
    node   INTEGER NOT NULL REFERENCES storage_nodes (id) ON DELETE CASCADE,
    PRIMARY KEY (member, node)
) STRICT, WITHOUT ROWID;
CREATE INDEX storage_favourites_by_node ON storage_favourites (node);
