-- How people look. The picture belongs to the account and is the same in every organisation.
CREATE TABLE identity_pictures (
    account_id TEXT PRIMARY KEY REFERENCES identity_accounts (id) ON DELETE CASCADE,
    version    TEXT NOT NULL CHECK (version <> ''),  -- of the content: another picture has another one
    small      BLOB NOT NULL,                        -- squares of three sizes, JPEG
    middle     BLOB NOT NULL,
    large      BLOB NOT NULL,
    made_at    TEXT NOT NULL                         -- UTC
) STRICT;
