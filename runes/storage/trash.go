package storage

import (
	"context"
	"database/sql"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// trashFor is how long a deleted thing can be brought back.
const trashFor = 30 * 24 * time.Hour

// trashed is a deleted file or folder.
type trashed struct {
	node
	Space     int64
	Parent    int64
	From      string // the folder it lay in, as people write it
	DeletedAt time.Time
	DeletedBy string // member
}

// remove puts the node into the trash of its space.
func (d *drive) remove(ctx context.Context, tx *store.Tx, p path, held ...string) (*place, error) {
	at, err := d.find(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	return at, d.removeAt(ctx, tx, at, held)
}

func (d *drive) removeAt(ctx context.Context, tx *store.Tx, at *place, held []string) error {
	if at.Path.isTop() {
		return fault.New(fault.Forbidden, "storage.top_stays")
	}
	if err := at.need(mayDelete); err != nil {
		return err
	}
	if err := d.checkTreeLocks(ctx, tx, at, held); err != nil {
		return err
	}
	if err := unlockTree(ctx, tx, at.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO storage_trash (node, space, parent, path, deleted_at, deleted_by) VALUES (?, ?, ?, ?, ?, ?)`,
		at.ID, at.chain[0], at.Parent, at.Path.folder().String(), clock.Text(clock.Now(ctx)), d.person.ID)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE storage_nodes SET parent = NULL WHERE id = ?`, at.ID); err != nil {
		return err
	}
	if err := keep(ctx, tx, at.chain[0], at.Size); err != nil {
		return err
	}
	if err := touch(ctx, tx, at.up(), -at.Size); err != nil {
		return err
	}
	return tx.Emit(ctx, FileDeleted{ID: at.ID, Path: at.Path.String(), Folder: at.Folder})
}

// keep adds to the bytes that a space holds in its trash and in older versions.
func keep(ctx context.Context, tx *store.Tx, space, bytes int64) error {
	if bytes == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE storage_spaces SET kept = kept + ? WHERE node = ?`, bytes, space)
	return err
}

const trashColumns = `t.space, t.parent, t.path, t.deleted_at, t.deleted_by, ` + nodeColumns

func scanTrash(rows *sql.Rows, err error) ([]*trashed, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []*trashed
	for rows.Next() {
		t := new(trashed)
		var at string
		if err := rows.Scan(append([]any{&t.Space, &t.Parent, &t.From, &at, &t.DeletedBy}, t.fields()...)...); err != nil {
			return nil, err
		}
		if t.DeletedAt, err = clock.Parse(at); err != nil {
			return nil, err
		}
		found = append(found, t)
	}
	return found, rows.Err()
}

// trash lists what this person may bring back, newest first: all of the own home, and what the person deleted in the
// trees it may delete in.
func (d *drive) trash(ctx context.Context, r store.Reader, offset, limit int) ([]*trashed, error) {
	spaces, err := d.deletable(ctx, r)
	if err != nil {
		return nil, err
	}
	args := append([]any{d.home, d.person.ID}, spaces...)
	return scanTrash(r.Query(ctx, `SELECT `+trashColumns+` FROM storage_trash t JOIN storage_nodes n ON n.id = t.node
		WHERE t.space = ? OR (t.deleted_by = ? AND t.space IN (`+marks(len(spaces))+`))
		ORDER BY t.deleted_at DESC, t.node DESC LIMIT ? OFFSET ?`, append(args, limit, offset)...))
}

// deletable are the mounted trees in which the person may delete.
func (d *drive) deletable(ctx context.Context, r store.Reader) ([]any, error) {
	mounted, err := d.mounts(ctx, r, "")
	var spaces []any
	for _, m := range mounted {
		if m.inside.can(mayDelete) {
			spaces = append(spaces, m.ID)
		}
	}
	return spaces, err
}

// trashedByID is one of trash.
func (d *drive) trashedByID(ctx context.Context, r store.Reader, id int64) (*trashed, error) {
	spaces, err := d.deletable(ctx, r)
	if err != nil {
		return nil, err
	}
	args := append([]any{id, d.home, d.person.ID}, spaces...)
	found, err := scanTrash(r.Query(ctx, `SELECT `+trashColumns+` FROM storage_trash t JOIN storage_nodes n ON n.id = t.node
		WHERE t.node = ? AND (t.space = ? OR (t.deleted_by = ? AND t.space IN (`+marks(len(spaces))+`)))`, args...))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "storage.not_in_trash")
	}
	return found[0], nil
}

// restore brings it back to where it was; when that folder is gone, to the top of its space. A taken name gets a number.
func (d *drive) restore(ctx context.Context, tx *store.Tx, id int64) (*place, error) {
	t, err := d.trashedByID(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	folder, err := d.byID(ctx, tx, t.Parent)
	if fault.Is(err, fault.NotFound) || err == nil && folder.chain[0] != t.Space {
		folder, err = d.byID(ctx, tx, t.Space)
	}
	if err != nil {
		return nil, err
	}
	want := mayAddFile
	if t.Folder {
		want = mayAddFolder
	}
	if err := folder.needInside(want); err != nil {
		return nil, err
	}
	if err := d.checkLocks(ctx, tx, folder.chain, nil); err != nil {
		return nil, err
	}
	to, err := d.freePath(ctx, tx, folder.Path.join(t.Name), t.Folder)
	if err != nil {
		return nil, err
	}
	if err := checkDepth(ctx, tx, &t.node, to); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM storage_trash WHERE node = ?`, id); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `UPDATE storage_nodes SET parent = ?, name = ? WHERE id = ?`, folder.ID, to.name(), id); err != nil {
		return nil, err
	}
	if err := keep(ctx, tx, t.Space, -t.Size); err != nil {
		return nil, err
	}
	if err := touch(ctx, tx, folder.chain, t.Size); err != nil {
		return nil, err
	}
	t.node.Parent, t.Name = folder.ID, to.name()
	back := folder.child(to, &t.node, append(folder.chain, id))
	return back, tx.Emit(ctx, FileRestored{ID: id, Path: to.String(), Folder: t.Folder})
}

// purge deletes it from the trash for good.
func (d *drive) purge(ctx context.Context, tx *store.Tx, id int64) error {
	t, err := d.trashedByID(ctx, tx, id)
	if err != nil {
		return err
	}
	return purgeTree(ctx, tx, d.tenant.Blobs, t)
}

// emptyTrash deletes for good what the person's own home has in the trash, a bite of it at a time: more reports that
// something is left.
func (d *drive) emptyTrash(ctx context.Context, tx *store.Tx) (more bool, err error) {
	const bite = 100
	all, err := scanTrash(tx.Query(ctx, `SELECT `+trashColumns+` FROM storage_trash t JOIN storage_nodes n ON n.id = t.node
		WHERE t.space = ? ORDER BY t.deleted_at, t.node LIMIT ?`, d.home, bite))
	for _, t := range all {
		if err == nil {
			err = purgeTree(ctx, tx, d.tenant.Blobs, t)
		}
	}
	return len(all) == bite, err
}
