-- Contact cards as programs sent them: what they say beyond our fields is kept for them.
CREATE TABLE contacts_cards (
    person  TEXT PRIMARY KEY REFERENCES contacts_people (id) ON DELETE CASCADE,
    name    TEXT NOT NULL UNIQUE,   -- of the resource in an address book
    uid     TEXT NOT NULL,
    body    TEXT NOT NULL,
    version INTEGER NOT NULL,       -- of the person that the card describes
    rev     INTEGER NOT NULL        -- goes up with every card sent
) STRICT;
CREATE INDEX contacts_cards_by_uid ON contacts_cards (uid);

-- The company that holds people without one.
CREATE TABLE contacts_unattached (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    company TEXT NOT NULL REFERENCES contacts_companies (id) ON DELETE CASCADE
) STRICT;

-- What a member's programs saw last in each of the address books. Comparing with what the member may see now tells what
-- came, changed and went, whatever the reason: an edit, a list, a filter, a right.
CREATE TABLE contacts_books (
    member TEXT NOT NULL,
    book   TEXT NOT NULL,           -- a list, or "all"
    epoch  TEXT NOT NULL,           -- tells tokens of an older state, which was forgotten, apart
    seq    INTEGER NOT NULL,
    seen   TEXT NOT NULL,           -- UTC; a book nobody asks for is forgotten
    PRIMARY KEY (member, book)
) STRICT, WITHOUT ROWID;
CREATE TABLE contacts_book_cards (
    member TEXT NOT NULL,
    book   TEXT NOT NULL,
    person TEXT NOT NULL,
    name   TEXT NOT NULL,
    etag   TEXT NOT NULL,           -- empty: gone
    seq    INTEGER NOT NULL,
    PRIMARY KEY (member, book, person),
    FOREIGN KEY (member, book) REFERENCES contacts_books (member, book) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_book_cards_by_seq ON contacts_book_cards (member, book, seq);
