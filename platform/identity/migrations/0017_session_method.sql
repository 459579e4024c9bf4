-- How somebody proved who they are: password, second (and a second factor), passkey, link, handover; empty: nobody noted it.
ALTER TABLE identity_sessions ADD COLUMN method TEXT NOT NULL DEFAULT '' CHECK (method IN ('', 'password', 'second', 'passkey', 'link', 'handover'));
