package storage

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/search"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Files and folders are found as two kinds, in groups of their own.
const (
	fileKind   = "file"
	folderKind = "folder"
)

var (
	fileSearch = slot.Search{
		Kind: fileKind, Title: "storage.search_files", Icon: "file", Permission: "view_storage",
		Scope: spacesFor, Allowed: placesOf, CatchUp: catchUp,
	}
	folderSearch = slot.Search{
		Kind: folderKind, Title: "storage.search_folders", Icon: "folder", Permission: "view_storage",
		Scope: spacesFor, Allowed: placesOf, CatchUp: catchUp,
	}
)

// spaceLabel is the scope of everything in one tree.
func spaceLabel(top int64) string { return strconv.FormatInt(top, 10) }

// spacesFor are the trees in which something may be for this person: the home, and those of everything mounted.
func spacesFor(ctx context.Context, a slot.Asker) (labels []string, all bool, err error) {
	d, err := openDrive(ctx, a.Tenant, a.Person)
	if err != nil {
		return nil, false, err
	}
	labels = []string{spaceLabel(d.home)}
	mounted, err := d.mounts(ctx, a.Tenant.DB, "")
	for _, m := range mounted {
		var at *place
		if at, err = m.place(ctx, a.Tenant.DB); err != nil {
			return nil, false, err
		}
		labels = append(labels, spaceLabel(at.chain[0]))
	}
	return labels, false, err
}

// placesOf is where the things lie that this person may see; what the person may not see has no place.
func placesOf(ctx context.Context, a slot.Asker, ids []string) (map[string]slot.Sight, error) {
	d, err := openDrive(ctx, a.Tenant, a.Person)
	if err != nil {
		return nil, err
	}
	sights := make(map[string]slot.Sight, len(ids))
	for _, text := range ids {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			continue
		}
		at, err := d.byID(ctx, a.Tenant.DB, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if at.rights.can(mayRead) {
			sights[text] = slot.Sight{Subtitle: at.Path.folder().String()}
		}
	}
	return sights, nil
}

// catchUp reads what came since the last search, if it is little: whoever uploads a file finds it at once.
func catchUp(ctx context.Context, a slot.Asker) error {
	_, err := indexSome(ctx, a.Tenant.DB, 50)
	return err
}

