-- The directories are searched in their own order without reading a row that does not fit.
DROP INDEX contacts_companies_by_title;
CREATE INDEX contacts_companies_by_title ON contacts_companies (title_key, id, search_key) WHERE deleted_at IS NULL;
DROP INDEX contacts_people_by_title;
CREATE INDEX contacts_people_by_title ON contacts_people (title_key, id, search_key) WHERE deleted_at IS NULL;
