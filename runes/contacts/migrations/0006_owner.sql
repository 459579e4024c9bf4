-- Whose a company is, and what people added fields for.
ALTER TABLE contacts_companies ADD COLUMN owner TEXT NOT NULL DEFAULT '';     -- a member; empty: nobody
ALTER TABLE contacts_companies ADD COLUMN custom TEXT NOT NULL DEFAULT '{}';  -- JSON, see record_fields
ALTER TABLE contacts_people ADD COLUMN custom TEXT NOT NULL DEFAULT '{}';
UPDATE contacts_companies SET owner = created_by;
CREATE INDEX contacts_companies_by_owner ON contacts_companies (owner, title_key, id) WHERE deleted_at IS NULL;
