-- Failed attempts, counted before they are tried and taken back when they succeed.
CREATE TABLE identity_throttle (
    door     TEXT NOT NULL,                       -- what is guessed at: password, app_password
    kind     TEXT NOT NULL CHECK (kind IN ('pair', 'device', 'address', 'tenant')),
    key      TEXT NOT NULL,                       -- never what a person typed: a hash of it
    failures INTEGER NOT NULL,
    since    TEXT NOT NULL,                       -- UTC, start of the window
    last_at  TEXT NOT NULL,                       -- UTC
    PRIMARY KEY (door, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_throttle_by_time ON identity_throttle (last_at);
