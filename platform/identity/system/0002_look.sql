ALTER TABLE identity_accounts ADD COLUMN density TEXT NOT NULL DEFAULT 'comfortable' CHECK (density IN ('comfortable', 'compact'));
ALTER TABLE identity_accounts ADD COLUMN letters INTEGER NOT NULL DEFAULT 1 CHECK (letters IN (0, 1)); -- single letters are shortcuts
