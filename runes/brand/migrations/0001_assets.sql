CREATE TABLE brand_assets (
    id           TEXT PRIMARY KEY,
    version      INTEGER NOT NULL,
    title        TEXT NOT NULL CHECK (title <> ''),
    category     TEXT NOT NULL CHECK (category IN ('logo', 'photo', 'background', 'icon', 'illustration', 'other')),
    valid_until  TEXT NOT NULL,      -- YYYY-MM-DD, the last day it may be used; empty: for good
    tags         TEXT NOT NULL,      -- separated by commas
    licence      TEXT NOT NULL,
    content      TEXT NOT NULL CHECK (content <> ''),   -- of the blob room: the picture drawn anew
    preview      TEXT NOT NULL CHECK (preview <> ''),   -- of the blob room: the same, smaller
    format       TEXT NOT NULL CHECK (format IN ('image/png', 'image/jpeg', 'image/svg+xml')),
    width        INTEGER NOT NULL,
    height       INTEGER NOT NULL,
    size         INTEGER NOT NULL,   -- bytes of the content
    title_key    TEXT NOT NULL,      -- sorts
    search_key   TEXT NOT NULL,      -- is searched
    created_at   TEXT NOT NULL,      -- UTC
    created_by   TEXT NOT NULL,      -- a member; empty: the house
    updated_at   TEXT NOT NULL,
    updated_by   TEXT NOT NULL,
    deleted_at   TEXT,               -- NULL: not in the bin
    deleted_with TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX brand_assets_by_title ON brand_assets (title_key, id) WHERE deleted_at IS NULL;
CREATE INDEX brand_assets_by_age ON brand_assets (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX brand_assets_by_validity ON brand_assets (valid_until COLLATE NOCASE, id) WHERE deleted_at IS NULL;
CREATE INDEX brand_assets_by_category ON brand_assets (category) WHERE deleted_at IS NULL;
CREATE INDEX brand_assets_by_removal ON brand_assets (deleted_at, id) WHERE deleted_at IS NOT NULL;
