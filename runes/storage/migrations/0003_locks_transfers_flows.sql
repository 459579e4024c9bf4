-- WebDAV locks.
CREATE TABLE storage_locks (
    token   TEXT PRIMARY KEY,                      -- opaquelocktoken:…
    node    INTEGER NOT NULL REFERENCES storage_nodes (id) ON DELETE CASCADE,
    member  TEXT NOT NULL,
    deep    INTEGER NOT NULL,                      -- 1: everything below as well (Depth: infinity)
    shared  INTEGER NOT NULL,
    owner   TEXT NOT NULL DEFAULT '',              -- the XML the client gave as its name
    seconds INTEGER NOT NULL,
    ends_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX storage_locks_by_node ON storage_locks (node);
CREATE INDEX storage_locks_by_member ON storage_locks (member, ends_at);

-- Uploads that arrive in pieces; the pieces lie in the blob room under the id.
CREATE TABLE storage_transfers (
    id      TEXT PRIMARY KEY,
    member  TEXT NOT NULL,
    name    TEXT NOT NULL,                         -- chosen by the client
    total   INTEGER NOT NULL DEFAULT -1,           -- promised length; -1 = not told
    made_at TEXT NOT NULL,
    used_at TEXT NOT NULL,
    UNIQUE (member, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX storage_transfers_by_age ON storage_transfers (used_at);

-- Clients that wait for a person to let them in (Login Flow v2). Only hashes of the two secrets are kept.
CREATE TABLE storage_flows (
    poll    TEXT PRIMARY KEY,
    page    TEXT NOT NULL UNIQUE,
    client  TEXT NOT NULL,                         -- the program, as it names itself
    server  TEXT NOT NULL,                         -- the address it came by
    member  TEXT NOT NULL DEFAULT '',              -- who let it in
    made_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX storage_flows_by_age ON storage_flows (made_at);
