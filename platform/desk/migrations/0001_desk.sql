-- What people put within reach: records and pages with a star.
CREATE TABLE desk_favourites (
    member_id TEXT NOT NULL,
    href      TEXT NOT NULL,                      -- local path
    kind      TEXT NOT NULL DEFAULT '',           -- of a record; its title and whether it is shown come from its owner
    ref       TEXT NOT NULL DEFAULT '',
    title     TEXT NOT NULL,                      -- as it read when it got its star
    place     INTEGER NOT NULL,
    PRIMARY KEY (member_id, href)
) STRICT, WITHOUT ROWID;

-- What people chose in the palette.
CREATE TABLE desk_recents (
    member_id TEXT NOT NULL,
    command   TEXT NOT NULL,                      -- "page/contacts", "record:file:17"
    used_at   TEXT NOT NULL,                      -- UTC
    PRIMARY KEY (member_id, command)
) STRICT, WITHOUT ROWID;

-- How people and, with an empty member_id, the organisation want things.
CREATE TABLE desk_choices (
    member_id TEXT NOT NULL,
    name      TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (member_id, name)
) STRICT, WITHOUT ROWID;
