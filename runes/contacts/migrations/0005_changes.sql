-- Home shows the companies that changed last.
CREATE INDEX contacts_companies_by_change ON contacts_companies (updated_at, id) WHERE deleted_at IS NULL;
