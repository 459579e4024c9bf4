-- Work to do, until it is done.
CREATE TABLE job_jobs (
    id            TEXT PRIMARY KEY,
    kind          TEXT NOT NULL CHECK (kind <> ''),
    payload       TEXT NOT NULL,  -- JSON
    state         TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'failed')),
    attempts      INTEGER NOT NULL DEFAULT 0,
    due_at        TEXT NOT NULL,  -- UTC; while it runs: when it is tried again should the program die; of a failed one: when it failed
    error         TEXT NOT NULL DEFAULT '',
    made_at       TEXT NOT NULL,  -- UTC
    actor_id      TEXT NOT NULL,
    actor_name    TEXT NOT NULL,
    actor_address TEXT NOT NULL
) STRICT;
CREATE INDEX job_jobs_by_due ON job_jobs (state, due_at);
CREATE INDEX job_jobs_by_kind ON job_jobs (kind, state);

-- What is known of each kind of work.
CREATE TABLE job_kinds (
    kind    TEXT PRIMARY KEY,
    period  INTEGER NOT NULL DEFAULT -1,  -- the last period that was queued
    next_at TEXT NOT NULL DEFAULT '',     -- UTC: when the next period begins; empty = not on a schedule
    last_at TEXT NOT NULL DEFAULT '',     -- UTC: when a run last ended; empty = never
    error   TEXT NOT NULL DEFAULT ''      -- of that run; empty = it went well
) STRICT;
