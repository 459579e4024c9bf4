package storage

import (
	"context"
	"fmt"
	"strings"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// maxTree is the most nodes that one copy or one final deletion handles.
const maxTree = 100_000

// below is a recursive table of the node ? and all that lies under it: id, parent, step.
const below = `WITH RECURSIVE below (id, parent, step) AS (
	SELECT id, parent, 0 FROM storage_nodes WHERE id = ?
	UNION ALL
	SELECT n.id, n.parent, below.step + 1 FROM below JOIN storage_nodes n ON n.parent = below.id) `

// numberedBelow counts the nodes of below from 1, parents before children; not more of them than ?.
const numberedBelow = below + `, numbered AS MATERIALIZED (
	SELECT id, parent, step, row_number() OVER (ORDER BY step, id) AS number FROM (SELECT * FROM below LIMIT ?)) `

func nameTaken(p path) error {
	return fault.New(fault.Conflict, "storage.name_taken", "name", p.name())
}

// touch tells every folder on the way up that something below it changed by so many bytes. Clients look only where the
// ETag is new: a folder left out here would hide the change from them for good.
func touch(ctx context.Context, tx *store.Tx, chain []int64, bytes int64) error {
	args := []any{newETag(), clock.Now(ctx).Unix(), bytes}
	for _, id := range chain {
		args = append(args, id)
	}
	_, err := tx.Exec(ctx, touches(len(chain)), args...)
	return err
}

// touchQuietly is touch without a new time: for locks and stored properties.
func touchQuietly(ctx context.Context, tx *store.Tx, chain []int64) error {
	args := []any{newETag()}
	for _, id := range chain {
		args = append(args, id)
	}
	_, err := tx.Exec(ctx, `UPDATE storage_nodes SET etag = ? WHERE id IN (`+marks(len(chain))+`)`, args...)
	return err
}

func touches(n int) string {
	return `UPDATE storage_nodes SET etag = ?, mtime = ?, size = size + ? WHERE id IN (` + marks(n) + `)`
}

// up is the folders above the node.
func (p *place) up() []int64 { return p.chain[:len(p.chain)-1] }

// makeFolder makes one folder; the folder it goes into must exist.
func (d *drive) makeFolder(ctx context.Context, tx *store.Tx, p path) (*place, error) {
	s, err := d.spot(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	if s.There != nil {
		return nil, nameTaken(p)
	}
	if err := d.checkLocks(ctx, tx, s.Folder.chain, nil); err != nil {
		return nil, err
	}
	return d.makeFolderAt(ctx, tx, s)
}

func (d *drive) makeFolderAt(ctx context.Context, tx *store.Tx, s *spot) (*place, error) {
	if err := s.Folder.needInside(mayAddFolder); err != nil {
		return nil, err
	}
	now := clock.Now(ctx)
	n := &node{
		Parent: s.Folder.ID, Name: s.Path.name(), Folder: true, MTime: now.Unix(), ETag: newETag(),
		StoredAt: clock.Text(now), StoredBy: d.person.ID,
	}
	if err := insertNode(ctx, tx, n); err != nil {
		return nil, err
	}
	return s.Folder.child(s.Path, n, append(s.Folder.chain, n.ID)), touch(ctx, tx, s.Folder.chain, 0)
}

// makeFolders makes p and every folder missing on the way to it.
func (d *drive) makeFolders(ctx context.Context, tx *store.Tx, p path) (*place, error) {
	at, err := d.top(ctx, tx)
	for i := 1; i <= len(p) && err == nil; i++ {
		var s *spot
		if s, err = d.spot(ctx, tx, p[:i]); err != nil {
			break
		}
		if s.There == nil {
			at, err = d.makeFolderAt(ctx, tx, s)
		} else if at = s.There; !at.Folder {
			err = nameTaken(p[:i])
		}
	}
	return at, err
}

func insertNode(ctx context.Context, tx *store.Tx, n *node) error {
	kind := "file"
	if n.Folder {
		kind = "folder"
	}
	result, err := tx.Exec(ctx, `INSERT INTO storage_nodes
		(parent, name, kind, size, mtime, etag, content, checksum, created, stored_at, stored_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		n.Parent, n.Name, kind, n.Size, n.MTime, n.ETag, n.Content, n.Checksum, n.Created, n.StoredAt, n.StoredBy)
	if err != nil {
		return err
	}
	n.ID, err = result.LastInsertId()
	return err
}

// carriage is what moving and copying have in common.
type carriage struct {
	from *place
	to   *spot
}

// carry finds both ends and refuses what cannot go there.
func (d *drive) carry(ctx context.Context, tx *store.Tx, from, to path, overwrite bool) (*carriage, error) {
	source, err := d.find(ctx, tx, from)
	if err != nil {
		return nil, err
	}
	target, err := d.spot(ctx, tx, to)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.Conflict, "storage.target_missing", "name", to.folder().name())
	}
	if err != nil {
		return nil, err
	}
	if to.isBelow(from) || target.There != nil && from.isBelow(to) {
		return nil, fault.New(fault.Forbidden, "storage.into_itself", "name", from.name())
	}
	if target.There != nil && !overwrite {
		return nil, fault.New(fault.Precondition, "storage.name_taken", "name", to.name())
	}
	want := mayAddFile
	if source.Folder {
		want = mayAddFolder
		if err := checkDepth(ctx, tx, &source.node, to); err != nil {
			return nil, err
		}
	}
	return &carriage{from: source, to: target}, target.Folder.needInside(want)
}

func checkDepth(ctx context.Context, tx *store.Tx, source *node, to path) error {
	var height int
	err := tx.QueryRow(ctx, below+`SELECT max(step) FROM below`, source.ID).Scan(&height)
	if err == nil && len(to)+height > maxDepth {
		return fault.New(fault.Forbidden, "storage.path_too_deep", "n", maxDepth)
	}
	return err
}

// move gives a node another name or another folder; its number and ETag stay. What stood in its place goes to the
// trash. replaced reports that something stood there.
func (d *drive) move(ctx context.Context, tx *store.Tx, from, to path, overwrite bool, held ...string) (moved *place, replaced bool, err error) {
	c, err := d.carry(ctx, tx, from, to, overwrite)
	if err != nil {
		return nil, false, err
	}
	want := mayRename
	if !from.folder().isBelow(to.folder()) || !to.folder().isBelow(from.folder()) {
		want = mayMove
	}
	if err := c.from.need(want); err != nil {
		return nil, false, err
	}
	if err := d.checkTreeLocks(ctx, tx, c.from, held); err != nil {
		return nil, false, err
	}
	if replaced, err = d.clear(ctx, tx, c.to, held); err != nil {
		return nil, false, err
	}
	if err := d.moveKept(ctx, tx, c.from, c.to.Folder.chain[0]); err != nil {
		return nil, false, err
	}
	if _, err := tx.Exec(ctx, `UPDATE storage_nodes SET parent = ?, name = ? WHERE id = ?`, c.to.Folder.ID, to.name(), c.from.ID); err != nil {
		return nil, false, err
	}
	if err := unlockTree(ctx, tx, c.from.ID); err != nil {
		return nil, false, err
	}
	if err := touch(ctx, tx, c.from.up(), -c.from.Size); err != nil {
		return nil, false, err
	}
	if err := touch(ctx, tx, c.to.Folder.chain, c.from.Size); err != nil {
		return nil, false, err
	}
	n := c.from.node
	n.Parent, n.Name = c.to.Folder.ID, to.name()
	moved = c.to.Folder.child(to, &n, append(c.to.Folder.chain, n.ID))
	return moved, replaced, tx.Emit(ctx, FileMoved{ID: n.ID, From: from.String(), Path: to.String(), Folder: n.Folder})
}

// moveKept takes the older versions of a tree along into the books of another space, if it fits there.
func (d *drive) moveKept(ctx context.Context, tx *store.Tx, from *place, space int64) error {
	if from.chain[0] == space {
		return nil
	}
	var kept int64
	err := tx.QueryRow(ctx, below+`SELECT coalesce(sum(v.size), 0) FROM below JOIN storage_versions v ON v.node = below.id`,
		from.ID).Scan(&kept)
	if err != nil {
		return err
	}
	if err := checkRoom(ctx, tx, space, from.Size+kept); err != nil {
		return err
	}
	if err := keep(ctx, tx, from.chain[0], -kept); err != nil {
		return err
	}
	return keep(ctx, tx, space, kept)
}

// clear empties the spot for something else, if it is taken.
func (d *drive) clear(ctx context.Context, tx *store.Tx, s *spot, held []string) (replaced bool, err error) {
	if s.There == nil {
		return false, d.checkLocks(ctx, tx, s.Folder.chain, held)
	}
	if err := d.removeAt(ctx, tx, s.There, held); err != nil {
		return false, err
	}
	s.There = nil
	return true, nil
}

// copy makes a second tree of its own with the same contents. flat copies a folder without what lies in it.
func (d *drive) copy(ctx context.Context, tx *store.Tx, from, to path, overwrite, flat bool, held ...string) (made *place, replaced bool, err error) {
	c, err := d.carry(ctx, tx, from, to, overwrite)
	if err != nil {
		return nil, false, err
	}
	if err := c.from.need(mayRead); err != nil {
		return nil, false, err
	}
	if c.from.Path.isTop() {
		return nil, false, fault.New(fault.Forbidden, "storage.top_stays")
	}
	if replaced, err = d.clear(ctx, tx, c.to, held); err != nil {
		return nil, false, err
	}
	size := c.from.Size
	if flat && c.from.Folder {
		size = 0
	}
	if err := checkRoom(ctx, tx, c.to.Folder.chain[0], size); err != nil {
		return nil, false, err
	}
	top, err := d.copyTree(ctx, tx, c, flat)
	if err != nil {
		return nil, false, err
	}
	if err := touch(ctx, tx, c.to.Folder.chain, size); err != nil {
		return nil, false, err
	}
	n, err := nodeByID(ctx, tx, top)
	if err != nil {
		return nil, false, err
	}
	made = c.to.Folder.child(to, n, append(c.to.Folder.chain, n.ID))
	return made, replaced, tx.Emit(ctx, FileCreated{ID: n.ID, Path: to.String(), Folder: n.Folder, Size: n.Size})
}

// copyTree numbers the copies in the order of the tree, after the highest number ever used, so that parents and
// children find each other in one statement. It returns the number of the copied top.
func (d *drive) copyTree(ctx context.Context, tx *store.Tx, c *carriage, flat bool) (int64, error) {
	var last, nodes int64
	limit := maxTree + 1
	if flat {
		limit = 1
	}
	err := tx.QueryRow(ctx, `SELECT seq FROM sqlite_sequence WHERE name = 'storage_nodes'`).Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("highest number of a node: %w", err)
	}
	err = tx.QueryRow(ctx, below+`SELECT count(*) FROM (SELECT 1 FROM below LIMIT ?)`, c.from.ID, limit).Scan(&nodes)
	if err != nil {
		return 0, err
	}
	if nodes > maxTree {
		return 0, fault.New(fault.TooLarge, "storage.tree_too_large", "n", maxTree)
	}
	now := clock.Now(ctx)
	_, err = tx.Exec(ctx, numberedBelow+`
		INSERT INTO storage_nodes (id, parent, name, kind, size, mtime, etag, content, checksum, created, stored_at, stored_by)
		SELECT ? + c.number, iif(c.step = 0, ?, ? + p.number), iif(c.step = 0, ?, n.name), n.kind, iif(?, 0, n.size), n.mtime,
			lower(hex(randomblob(12))), n.content, n.checksum, n.created, ?, ?
		FROM numbered c JOIN storage_nodes n ON n.id = c.id LEFT JOIN numbered p ON p.id = c.parent
		ORDER BY c.number`,
		c.from.ID, limit, last, c.to.Folder.ID, last, c.to.Path.name(), flat && c.from.Folder, clock.Text(now), d.person.ID)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, numberedBelow+`
		INSERT INTO storage_props (node, space, name, value)
		SELECT ? + c.number, p.space, p.name, p.value FROM numbered c JOIN storage_props p ON p.node = c.id`, c.from.ID, limit, last)
	if err != nil {
		return 0, err
	}
	return last + 1, d.useAgain(ctx, tx, last)
}

// useAgain notes one more use of every content that the copied nodes, those numbered above last, have.
func (d *drive) useAgain(ctx context.Context, tx *store.Tx, last int64) error {
	contents, err := store.Texts(tx.Query(ctx, `SELECT content FROM storage_nodes WHERE id > ? AND content <> ''`, last))
	if err != nil {
		return err
	}
	for _, content := range contents {
		if err := d.tenant.Blobs.Again(ctx, tx, content); err != nil {
			return err
		}
	}
	return nil
}

// numbered is the name with a number before its ending: "Report (2).pdf".
func numbered(name string, n int, folder bool) string {
	stem, ending := name, ""
	if at := strings.LastIndexByte(name, '.'); at > 0 && !folder {
		stem, ending = name[:at], name[at:]
	}
	suffix := fmt.Sprintf(" (%d)%s", n, ending)
	for len(stem)+len(suffix) > maxName {
		stem = strings.ToValidUTF8(stem[:len(stem)-1], "")
	}
	return stem + suffix
}

// freePath is p, or p with the lowest number that makes its name free: for "keep both".
func (d *drive) freePath(ctx context.Context, r store.Reader, p path, folder bool) (path, error) {
	try := p
	for n := 2; ; n++ {
		s, err := d.spot(ctx, r, try)
		if err != nil || s.There == nil {
			return try, err
		}
		try = p.folder().join(numbered(p.name(), n, folder))
	}
}
