CREATE TABLE contacts_people (
    id           TEXT PRIMARY KEY,
    version      INTEGER NOT NULL,
    company      TEXT NOT NULL REFERENCES contacts_companies (id),
    first_name   TEXT NOT NULL CHECK (first_name <> ''),
    last_name    TEXT NOT NULL CHECK (last_name <> ''),
    job_role     TEXT NOT NULL,
    email        TEXT NOT NULL,
    phone        TEXT NOT NULL,      -- as typed; its digits are in search_key
    billing      INTEGER NOT NULL CHECK (billing IN (0, 1)),
    technical    INTEGER NOT NULL CHECK (technical IN (0, 1)),
    title_key    TEXT NOT NULL,
    search_key   TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    created_by   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    updated_by   TEXT NOT NULL,
    deleted_at   TEXT,
    deleted_with TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX contacts_people_by_title ON contacts_people (title_key, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_people_by_company ON contacts_people (company, title_key, id);
CREATE UNIQUE INDEX contacts_people_by_billing ON contacts_people (company) WHERE billing = 1 AND deleted_at IS NULL;
CREATE INDEX contacts_people_by_email ON contacts_people (email COLLATE NOCASE, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_people_by_role ON contacts_people (job_role COLLATE NOCASE, id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_people_by_removal ON contacts_people (deleted_at, id) WHERE deleted_at IS NOT NULL;

CREATE TABLE contacts_job_roles (
    name  TEXT PRIMARY KEY CHECK (name <> ''),
    place INTEGER NOT NULL
) STRICT;
INSERT INTO contacts_job_roles (name, place) VALUES
    ('Chief executive', 1), ('Finance', 2), ('Accounting', 3), ('Purchasing', 4), ('Sales', 5), ('Marketing', 6),
    ('Operations', 7), ('Plant engineer', 8), ('IT', 9), ('Human resources', 10), ('Legal', 11), ('Assistant', 12);
