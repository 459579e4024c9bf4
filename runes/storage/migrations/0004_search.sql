-- How far the search index has read the drive. New files are known by their number and new contents by their time, so
-- that storing a file writes nothing here; the notes below are for what is rare.
CREATE TABLE storage_indexed (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    node      INTEGER NOT NULL,                    -- every node up to this number was read
    stored_at TEXT NOT NULL,                       -- every content that came until then was read,
    stored    INTEGER NOT NULL                     -- and of those that came at that moment, all up to this node
) STRICT;
INSERT INTO storage_indexed (id, node, stored_at, stored) VALUES (1, 0, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 0);

-- Nodes that have another name or place, or are gone, since the index read them.
CREATE TABLE storage_unindexed (
    node INTEGER PRIMARY KEY
) STRICT;
CREATE TRIGGER storage_nodes_moved AFTER UPDATE OF parent, name ON storage_nodes BEGIN
    INSERT OR IGNORE INTO storage_unindexed (node) VALUES (new.id);
END;
CREATE TRIGGER storage_nodes_gone AFTER DELETE ON storage_nodes BEGIN
    INSERT OR IGNORE INTO storage_unindexed (node) VALUES (old.id);
END;
