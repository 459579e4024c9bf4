-- A session gets a new token after every change of what its person may do. The next one waits until the browser shows it; the one
-- before then opens for a moment more, for what was under way.
ALTER TABLE identity_sessions ADD COLUMN standing BLOB NOT NULL DEFAULT x'';       -- SHA-256 of what the person could do when token_hash was given
ALTER TABLE identity_sessions ADD COLUMN next_hash BLOB NOT NULL DEFAULT x'';      -- SHA-256; empty: none waits
ALTER TABLE identity_sessions ADD COLUMN next_standing BLOB NOT NULL DEFAULT x'';
ALTER TABLE identity_sessions ADD COLUMN old_hash BLOB NOT NULL DEFAULT x'';       -- SHA-256 of the token before
ALTER TABLE identity_sessions ADD COLUMN old_ends_at TEXT NOT NULL DEFAULT '';     -- UTC
CREATE UNIQUE INDEX identity_sessions_by_next ON identity_sessions (next_hash) WHERE next_hash <> x'';
CREATE INDEX identity_sessions_by_old ON identity_sessions (old_hash) WHERE old_hash <> x'';
