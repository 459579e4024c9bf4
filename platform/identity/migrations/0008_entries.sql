-- Entries of the sidebar that somebody does not want to see, or need not. It tidies up; rights are another matter.
CREATE TABLE identity_hidden_entries (
    member_id TEXT NOT NULL REFERENCES identity_members (id) ON DELETE CASCADE,
    entry     TEXT NOT NULL,                      -- rune and entry: contacts.companies
    PRIMARY KEY (member_id, entry)
) STRICT, WITHOUT ROWID;
