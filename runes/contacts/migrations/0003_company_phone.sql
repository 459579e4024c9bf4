ALTER TABLE contacts_companies ADD COLUMN phone TEXT NOT NULL DEFAULT '';  -- as typed; its digits are in search_key
