-- Everything that can be found, as it is shown in a list of results. Rooms and runes write it; nobody else reads it.
CREATE TABLE search_docs (
    id         INTEGER PRIMARY KEY,        -- given anew with each change of the text, so that the newest come first
    kind       TEXT NOT NULL CHECK (kind <> ''),
    ref        TEXT NOT NULL CHECK (ref <> ''),  -- the record's own id
    title      TEXT NOT NULL,
    subtitle   TEXT NOT NULL DEFAULT '',
    body       TEXT NOT NULL DEFAULT '',   -- found by, never shown
    folded     TEXT NOT NULL,              -- the title as it is compared: small letters, no accents, single blanks
    icon       TEXT NOT NULL DEFAULT '',
    href       TEXT NOT NULL,              -- local path
    permission TEXT NOT NULL DEFAULT '',   -- empty: everybody signed in
    scope      TEXT NOT NULL DEFAULT '',   -- labels of whom it is for, between blanks; empty: everybody
    changed_at TEXT NOT NULL,              -- UTC
    UNIQUE (kind, ref)
) STRICT;
CREATE INDEX search_docs_by_title ON search_docs (kind, folded);

-- The words of the documents as tokens that Go makes (token.go): each begins with a sign for its kind and its place, so
-- that a search walks through nothing but its own kind, and what the person may not see is never read. The tokenizer
-- only cuts at blanks; the text itself stays in search_docs.
CREATE VIRTUAL TABLE search_words USING fts5 (
    tokens, content = '', contentless_delete = 1, detail = none, prefix = '2 3 4 5 6 7', tokenize = 'ascii'
);

-- Every word of the titles with the number of its uses, and its trigrams: what somebody may have meant to type.
CREATE TABLE search_vocabulary (
    id   INTEGER PRIMARY KEY,
    word TEXT NOT NULL UNIQUE,
    uses INTEGER NOT NULL
) STRICT;
CREATE VIRTUAL TABLE search_trigrams USING fts5 (
    word, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram'
);
