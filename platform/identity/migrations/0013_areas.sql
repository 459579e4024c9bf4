-- Who manages people of some roles alone. Without a line, a grant of manage_users reaches everybody.
CREATE TABLE identity_areas (
    holder TEXT PRIMARY KEY,                      -- 'role:' or 'member:' and the id of whom manage_users is granted to
    roles  TEXT NOT NULL                          -- JSON list of role ids; one that is no more reaches nobody
) STRICT, WITHOUT ROWID;
