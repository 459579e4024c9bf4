-- Certificates of host names. A name may have one that was uploaded and one from the authority.
CREATE TABLE cert_certs (
    host      TEXT NOT NULL,                      -- or *.DOMAIN
    source    TEXT NOT NULL CHECK (source IN ('upload', 'acme')),
    tenant_id TEXT NOT NULL,                      -- whose the name was then; empty: the appliance's
    chain     TEXT NOT NULL,                      -- PEM, the host's own in front
    key       BLOB NOT NULL,                      -- sealed
    made_at   TEXT NOT NULL,                      -- UTC
    PRIMARY KEY (host, source)
) STRICT, WITHOUT ROWID;

-- What the authority refused, and when it is asked again.
CREATE TABLE cert_tries (
    host     TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    tried_at TEXT NOT NULL,                       -- UTC
    next_at  TEXT NOT NULL,                       -- UTC
    problem  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Our key at each authority.
CREATE TABLE cert_accounts (
    directory TEXT NOT NULL PRIMARY KEY,
    key       BLOB NOT NULL,                      -- sealed
    made_at   TEXT NOT NULL                       -- UTC
) STRICT, WITHOUT ROWID;

-- Of which certificates people know that they end.
CREATE TABLE cert_told (
    fingerprint TEXT NOT NULL PRIMARY KEY,
    told_at     TEXT NOT NULL                     -- UTC
) STRICT, WITHOUT ROWID;
