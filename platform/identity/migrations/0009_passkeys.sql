-- What passkeys are asked travels sealed through the page; here is which of it was answered, so that nothing opens twice.
CREATE TABLE identity_ceremonies (
    key_hash BLOB PRIMARY KEY,                    -- SHA-256
    ends_at  TEXT NOT NULL                        -- UTC: afterwards it is too old anyway
) STRICT, WITHOUT ROWID;

ALTER TABLE identity_steps DROP COLUMN work;
ALTER TABLE identity_steps ADD COLUMN proven INTEGER NOT NULL DEFAULT 0 CHECK (proven IN (0, 1));  -- a factor was proven or set up in this very sign-in
