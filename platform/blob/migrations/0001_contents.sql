CREATE TABLE blob_contents (
    id      TEXT PRIMARY KEY CHECK (length(id) = 64),  -- SHA-256 of the content, hex
    size    INTEGER NOT NULL CHECK (size >= 0),
    uses    INTEGER NOT NULL CHECK (uses >= 0),
    data    BLOB,           -- up to 64 KiB; NULL: the content is a file
    made_at TEXT NOT NULL,  -- UTC
    idle_at TEXT,           -- UTC; since when nobody uses it
    CHECK ((data IS NULL) = (size > 65536)),
    CHECK ((idle_at IS NULL) = (uses > 0))
) STRICT;
CREATE INDEX blob_contents_by_idle ON blob_contents (idle_at) WHERE idle_at IS NOT NULL;
