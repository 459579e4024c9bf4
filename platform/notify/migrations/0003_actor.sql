ALTER TABLE notify_notes ADD COLUMN actor_id TEXT NOT NULL DEFAULT '';  -- member id of who did it, for the picture; empty: the house, or older than this column
