package brand

import (
	"bytes"
	"context"
	"database/sql"

	"runes.im/platform/audit"
	"runes.im/platform/blob"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/picture"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// An asset keeps its name and its address when it gets another picture; what it showed before can come back.

// vector is the type of a picture that has every size.
const vector = "image/svg+xml"

// keepVersions is how many earlier pictures an asset has at most.
const keepVersions = 20

// imagery is what an asset shows: the picture and the same smaller, as they lie in the blob room.
type imagery struct {
	Content, Preview, Format string
	Width, Height, Size      int64
}

func (a *Asset) imagery() imagery {
	return imagery{a.Content, a.Preview, a.Format, a.Width, a.Height, a.Size}
}

func (a *Asset) show(i imagery) {
	a.Content, a.Preview, a.Format, a.Width, a.Height, a.Size = i.Content, i.Preview, i.Format, i.Width, i.Height, i.Size
}

func (i imagery) drop(ctx context.Context, tx *store.Tx) error {
	blobs := tenant.From(ctx).Blobs
	if err := blobs.Drop(ctx, tx, i.Content); err != nil {
		return err
	}
	return blobs.Drop(ctx, tx, i.Preview)
}

// drawn is a picture on its way into the library.
type drawn struct {
	imagery
	whole, preview *blob.Staged
	blobs          *blob.Store
}

func draw(ctx context.Context, t *tenant.Tenant, p *picture.Picture) (*drawn, error) {
	small, err := p, error(nil)
	if p.Type != vector {
		if small, err = picture.Resize(ctx, bytes.NewReader(p.Content), previewSide); err != nil {
			return nil, err
		}
	}
	d := &drawn{blobs: t.Blobs}
	if d.whole, err = stage(ctx, t, p); err != nil {
		return nil, err
	}
	if d.preview, err = stage(ctx, t, small); err != nil {
		d.whole.Discard()
		return nil, err
	}
	d.imagery = imagery{d.whole.ID, d.preview.ID, p.Type, int64(p.Width), int64(p.Height), int64(len(p.Content))}
	return d, nil
}

func (d *drawn) discard() {
	d.whole.Discard()
	d.preview.Discard()
}

func (d *drawn) keep(ctx context.Context, tx *store.Tx) error {
	if err := d.blobs.Keep(ctx, tx, d.whole); err != nil {
		return err
	}
	return d.blobs.Keep(ctx, tx, d.preview)
}

// version is a picture that an asset showed before.
type version struct {
	imagery
	ID, At, By string
}

func versionsOf(ctx context.Context, r store.Reader, where string, args ...any) ([]*version, error) {
	return scanVersions(r.Query(ctx, `SELECT id, replaced_at, replaced_by, content, preview, format, width, height, size
		FROM brand_asset_versions WHERE `+where, args...))
}

func scanVersions(rows *sql.Rows, err error) ([]*version, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*version
	for rows.Next() {
		v := new(version)
		if err := rows.Scan(&v.ID, &v.At, &v.By, &v.Content, &v.Preview, &v.Format, &v.Width, &v.Height, &v.Size); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// versionOf is one earlier picture of the asset.
func versionOf(ctx context.Context, r store.Reader, asset, version string) (*version, error) {
	found, err := versionsOf(ctx, r, "asset = ? AND id = ?", asset, version)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "brand.asset.no_version")
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// forgetVersions ends all but the newest earlier pictures of an asset.
func forgetVersions(ctx context.Context, tx *store.Tx, asset string, but int) error {
	old, err := versionsOf(ctx, tx, "asset = ? ORDER BY id DESC LIMIT 1000 OFFSET ?", asset, but)
	for _, v := range old {
		if err == nil {
			err = v.drop(ctx, tx)
		}
		if err == nil {
			_, err = tx.Exec(ctx, `DELETE FROM brand_asset_versions WHERE id = ?`, v.ID)
		}
	}
	return err
}

// replaceAsset gives an asset another picture. The same one again changes nothing.
func replaceAsset(ctx context.Context, t *tenant.Tenant, a *Asset, p *picture.Picture) error {
	next, err := draw(ctx, t, p)
	if err != nil {
		return err
	}
	defer next.discard()
	if next.Content == a.Content {
		return nil
	}
	return a.turn(ctx, t, next.imagery, p, next.keep)
}

// restoreAsset makes an earlier picture the one that the asset shows; today's becomes an earlier one.
func restoreAsset(ctx context.Context, t *tenant.Tenant, a *Asset, v *version) error {
	p, err := keptPicture(ctx, t, v.Content)
	if err != nil {
		return err
	}
	return a.turn(ctx, t, v.imagery, p, func(ctx context.Context, tx *store.Tx) error {
		gone, err := tx.Exec(ctx, `DELETE FROM brand_asset_versions WHERE id = ?`, v.ID)
		if err != nil {
			return err
		}
		if n, err := gone.RowsAffected(); err != nil || n != 1 {
			return fault.New(fault.Precondition, "record.changed_meanwhile")
		}
		return nil
	})
}

// turn lets the asset show next, and with it every published page that shows the asset. keep makes next's contents ours.
func (a *Asset) turn(ctx context.Context, t *tenant.Tenant, next imagery, p *picture.Picture, keep func(context.Context, *store.Tx) error) error {
	is := *a
	is.show(next)
	places, err := placesOf(ctx, t, &is, p)
	defer places.discard()
	if err != nil {
		return err
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := keep(ctx, tx); err != nil {
			return err
		}
		was := a.imagery()
		_, err := tx.Exec(ctx, `INSERT INTO brand_asset_versions (id, asset, content, preview, format, width, height, size, replaced_at, replaced_by)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, id.New(), a.ID, was.Content, was.Preview, was.Format, was.Width, was.Height, was.Size,
			clock.Text(clock.Now(ctx)), store.ActorOf(ctx).ID)
		if err != nil {
			return err
		}
		if err := forgetVersions(ctx, tx, a.ID, keepVersions); err != nil {
			return err
		}
		if err := assets.Change(ctx, tx, a, &is); err != nil {
			return err
		}
		if err := places.follow(ctx, tx, t); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "brand.asset_replaced", Object: "brand.asset:" + a.ID, Title: a.Name,
			Before: map[string]any{"content": was.Content, "format": was.Format, "size": was.Size},
			After:  map[string]any{"content": next.Content, "format": next.Format, "size": next.Size},
		})
	})
}