// indexAll reads everything that the index has not seen yet, a bite at a time.
func indexAll(ctx context.Context, _ []byte) error {
	for {
		more, err := indexSome(ctx, tenant.From(ctx).DB, bite)
		if err != nil || !more {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// indexMark is how far the index has read.
type indexMark struct {
	node     int64
	storedAt string
	stored   int64
}

// indexSome reads at most limit of each sort of news; more reports that something may be left.
func indexSome(ctx context.Context, db *store.DB, limit int) (more bool, err error) {
	var waits bool
	err = db.QueryRow(ctx, `SELECT coalesce((SELECT max(id) FROM storage_nodes), 0) > i.node
			OR EXISTS (SELECT 1 FROM storage_unindexed)
			OR EXISTS (SELECT 1 FROM storage_nodes n WHERE n.kind = 'file' AND (n.stored_at, n.id) > (i.stored_at, i.stored))
		FROM storage_indexed i`).Scan(&waits)
	if err != nil || !waits {
		return false, err
	}
	err = db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		m := new(indexMark)
		if err := tx.QueryRow(ctx, `SELECT node, stored_at, stored FROM storage_indexed`).Scan(&m.node, &m.storedAt, &m.stored); err != nil {
			return err
		}
		more = false
		for _, read := range []func(context.Context, *store.Tx, int) (int, error){m.readNew, m.readReplaced, readMoved} {
			n, err := read(ctx, tx, limit)
			if err != nil {
				return err
			}
			more = more || n == limit
		}
		_, err := tx.Exec(ctx, `UPDATE storage_indexed SET node = ?, stored_at = ?, stored = ?`, m.node, m.storedAt, m.stored)
		return err
	})
	return more, err
}

func (m *indexMark) readNew(ctx context.Context, tx *store.Tx, limit int) (int, error) {
	nodes, err := scanNodes(tx.Query(ctx, `SELECT `+nodeColumns+` FROM storage_nodes n WHERE n.id > ? ORDER BY n.id LIMIT ?`, m.node, limit))
	for _, n := range nodes {
		if err == nil {
			m.node = n.ID
			_, err = indexNode(ctx, tx, n)
		}
	}
	return len(nodes), err
}

// readReplaced finds files with another content, which are found by another date from now on.
func (m *indexMark) readReplaced(ctx context.Context, tx *store.Tx, limit int) (int, error) {
	nodes, err := scanNodes(tx.Query(ctx, `SELECT `+nodeColumns+` FROM storage_nodes n
		WHERE n.kind = 'file' AND (n.stored_at, n.id) > (?, ?) ORDER BY n.stored_at, n.id LIMIT ?`, m.storedAt, m.stored, limit))
	for _, n := range nodes {
		if err == nil {
			m.storedAt, m.stored = n.StoredAt, n.ID
			_, err = indexNode(ctx, tx, n)
		}
	}
	return len(nodes), err
}

// readMoved looks again at nodes that were renamed, moved, deleted or brought back. What lies in a folder is looked at
// after the folder: it may be in another tree now, or in none.
func readMoved(ctx context.Context, tx *store.Tx, limit int) (int, error) {
	ids, err := numbers(tx.Query(ctx, `SELECT node FROM storage_unindexed ORDER BY node LIMIT ?`, limit))
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if _, err := tx.Exec(ctx, `DELETE FROM storage_unindexed WHERE node = ?`, id); err != nil {
			return 0, err
		}
		n, err := nodeByID(ctx, tx, id)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			err = unindex(ctx, tx, id)
		case err == nil:
			err = reindex(ctx, tx, n)
		}
		if err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

func reindex(ctx context.Context, tx *store.Tx, n *node) error {
	isChanged, err := indexNode(ctx, tx, n)
	if err != nil || !isChanged || !n.Folder {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT OR IGNORE INTO storage_unindexed (node) SELECT id FROM storage_nodes WHERE parent = ?`, n.ID)
	return err
}

func unindex(ctx context.Context, tx *store.Tx, id int64) error {
	ref := strconv.FormatInt(id, 10)
	return errors.Join(search.Remove(ctx, tx, fileKind, ref), search.Remove(ctx, tx, folderKind, ref))
}

// indexNode makes the node findable, or not any more when it lies in the trash. isElsewhere reports that it belongs to
// another tree than the index knew.
func indexNode(ctx context.Context, tx *store.Tx, n *node) (isElsewhere bool, err error) {
	kind, ref := fileKind, strconv.FormatInt(n.ID, 10)
	if n.Folder {
		kind = folderKind
	}
	before, err := search.Scope(ctx, tx, kind, ref)
	if err != nil {
		return false, err
	}
	chain, err := ancestors(ctx, tx, n.ID)
	if err != nil {
		return false, err
	}
	var space string
	err = tx.QueryRow(ctx, `SELECT kind FROM storage_spaces WHERE node = ?`, chain[0]).Scan(&space)
	isGone := errors.Is(err, sql.ErrNoRows)
	if err != nil && !isGone {
		return false, err
	}
	if isGone || space == "home" && n.ID == chain[0] {
		return len(before) > 0, search.Remove(ctx, tx, kind, ref)
	}
	label := spaceLabel(chain[0])
	changed, err := clock.Parse(n.StoredAt)
	if err != nil {
		return false, err
	}
	isElsewhere = len(before) != 1 || before[0] != label
	return isElsewhere, search.Put(ctx, tx, search.Doc{
		Kind: kind, ID: ref, Title: n.Name, Icon: lookOf(n.Name, n.Folder).icon, Href: folderHref(n.ID),
		Permission: "view_storage", Scope: []string{label}, ChangedAt: changed,
	})
}
