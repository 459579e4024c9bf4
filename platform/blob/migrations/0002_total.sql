-- How many bytes the contents in use have together, each counted once, so that a limit costs one row to look at.
CREATE TABLE blob_total (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    bytes INTEGER NOT NULL
) STRICT;
INSERT INTO blob_total (one, bytes) SELECT 1, coalesce(sum(size), 0) FROM blob_contents WHERE uses > 0;
CREATE TRIGGER blob_contents_come AFTER INSERT ON blob_contents WHEN new.uses > 0
    BEGIN UPDATE blob_total SET bytes = bytes + new.size WHERE one = 1; END;
CREATE TRIGGER blob_contents_turn AFTER UPDATE OF uses ON blob_contents WHEN (new.uses > 0) <> (old.uses > 0)
    BEGIN UPDATE blob_total SET bytes = bytes + CASE WHEN new.uses > 0 THEN new.size ELSE -new.size END WHERE one = 1; END;
CREATE TRIGGER blob_contents_go AFTER DELETE ON blob_contents WHEN old.uses > 0
    BEGIN UPDATE blob_total SET bytes = bytes - old.size WHERE one = 1; END;
