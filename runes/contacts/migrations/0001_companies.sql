CREATE TABLE contacts_companies (
    id           TEXT PRIMARY KEY,
    version      INTEGER NOT NULL,
    legal_name   TEXT NOT NULL CHECK (legal_name <> ''),
    vat_id       TEXT NOT NULL,
    website      TEXT NOT NULL,
    address      TEXT NOT NULL,
    postal_code  TEXT NOT NULL,
    city         TEXT NOT NULL,
    country      TEXT NOT NULL,      -- ISO 3166-1, two letters
    name_key     TEXT NOT NULL,      -- the name without legal form, case and accents: finds duplicates
    domain       TEXT NOT NULL,      -- of the website
    vat_key      TEXT NOT NULL,      -- letters and digits of the VAT id
    title_key    TEXT NOT NULL,      -- sorts
    search_key   TEXT NOT NULL,      -- is searched
    created_at   TEXT NOT NULL,      -- UTC
    created_by   TEXT NOT NULL,      -- a member; empty: the house
    updated_at   TEXT NOT NULL,
    updated_by   TEXT NOT NULL,
    deleted_at   TEXT,               -- NULL: not in the bin
    deleted_with TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX contacts_companies_by_title ON contacts_companies (title_key, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_companies_by_city ON contacts_companies (city COLLATE NOCASE, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_companies_by_website ON contacts_companies (website COLLATE NOCASE, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_companies_by_country ON contacts_companies (country) WHERE deleted_at IS NULL;
CREATE INDEX contacts_companies_by_name ON contacts_companies (name_key) WHERE deleted_at IS NULL;
CREATE INDEX contacts_companies_by_domain ON contacts_companies (domain) WHERE deleted_at IS NULL;
CREATE INDEX contacts_companies_by_vat ON contacts_companies (vat_key) WHERE deleted_at IS NULL;
CREATE INDEX contacts_companies_by_removal ON contacts_companies (deleted_at, id) WHERE deleted_at IS NOT NULL;
