-- Events wait here from the transaction that emits them until they are delivered.
CREATE TABLE store_outbox (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT NOT NULL,
    topic         TEXT NOT NULL CHECK (topic <> ''),
    payload       TEXT NOT NULL,  -- JSON
    actor_id      TEXT NOT NULL,
    actor_name    TEXT NOT NULL,
    actor_address TEXT NOT NULL,
    emitted_at    TEXT NOT NULL,  -- UTC
    posted        INTEGER NOT NULL CHECK (posted IN (0, 1))  -- 1: its deliveries are noted
) STRICT;
CREATE INDEX store_outbox_by_unposted ON store_outbox (number) WHERE posted = 0;
