package brand

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"runes.im/platform/job"
	"runes.im/platform/record"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// The rune that keeps files has a copy of every asset in "Brand assets". The library is complete without it, so the copies
// follow in a job: what people see of the library never waits for files.

const copyFolder = "Brand assets"

// copying is the job that brings the copies in step; on schedule too, for a rune that keeps files only since today.
const copying = "brand.copy_assets"

func assetSaved(ctx context.Context, tx *store.Tx, _ *record.Noun[Asset], _, a *Asset) error {
	return copyChanged(ctx, tx, a)
}

// copyChanged lets the copies follow.
func copyChanged(ctx context.Context, tx *store.Tx, _ *Asset) error {
	return job.Start(ctx, tx, copying, nil, time.Time{})
}

type copyingKey struct{}

// copyAssets makes what is missing, exchanges what is old and throws away what nobody has any more. One asset that cannot
// be copied keeps none of the others from it.
func copyAssets(ctx context.Context, _ []byte) error {
	t := tenant.From(ctx)
	a := slot.Asker{Tenant: t}
	archives, err := slot.FileArchives.Ask(ctx, a)
	if err != nil || len(archives) == 0 {
		return err
	}
	turn := t.Held(copyingKey{}, func() any { return new(sync.Mutex) }).(*sync.Mutex)
	turn.Lock() // two at once would make two copies of the same
	defer turn.Unlock()
	archive := archives[0].What
	behind, err := assets.List(ctx, t.DB, nil, record.Query{Limit: 10_000, Where: `NOT EXISTS (SELECT 1 FROM brand_asset_copies c
		WHERE c.asset = brand_assets.id AND c.content = brand_assets.content AND c.title = brand_assets.title)`})
	if err != nil {
		return err
	}
	var failed []error
	for _, one := range behind {
		if err := one.copyTo(ctx, a, archive); err != nil {
			slog.WarnContext(ctx, "an asset has no copy among the files", "asset", one.ID, "err", err)
			failed = append(failed, err)
		}
	}
	return errors.Join(append(failed, dropCopies(ctx, a, archive))...)
}

// copyTo keeps the picture under its title.
func (a *Asset) copyTo(ctx context.Context, asker slot.Asker, archive slot.FileArchive) error {
	had, err := copiesWhere(ctx, asker.Tenant.DB, "asset = ?", a.ID)
	if err != nil {
		return err
	}
	p, err := keptPicture(ctx, asker.Tenant, a.Content)
	if err != nil {
		return err
	}
	file, err := archive.Follow(ctx, asker, had[a.ID], copyFolder, a.file(p.Type), p.Content)
	if err != nil {
		return err
	}
	return asker.Tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT OR REPLACE INTO brand_asset_copies (asset, file, content, title) VALUES (?, ?, ?, ?)`, a.ID, file.ID, a.Content, a.Name)
		return err
	})
}

// dropCopies throws away the copies of assets that are in the bin, or gone.
func dropCopies(ctx context.Context, a slot.Asker, archive slot.FileArchive) error {
	orphans, err := copiesWhere(ctx, a.Tenant.DB, `asset NOT IN (SELECT id FROM brand_assets WHERE deleted_at IS NULL)`)
	for asset, file := range orphans {
		if err == nil {
			err = archive.Drop(ctx, a, file)
		}
		if err == nil {
			err = a.Tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, `DELETE FROM brand_asset_copies WHERE asset = ?`, asset)
				return err
			})
		}
	}
	return err
}

// copiesWhere are files of the archive by their assets.
func copiesWhere(ctx context.Context, r store.Reader, where string, args ...any) (map[string]slot.Ref, error) {
	rows, err := r.Query(ctx, `SELECT asset, file FROM brand_asset_copies WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]slot.Ref{}
	for rows.Next() {
		var asset, file string
		if err := rows.Scan(&asset, &file); err != nil {
			return nil, err
		}
		found[asset] = slot.Ref{Kind: "file", ID: file}
	}
	return found, rows.Err()
}
