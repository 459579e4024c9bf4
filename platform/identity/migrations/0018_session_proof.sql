-- When a passkey was last shown within the session: it stands for the password of people who have none.
ALTER TABLE identity_sessions ADD COLUMN proven_at TEXT NOT NULL DEFAULT '';
