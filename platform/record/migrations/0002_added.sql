-- Fields that people added to a noun. Their values stand in its own table, in the column custom.
CREATE TABLE record_fields (
    kind       TEXT NOT NULL,   -- contacts.company
    name       TEXT NOT NULL,   -- x_customer_number: key in custom, in the API and in files; never given to another field
    label      TEXT NOT NULL CHECK (label <> ''),
    sort       TEXT NOT NULL,   -- text, long, number, date, choice, bool, email, phone, url, money
    section    TEXT NOT NULL,
    place      INTEGER NOT NULL,
    help       TEXT NOT NULL,
    need       INTEGER NOT NULL CHECK (need IN (0, 1)),
    listed     INTEGER NOT NULL CHECK (listed IN (0, 1)),   -- a usual column of the list
    filters    INTEGER NOT NULL CHECK (filters IN (0, 1)),
    searched   INTEGER NOT NULL CHECK (searched IN (0, 1)),
    choices    TEXT NOT NULL,   -- a JSON list
    currency   TEXT NOT NULL,   -- of money written without one
    editors    INTEGER NOT NULL CHECK (editors IN (0, 1)),  -- only whoever may change the record sees it
    roles      TEXT NOT NULL,   -- a JSON list of role ids: only they see it; empty: whoever sees the record
    version    INTEGER NOT NULL,
    removed_at TEXT,            -- its values are kept for 30 days
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

-- Who is limited to a part of the records. A member's own line decides, else the widest of the member's roles.
CREATE TABLE record_reaches (
    kind   TEXT NOT NULL,
    holder TEXT NOT NULL,       -- role:employee, member:0190…
    reach  TEXT NOT NULL CHECK (reach IN ('all', 'own', 'lists')),
    lists  TEXT NOT NULL,       -- a JSON list of ids, for the reach lists
    PRIMARY KEY (kind, holder)
) STRICT, WITHOUT ROWID;

-- Two records that were made one; for 30 days they can be two again.
CREATE TABLE record_merges (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    kept       TEXT NOT NULL,
    gone       TEXT NOT NULL,
    gone_title TEXT NOT NULL,
    before     TEXT NOT NULL,   -- JSON: the fields of the kept one that the merge changed, as they were
    after      TEXT NOT NULL,   -- and as it left them
    moved      TEXT NOT NULL,   -- JSON: what belonged to the one that is gone, by the name of the rune's choice
    merged_at  TEXT NOT NULL,
    merged_by  TEXT NOT NULL
) STRICT;
CREATE INDEX record_merges_by_kept ON record_merges (kind, kept, merged_at);
CREATE INDEX record_merges_by_gone ON record_merges (kind, gone);

-- Pairs that look like one and are two.
CREATE TABLE record_apart (
    kind   TEXT NOT NULL,
    one    TEXT NOT NULL,       -- the smaller id
    other  TEXT NOT NULL,
    PRIMARY KEY (kind, one, other)
) STRICT, WITHOUT ROWID;
