package storage

import (
	"context"

	"runes.im/platform/store"
)

// numbers is how many folders and how many things in all lie in the folder.
func (d *drive) numbers(ctx context.Context, r store.Reader, in *place) (folders, all int, err error) {
	var own int
	err = r.QueryRow(ctx, `SELECT count(*), coalesce(sum(kind = 'folder'), 0) FROM storage_nodes WHERE parent = ?`, in.ID).Scan(&own, &folders)
	if err != nil {
		return 0, 0, err
	}
	all, err = d.count(ctx, r, in)
	return folders + all - own, all, err // what is mounted here are folders
}

// insides is how many things lie in each of the folders.
func (d *drive) insides(ctx context.Context, r store.Reader, places []*place) (map[int64]int, error) {
	var ids []any
	for _, at := range places {
		if at.Folder {
			ids = append(ids, at.ID)
		}
	}
	found := map[int64]int{}
	if len(ids) == 0 {
		return found, nil
	}
	rows, err := r.Query(ctx, `SELECT parent, count(*) FROM storage_nodes WHERE parent IN (`+marks(len(ids))+`) GROUP BY parent`, ids...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		found[id] = n
	}
	return found, rows.Err()
}

// withFolders are those of the folders in which more folders lie: the picker opens only these.
func withFolders(ctx context.Context, r store.Reader, ids []any) (map[int64]bool, error) {
	found := map[int64]bool{}
	if len(ids) == 0 {
		return found, nil
	}
	rows, err := r.Query(ctx, `SELECT DISTINCT parent FROM storage_nodes WHERE parent IN (`+marks(len(ids))+`) AND kind = 'folder'`, ids...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		found[id] = true
	}
	return found, rows.Err()
}
