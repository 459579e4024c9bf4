-- What people say of themselves. Their name stands in the column of before.
ALTER TABLE identity_members ADD COLUMN first_name TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_members ADD COLUMN last_name TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_members ADD COLUMN job_title TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_members ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_members ADD COLUMN street TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_members ADD COLUMN postal_code TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_members ADD COLUMN city TEXT NOT NULL DEFAULT '';
ALTER TABLE identity_members ADD COLUMN country TEXT NOT NULL DEFAULT '';     -- ISO 3166, two letters
ALTER TABLE identity_members ADD COLUMN picture TEXT NOT NULL DEFAULT '';     -- SHA-256 of the blob; empty: initials
