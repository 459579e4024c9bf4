CREATE TABLE secret_keys (
    master  TEXT PRIMARY KEY,  -- fingerprint of the master key that wraps it
    wrapped BLOB NOT NULL,     -- the data key: always the same, once per master key
    made_at TEXT NOT NULL      -- UTC
) STRICT;
