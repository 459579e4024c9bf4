-- People without a company have one company per member who sees only a part of the companies; '' is everybody else's.
CREATE TABLE contacts_unattached_of (
    member  TEXT PRIMARY KEY,
    company TEXT NOT NULL REFERENCES contacts_companies (id) ON DELETE CASCADE
) STRICT;
INSERT INTO contacts_unattached_of (member, company) SELECT '', company FROM contacts_unattached;
DROP TABLE contacts_unattached;
CREATE INDEX contacts_unattached_of_by_company ON contacts_unattached_of (company);
