package storage

import (
	"context"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/job"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// bite is how many things a cleaning job handles in one write, so that people's writes get in between.
const bite = 200

var jobs = []job.Kind{
	{Name: "storage.index", Every: 5 * time.Minute, Run: indexAll},
	{Name: "storage.expire_transfers", Every: time.Hour, Run: expireTransfers},
	{Name: "storage.thin_versions", Every: 6 * time.Hour, Run: thinVersions},
	{Name: "storage.empty_trash", Every: 6 * time.Hour, Run: emptyOldTrash},
	{Name: "storage.sweep", Every: 24 * time.Hour, Run: sweepContents},
}

// expireTransfers drops uploads to which nothing came for a day, and what else ends by itself: locks and sign-in flows.
func expireTransfers(ctx context.Context, _ []byte) error {
	t := tenant.From(ctx)
	now := clock.Now(ctx)
	err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM storage_transfers WHERE used_at < ?`, clock.Text(now.Add(-transferFor))); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM storage_flows WHERE made_at < ?`, clock.Text(now.Add(-flowFor))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM storage_locks WHERE ends_at < ?`, clock.Text(now))
		return err
	})
	if err != nil {
		return err
	}
	_, err = t.Blobs.SweepParts(ctx, transferFor)
	return err
}

func emptyOldTrash(ctx context.Context, _ []byte) error {
	t := tenant.From(ctx)
	before := clock.Text(clock.Now(ctx).Add(-trashFor))
	for {
		old, err := scanTrash(t.DB.Query(ctx, `SELECT `+trashColumns+` FROM storage_trash t JOIN storage_nodes n ON n.id = t.node
			WHERE t.deleted_at < ? ORDER BY t.deleted_at, t.node LIMIT ?`, before, bite))
		if err != nil || len(old) == 0 {
			return err
		}
		err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			for _, one := range old {
				if err := purgeTree(ctx, tx, t.Blobs, one); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

func sweepContents(ctx context.Context, _ []byte) error {
	_, err := tenant.From(ctx).Blobs.Sweep(ctx, 24*time.Hour)
	return err
}

// thinVersions walks through all files that have more than one older version.
func thinVersions(ctx context.Context, _ []byte) error {
	t := tenant.From(ctx)
	for last := int64(0); ; {
		files, err := numbers(t.DB.Query(ctx, `SELECT node FROM storage_versions WHERE node > ? GROUP BY node HAVING count(*) > 1
			OR min(replaced_at) < ? ORDER BY node LIMIT ?`, last, clock.Text(clock.Now(ctx).AddDate(0, 0, -30)), bite))
		if err != nil || len(files) == 0 {
			return err
		}
		for _, file := range files {
			last = file
			if err := thinFile(ctx, t, file); err != nil {
				return err
			}
		}
	}
}

func thinFile(ctx context.Context, t *tenant.Tenant, file int64) error {
	all, err := scanVersions(t.DB.Query(ctx, `SELECT `+versionColumns+` FROM storage_versions WHERE node = ? ORDER BY id DESC LIMIT ?`, file, 10*maxVersions))
	if err != nil {
		return err
	}
	gone := thinned(all, clock.Now(ctx))
	if len(gone) == 0 {
		return nil
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		space, err := spaceHolding(ctx, tx, file)
		if err != nil {
			return err
		}
		for _, v := range gone {
			if err := dropVersion(ctx, tx, t, space, v); err != nil {
				return err
			}
		}
		return nil
	})
}

// dropVersion is safe when somebody else was faster.
func dropVersion(ctx context.Context, tx *store.Tx, t *tenant.Tenant, space int64, v *version) error {
	result, err := tx.Exec(ctx, `DELETE FROM storage_versions WHERE id = ?`, v.ID)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if err := t.Blobs.Drop(ctx, tx, v.Content); err != nil {
		return err
	}
	return keep(ctx, tx, space, -v.Size)
}

// spaceHolding is the space whose books count the file, also when it lies in the trash.
func spaceHolding(ctx context.Context, tx *store.Tx, file int64) (int64, error) {
	chain, err := ancestors(ctx, tx, file)
	if err != nil || len(chain) == 0 {
		return 0, err
	}
	top := chain[0]
	err = tx.QueryRow(ctx, `SELECT coalesce((SELECT space FROM storage_trash WHERE node = ?1), ?1)`, top).Scan(&top)
	return top, err
}
