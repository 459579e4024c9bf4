-- What an asset showed before it got another picture.
CREATE TABLE brand_asset_versions (
    id          TEXT PRIMARY KEY,
    asset       TEXT NOT NULL REFERENCES brand_assets (id),
    content     TEXT NOT NULL,       -- of the blob room, as in brand_assets
    preview     TEXT NOT NULL,
    format      TEXT NOT NULL,
    width       INTEGER NOT NULL,
    height      INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    replaced_at TEXT NOT NULL,       -- UTC
    replaced_by TEXT NOT NULL        -- a member; empty: the house
) STRICT;
CREATE INDEX brand_asset_versions_by_asset ON brand_asset_versions (asset, id);

-- The copy of an asset in the file archive, as it was made.
CREATE TABLE brand_asset_copies (
    asset   TEXT PRIMARY KEY,
    file    TEXT NOT NULL,           -- id in the file archive
    content TEXT NOT NULL,           -- of the asset when the copy was made
    title   TEXT NOT NULL
) STRICT;
