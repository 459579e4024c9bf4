-- A picture belongs to the account, which is in system.db.
ALTER TABLE identity_members DROP COLUMN picture;
