-- What the organisation is called and how it looks: one profile, the themes, what the world may see.
CREATE TABLE brand_profile (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    legal_name     TEXT NOT NULL CHECK (legal_name <> ''),
    slogan         TEXT NOT NULL,
    address        TEXT NOT NULL,
    postal_code    TEXT NOT NULL,
    city           TEXT NOT NULL,
    country        TEXT NOT NULL,      -- ISO 3166, or empty
    phone          TEXT NOT NULL,
    email          TEXT NOT NULL,
    website        TEXT NOT NULL,
    vat            TEXT NOT NULL,
    register_no    TEXT NOT NULL,
    account_holder TEXT NOT NULL,
    bank           TEXT NOT NULL,
    iban           TEXT NOT NULL,      -- without blanks
    bic            TEXT NOT NULL,
    version        INTEGER NOT NULL,
    changed_at     TEXT NOT NULL,      -- UTC
    changed_by     TEXT NOT NULL       -- the member's name at that time
) STRICT;

CREATE TABLE brand_themes (
    id         TEXT PRIMARY KEY,
    state      TEXT NOT NULL CHECK (state IN ('draft', 'published', 'past')),
    theme      TEXT NOT NULL CHECK (json_valid(theme)),
    pictures   TEXT NOT NULL CHECK (json_valid(pictures)), -- which → of the blob room, as they were when this was published
    changed_at TEXT NOT NULL,
    changed_by TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX brand_themes_by_state ON brand_themes (state) WHERE state <> 'past';
CREATE INDEX brand_themes_by_age ON brand_themes (changed_at, id);

CREATE TABLE brand_network (
    one           INTEGER PRIMARY KEY CHECK (one = 1),
    is_indexed    INTEGER NOT NULL CHECK (is_indexed IN (0, 1)),
    is_closed     INTEGER NOT NULL CHECK (is_closed IN (0, 1)), -- no public pages
    networks      TEXT NOT NULL                                  -- CIDR, one a line; empty: from everywhere
) STRICT;
