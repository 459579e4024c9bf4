-- One row for each listener that is still to hear an event; it goes, together with what the listener writes.
CREATE TABLE event_deliveries (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    event    INTEGER NOT NULL,           -- store_outbox.number
    listener TEXT NOT NULL,
    state    TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at   TEXT NOT NULL,              -- UTC; of a dead one: when it was given up
    error    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX event_deliveries_by_due ON event_deliveries (state, due_at);
CREATE INDEX event_deliveries_by_event ON event_deliveries (event);
