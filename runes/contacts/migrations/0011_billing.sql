-- Somebody may come back from the bin who got the invoices before: the code decides who gets them now.
DROP INDEX contacts_people_by_billing;
CREATE INDEX contacts_people_by_billing ON contacts_people (company) WHERE billing = 1 AND deleted_at IS NULL;
