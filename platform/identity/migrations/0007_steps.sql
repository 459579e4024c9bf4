-- Somebody whose password was right and who has yet to prove a second factor. It opens nothing by itself.
CREATE TABLE identity_steps (
    token_hash BLOB PRIMARY KEY,                  -- SHA-256 of 256 random bits
    member_id  TEXT NOT NULL REFERENCES identity_members (id) ON DELETE CASCADE,
    credential INTEGER NOT NULL,                  -- of the account, when the password was proven
    kept       INTEGER NOT NULL CHECK (kept IN (0, 1)),
    enrol      INTEGER NOT NULL CHECK (enrol IN (0, 1)),  -- there is no factor yet, and one is required
    work       BLOB NOT NULL DEFAULT x'',         -- sealed: what is half done, a secret not confirmed or a ceremony
    ends_at    TEXT NOT NULL                      -- UTC
) STRICT, WITHOUT ROWID;

-- Browsers that need no second factor for a while.
CREATE TABLE identity_remembered (
    device_hash BLOB NOT NULL,                    -- SHA-256 of the browser's device cookie
    member_id   TEXT NOT NULL REFERENCES identity_members (id) ON DELETE CASCADE,
    ends_at     TEXT NOT NULL,                    -- UTC
    PRIMARY KEY (device_hash, member_id)
) STRICT, WITHOUT ROWID;

-- Who must have a second factor: the organisation (an empty role) and single roles. The strictest rule of a person holds.
CREATE TABLE identity_factor_rules (
    role          TEXT PRIMARY KEY,
    mode          TEXT NOT NULL CHECK (mode IN ('off', 'optional', 'required')),
    grace_days    INTEGER NOT NULL CHECK (grace_days BETWEEN 0 AND 90),
    remember_days INTEGER NOT NULL CHECK (remember_days BETWEEN 0 AND 90),
    passkey_only  INTEGER NOT NULL CHECK (passkey_only IN (0, 1)),
    made_at       TEXT NOT NULL                   -- UTC: when it became required
) STRICT, WITHOUT ROWID;
