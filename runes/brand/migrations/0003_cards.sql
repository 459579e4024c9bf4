CREATE TABLE brand_cards (
    member     TEXT PRIMARY KEY,
    token      TEXT NOT NULL UNIQUE,                          -- of the public page, for life: printed codes lead there
    is_on      INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    fields     TEXT NOT NULL CHECK (json_valid(fields)),      -- field → value
    shown      TEXT NOT NULL CHECK (json_valid(shown)),       -- field → whether others see it
    changed_at TEXT NOT NULL                                  -- UTC
) STRICT;

-- What holds for every card; one row at most.
CREATE TABLE brand_card_template (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    needed TEXT NOT NULL CHECK (json_valid(needed))           -- fields that every card shows
) STRICT;
