package storage

import (
	"context"

	"runes.im/platform/blob"
	"runes.im/platform/store"
)

// purgeTree removes a deleted tree: its nodes, their older versions, and their use of contents.
func purgeTree(ctx context.Context, tx *store.Tx, blobs *blob.Store, t *trashed) error {
	var versions int64
	err := tx.QueryRow(ctx, below+`SELECT coalesce(sum(v.size), 0) FROM below JOIN storage_versions v ON v.node = below.id`, t.ID).
		Scan(&versions)
	if err != nil {
		return err
	}
	contents, err := store.Texts(tx.Query(ctx, below+`SELECT n.content FROM below JOIN storage_nodes n ON n.id = below.id WHERE n.content <> ''
		UNION ALL SELECT v.content FROM below JOIN storage_versions v ON v.node = below.id WHERE v.content <> ''`, t.ID))
	if err != nil {
		return err
	}
	for _, content := range contents {
		if err := blobs.Drop(ctx, tx, content); err != nil {
			return err
		}
	}
	// Foreign keys are looked at when the statement ends, so that parents may go with their children.
	if _, err := tx.Exec(ctx, below+`DELETE FROM storage_nodes WHERE id IN (SELECT id FROM below)`, t.ID); err != nil {
		return err
	}
	return keep(ctx, tx, t.Space, -(t.Size + versions))
}
