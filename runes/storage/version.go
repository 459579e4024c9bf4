package storage

import (
	"context"
	"database/sql"
	"time"

	"runes.im/platform/blob"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// maxVersions is how many older versions one file keeps at most.
const maxVersions = 100

// version is what a file held before it was replaced.
type version struct {
	ID         int64
	Node       int64
	Content    string
	Checksum   string
	Size       int64
	MTime      int64
	StoredAt   string
	StoredBy   string
	ReplacedAt string
}

// keepVersion turns the content of a file into an older version, before content next replaces it. The same content
// again makes no version, and an empty one is not worth it.
func (d *drive) keepVersion(ctx context.Context, tx *store.Tx, at *place, next string) error {
	if at.Content == next || at.Size == 0 {
		return d.tenant.Blobs.Drop(ctx, tx, at.Content)
	}
	_, err := tx.Exec(ctx, `INSERT INTO storage_versions (node, content, checksum, size, mtime, stored_at, stored_by, replaced_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		at.ID, at.Content, at.Checksum, at.Size, at.MTime, at.StoredAt, at.StoredBy, clock.Text(clock.Now(ctx)))
	if err != nil {
		return err
	}
	return keep(ctx, tx, at.chain[0], at.Size)
}

const versionColumns = `id, node, content, checksum, size, mtime, stored_at, stored_by, replaced_at`

func scanVersions(rows *sql.Rows, err error) ([]*version, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []*version
	for rows.Next() {
		v := new(version)
		err := rows.Scan(&v.ID, &v.Node, &v.Content, &v.Checksum, &v.Size, &v.MTime, &v.StoredAt, &v.StoredBy, &v.ReplacedAt)
		if err != nil {
			return nil, err
		}
		found = append(found, v)
	}
	return found, rows.Err()
}

// versions are the older versions of a file, newest first.
func (d *drive) versions(ctx context.Context, r store.Reader, at *place) ([]*version, error) {
	return scanVersions(r.Query(ctx, `SELECT `+versionColumns+` FROM storage_versions WHERE node = ? ORDER BY id DESC LIMIT ?`,
		at.ID, maxVersions))
}

// restoreVersion makes an older version the content again; what the file holds now becomes a version itself.
func (d *drive) restoreVersion(ctx context.Context, tx *store.Tx, p path, id int64) (*place, error) {
	at, err := d.find(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	if err := at.need(mayWrite); err != nil {
		return nil, err
	}
	if err := d.checkLocks(ctx, tx, at.chain, nil); err != nil {
		return nil, err
	}
	found, err := scanVersions(tx.Query(ctx, `SELECT `+versionColumns+` FROM storage_versions WHERE node = ? AND id = ?`, at.ID, id))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "storage.no_such_version")
	}
	old := found[0]
	if err := d.tenant.Blobs.Again(ctx, tx, old.Content); err != nil {
		return nil, err
	}
	if err := checkRoom(ctx, tx, at.chain[0], old.Size); err != nil {
		return nil, err
	}
	err = d.replace(ctx, tx, at, &blob.Staged{ID: old.Content, Size: old.Size}, upload{MTime: old.MTime, Checksum: old.Checksum})
	return at, err
}

// thinned picks the versions of one file, newest first, that are no longer kept: all of the last day stay, then the
// newest of each day for a month, and never more than maxVersions.
func thinned(all []*version, now time.Time) []*version {
	day, month := clock.Text(now.Add(-24*time.Hour)), clock.Text(now.AddDate(0, 0, -30))
	var gone []*version
	kept, last := 0, ""
	for _, v := range all {
		date := v.ReplacedAt[:len(time.DateOnly)]
		fresh := v.ReplacedAt > day
		if kept < maxVersions && (fresh || v.ReplacedAt > month && date != last) {
			kept++
			if !fresh {
				last = date
			}
			continue
		}
		gone = append(gone, v)
	}
	return gone
}
