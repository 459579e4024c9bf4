package storage

import (
	"context"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// personalFiles is what the drive knows about somebody: a list of the files of the home and its trash, not their contents,
// which the person downloads. They end with the person.
var personalFiles = slot.Personal{Title: "storage.own_files", Export: listHome, Erase: eraseHome}

// homeList is the list as it stands in the copy.
type homeList struct {
	Files int          `json:"count"`
	Bytes int64        `json:"bytes"`
	Lying []listedFile `json:"files"`
	Trash []listedFile `json:"trash,omitempty"` // what was thrown away, folders as one
}

type listedFile struct {
	Path      string `json:"path"`
	Bytes     int64  `json:"bytes"`
	ChangedAt string `json:"changed_at"`
	DeletedAt string `json:"deleted_at,omitempty"`
}

func listHome(ctx context.Context, r store.Reader, s slot.Subject) (any, error) {
	home, err := homeOf(ctx, r, s.Member)
	if err != nil || home == 0 {
		return nil, err
	}
	l := &homeList{Lying: []listedFile{}}
	l.Lying, err = listedFiles(ctx, r, `WITH RECURSIVE tree (id, path) AS (
			SELECT id, '/' || name FROM storage_nodes WHERE parent = ?
			UNION ALL
			SELECT n.id, tree.path || '/' || n.name FROM tree JOIN storage_nodes n ON n.parent = tree.id)
		SELECT tree.path, n.size, n.mtime, '' FROM tree JOIN storage_nodes n ON n.id = tree.id WHERE n.kind = 'file' ORDER BY 1`, home)
	if err != nil {
		return nil, err
	}
	for _, f := range l.Lying {
		l.Files, l.Bytes = l.Files+1, l.Bytes+f.Bytes
	}
	l.Trash, err = listedFiles(ctx, r, `SELECT rtrim(t.path, '/') || '/' || n.name, n.size, n.mtime, t.deleted_at
		FROM storage_trash t JOIN storage_nodes n ON n.id = t.node WHERE t.space = ? ORDER BY t.deleted_at, n.id`, home)
	if err != nil || l.Files+len(l.Trash) == 0 {
		return nil, err
	}
	return l, nil
}

func listedFiles(ctx context.Context, r store.Reader, query string, home int64) ([]listedFile, error) {
	rows, err := r.Query(ctx, query, home)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []listedFile{}
	for rows.Next() {
		var f listedFile
		var mtime int64
		if err := rows.Scan(&f.Path, &f.Bytes, &mtime, &f.DeletedAt); err != nil {
			return nil, err
		}
		f.ChangedAt = clock.Text(time.Unix(mtime, 0))
		all = append(all, f)
	}
	return all, rows.Err()
}

// eraseHome ends the files of somebody for good, and their name on what they stored elsewhere.
func eraseHome(ctx context.Context, tx *store.Tx, s slot.Subject) error {
	home, err := homeOf(ctx, tx, s.Member)
	if err != nil || s.Member == "" {
		return err
	}
	if home != 0 {
		if err := emptyHome(ctx, tx, home); err != nil {
			return err
		}
	}
	for _, statement := range []string{
		`DELETE FROM storage_locks WHERE member = ?`, `DELETE FROM storage_favourites WHERE member = ?`,
		`DELETE FROM storage_transfers WHERE member = ?`, `DELETE FROM storage_flows WHERE member = ?`,
		`DELETE FROM storage_mounts WHERE who = 'member' AND whom = ?`, `UPDATE storage_nodes SET stored_by = '' WHERE stored_by = ?`,
		`UPDATE storage_versions SET stored_by = '' WHERE stored_by = ?`, `UPDATE storage_trash SET deleted_by = '' WHERE deleted_by = ?`,
	} {
		if _, err := tx.Exec(ctx, statement, s.Member); err != nil {
			return err
		}
	}
	tx.AfterCommit(memoryOf(tx.Memo()).forgetMounts)
	return nil
}

// emptyHome ends everything in a home and in its trash.
func emptyHome(ctx context.Context, tx *store.Tx, home int64) error {
	lying, err := scanNodes(tx.Query(ctx, `SELECT `+nodeColumns+` FROM storage_nodes n WHERE n.parent = ?`, home))
	if err != nil {
		return err
	}
	blobs := tenant.From(ctx).Blobs
	for _, n := range lying {
		if _, err := tx.Exec(ctx, below+`DELETE FROM storage_mounts WHERE node IN (SELECT id FROM below)`, n.ID); err != nil {
			return err
		}
		// As if it had been thrown away a moment ago: its bytes count among what the space keeps.
		if err := keep(ctx, tx, home, n.Size); err != nil {
			return err
		}
		if err := touch(ctx, tx, []int64{home}, -n.Size); err != nil {
			return err
		}
		if err := purgeTree(ctx, tx, blobs, &trashed{node: *n, Space: home}); err != nil {
			return err
		}
	}
	thrown, err := scanTrash(tx.Query(ctx, `SELECT `+trashColumns+` FROM storage_trash t JOIN storage_nodes n ON n.id = t.node WHERE t.space = ?`, home))
	for _, t := range thrown {
		if err == nil {
			_, err = tx.Exec(ctx, below+`DELETE FROM storage_mounts WHERE node IN (SELECT id FROM below)`, t.ID)
		}
		if err == nil {
			err = purgeTree(ctx, tx, blobs, t)
		}
	}
	return err
}
