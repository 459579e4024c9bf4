package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// drive is one person's tree: the home, with the team folders and whatever else is shown to this person at its top.
// Every door works on a drive and only on a drive, so that rights are checked in one place.
type drive struct {
	tenant *tenant.Tenant
	person *identity.Person
	home   int64
	alone  bool // without the folders of other trees: a rune at work in the system folder
}

// mounts are the foreign trees at the top, only the one called name unless it is empty.
func (d *drive) mounts(ctx context.Context, r store.Reader, name string) ([]*mount, error) {
	if d.alone {
		return nil, nil
	}
	if name != "" {
		if is, err := memoryOf(d.tenant.DB.Memo()).isMount(ctx, d.tenant.DB, name); err != nil || !is {
			return nil, err
		}
	}
	return mounts(ctx, r, d.person, name)
}

// place is a node where a person meets it.
type place struct {
	node
	Path   path
	rights rights  // of this person, on this node
	inside rights  // and on what lies in it
	chain  []int64 // from the top of its space down to the node itself
}

// openDrive makes the person's home at the first visit.
func openDrive(ctx context.Context, t *tenant.Tenant, p *identity.Person) (*drive, error) {
	d := &drive{tenant: t, person: p}
	homes := &memoryOf(t.DB.Memo()).homes
	if known, found := homes.Load(p.ID); found {
		d.home = known.(int64)
		return d, nil
	}
	var err error
	if d.home, err = homeOf(ctx, t.DB, p.ID); err == nil && d.home == 0 {
		err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			d.home, err = makeHome(ctx, tx, p.ID)
			return err
		})
	}
	if err == nil {
		homes.Store(p.ID, d.home)
	}
	return d, err
}

// driveOf is the drive of the visitor.
func driveOf(v *web.Visit) (*drive, error) { return openDrive(v.Context(), v.Tenant, v.Person) }

// stillMay asks again, inside the write that ends an upload, whether the person may be here: bytes may come for hours. Of a
// small one only the membership is asked, because it came with the request that was let in.
func (d *drive) stillMay(ctx context.Context, tx *store.Tx, small bool) error {
	house := identity.HouseOf(ctx)
	switch {
	case d.alone:
		return nil // a rune at work, for whoever started it
	case small || house == nil:
		return identity.StillIn(ctx, tx, d.person.ID)
	}
	return house.StillMay(ctx, d.tenant, tx, d.person.ID, "view_storage")
}

func noSuchFile(p path) error {
	return fault.New(fault.NotFound, "storage.not_found", "name", p.name())
}

// find is the node at p. What this person may not see does not exist.
func (d *drive) find(ctx context.Context, r store.Reader, p path) (*place, error) {
	if p.isTop() {
		return d.top(ctx, r)
	}
	s, err := d.spot(ctx, r, p)
	if err != nil {
		return nil, err
	}
	if s.There == nil {
		return nil, noSuchFile(p)
	}
	return s.There, nil
}

// spot is a name in a folder, taken or free: where something is about to be put.
type spot struct {
	Path   path
	Folder *place // only its chain, rights and path are known
	There  *place // nil when the name is free
}

// chain is the nodes whose locks guard the spot: down to what stands there, else to the folder.
func (s *spot) chain() []int64 {
	if s.There != nil {
		return s.There.chain
	}
	return s.Folder.chain
}

// spot finds the folder of p, which must exist, and whatever stands at p itself.
func (d *drive) spot(ctx context.Context, r store.Reader, p path) (*spot, error) {
	if p.isTop() {
		return nil, fault.New(fault.Forbidden, "storage.top_stays")
	}
	if len(p) > maxDepth {
		return nil, fault.New(fault.Malformed, "storage.path_too_deep", "n", maxDepth)
	}
	mounted, err := d.mounts(ctx, r, p[0])
	if err != nil {
		return nil, err
	}
	folder := &place{Path: p.folder(), node: node{ID: d.home, Folder: true}, rights: ownTop, inside: allInside, chain: []int64{d.home}}
	names := p
	if len(mounted) > 0 {
		if folder, err = mounted[0].place(ctx, r); err != nil {
			return nil, err
		}
		if len(p) == 1 {
			return &spot{Path: p, Folder: &place{inside: 0}, There: folder}, nil
		}
		names = p[1:]
	}
	return d.descend(ctx, r, p, folder, names)
}

func (d *drive) descend(ctx context.Context, r store.Reader, p path, from *place, names path) (*spot, error) {
	ids, last, err := walk(ctx, r, from.ID, names)
	if err != nil {
		return nil, err
	}
	if len(ids) < len(names)-1 || !from.inside.can(mayRead) {
		return nil, noSuchFile(p.folder())
	}
	folder := *from
	folder.Path = p.folder()
	folder.chain = append(slices.Clone(from.chain), ids[:len(names)-1]...)
	folder.ID = folder.chain[len(folder.chain)-1]
	if len(names) > 1 {
		folder.rights = from.inside.of(true)
	}
	s := &spot{Path: p, Folder: &folder}
	if last != nil {
		s.There = from.child(p, last, append(slices.Clip(folder.chain), last.ID))
	}
	return s, nil
}

func (in *place) child(p path, n *node, chain []int64) *place {
	return &place{node: *n, Path: p, rights: in.inside.of(n.Folder), inside: in.inside, chain: chain}
}

// place is the mounted folder as it stands at the top of a drive. What lies above it in its own tree belongs to the
// chain too: those who see it there must see the change.
func (m *mount) place(ctx context.Context, r store.Reader) (*place, error) {
	chain := []int64{m.ID}
	if m.Parent != 0 {
		var err error
		if chain, err = ancestors(ctx, r, m.ID); err != nil {
			return nil, err
		}
	}
	return &place{node: m.node, Path: path{m.Name}, rights: m.top, inside: m.inside, chain: chain}, nil
}

// top is the person's drive as one folder. It changes whenever one of the trees in it changes; adding those up here
// saves writing to every member's home when somebody saves a file in a team folder.
func (d *drive) top(ctx context.Context, r store.Reader) (*place, error) {
	n, err := nodeByID(ctx, r, d.home)
	if err != nil {
		return nil, err
	}
	mounted, err := d.mounts(ctx, r, "")
	if err != nil {
		return nil, err
	}
	if len(mounted) > 0 {
		sum := sha256.New()
		sum.Write([]byte(n.ETag))
		for _, m := range mounted {
			sum.Write([]byte(m.ETag + m.top.String() + m.inside.String() + "/" + m.Name))
			n.Size += m.Size
			n.MTime = max(n.MTime, m.MTime)
		}
		n.ETag = hex.EncodeToString(sum.Sum(nil)[:12])
	}
	n.Name = ""
	return &place{node: *n, Path: path{}, rights: ownTop, inside: allInside, chain: []int64{d.home}}, nil
}

// byID finds a node by its number, wherever it lies in this person's drive. Own files are found by their own path,
// those of other trees below the folder that is mounted.
func (d *drive) byID(ctx context.Context, r store.Reader, id int64) (*place, error) {
	names, ids, err := wayTo(ctx, r, id)
	if err != nil {
		return nil, err
	}
	if len(ids) > 0 && ids[0] == d.home {
		return d.find(ctx, r, names[1:])
	}
	mounted, err := d.mounts(ctx, r, "")
	if err != nil {
		return nil, err
	}
	for _, m := range mounted {
		if i := slices.Index(ids, m.ID); i >= 0 {
			return d.find(ctx, r, append(path{m.Name}, names[i+1:]...))
		}
	}
	return nil, noSuchFile(nil)
}

// wayTo is the names and numbers from the top of a tree down to the node.
func wayTo(ctx context.Context, r store.Reader, id int64) (names path, ids []int64, err error) {
	rows, err := r.Query(ctx, `WITH RECURSIVE up (id, parent, name, step) AS (
			SELECT id, parent, name, 0 FROM storage_nodes WHERE id = ?
			UNION ALL
			SELECT n.id, n.parent, n.name, up.step + 1 FROM up JOIN storage_nodes n ON n.id = up.parent)
		SELECT id, name FROM up ORDER BY step DESC LIMIT ?`, id, 2*maxDepth)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, nil, err
		}
		names, ids = append(names, name), append(ids, id)
	}
	return names, ids, rows.Err()
}

// listing says which part of a folder is wanted, and in what order.
type listing struct {
	Order         string // name, size, mtime, kind
	Down          bool
	Offset, Limit int // Limit 0: all
}

var orders = map[string]string{
	"name":  "n.name COLLATE NOCASE",
	"size":  "n.size",
	"mtime": "n.mtime",
	"kind":  "CASE WHEN n.kind = 'folder' THEN '' ELSE lower(substr(n.name, length(rtrim(n.name, replace(n.name, '.', ''))) + 1)) END",
}

// list is what lies in the folder, folders first. At the top of the drive the mounted folders stand among the others.
func (d *drive) list(ctx context.Context, r store.Reader, in *place, l listing) ([]*place, error) {
	order, known := orders[l.Order]
	if !known {
		order = orders["name"]
	}
	if l.Down {
		order += " DESC"
	}
	var mounted []*mount
	args := []any{in.ID}
	extra := ""
	if in.Path.isTop() {
		var err error
		if mounted, err = d.mounts(ctx, r, ""); err != nil {
			return nil, err
		}
		extra = " OR n.id IN (" + marks(len(mounted)) + ")"
		for _, m := range mounted {
			args = append(args, m.ID)
		}
	}
	if l.Limit == 0 {
		l.Limit = -1
	}
	nodes, err := scanNodes(r.Query(ctx, `SELECT `+nodeColumns+` FROM storage_nodes n WHERE n.parent = ?`+extra+
		` ORDER BY n.kind = 'file', `+order+`, n.id LIMIT ? OFFSET ?`, append(args, l.Limit, l.Offset)...))
	if err != nil {
		return nil, err
	}
	return d.places(in, nodes, mounted), nil
}

func (d *drive) places(in *place, nodes []*node, mounted []*mount) []*place {
	found := make([]*place, len(nodes))
	for i, n := range nodes {
		found[i] = in.child(in.Path.join(n.Name), n, append(slices.Clip(in.chain), n.ID))
		if at := slices.IndexFunc(mounted, func(m *mount) bool { return m.ID == n.ID }); at >= 0 {
			m := mounted[at]
			m.node.Parent = in.ID
			found[i] = &place{node: m.node, Path: path{m.Name}, rights: m.top, inside: m.inside, chain: []int64{m.ID}}
		}
	}
	return found
}

// count is how many things lie in the folder.
func (d *drive) count(ctx context.Context, r store.Reader, in *place) (int, error) {
	var n int
	err := r.QueryRow(ctx, `SELECT count(*) FROM storage_nodes WHERE parent = ?`, in.ID).Scan(&n)
	if err == nil && in.Path.isTop() {
		var mounted []*mount
		mounted, err = d.mounts(ctx, r, "")
		n += len(mounted)
	}
	return n, err
}

// space is the tree that p lies in, with its quota.
func (d *drive) space(ctx context.Context, r store.Reader, p *place) (*space, error) {
	return d.books(ctx, r, p.chain[0])
}

// quota is the person's own: what the home may hold and holds.
func (d *drive) quota(ctx context.Context, r store.Reader) (*space, error) {
	return d.books(ctx, r, d.home)
}

// books is a space as people and clients are told of it: what the operator leaves the organisation narrows its room, too.
func (d *drive) books(ctx context.Context, r store.Reader, top int64) (*space, error) {
	s, err := spaceOf(ctx, r, top)
	if err == nil {
		s.left, err = d.tenant.Blobs.Left(ctx, r)
	}
	return s, err
}

// recent are the files of this drive that came last.
func (d *drive) recent(ctx context.Context, r store.Reader, limit int) ([]*place, error) {
	since := clock.Text(clock.Now(ctx).AddDate(0, 0, -90))
	ids, err := numbers(r.Query(ctx, `SELECT id FROM storage_nodes WHERE kind = 'file' AND stored_at > ?
		ORDER BY stored_at DESC, id DESC LIMIT ?`, since, 20*limit))
	if err != nil {
		return nil, err
	}
	var found []*place
	for _, id := range ids {
		p, err := d.byID(ctx, r, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if found = append(found, p); len(found) == limit {
			break
		}
	}
	return found, nil
}

// need is a fault unless the person may do that here.
func (p *place) need(want rights) error {
	if p.rights.can(want) {
		return nil
	}
	return fault.New(fault.Forbidden, "storage.not_allowed", "name", p.Path.name())
}

// needInside is need for what is about to be put into the folder.
func (p *place) needInside(want rights) error {
	if p.inside.can(want) {
		return nil
	}
	return fault.New(fault.Forbidden, "storage.folder_read_only", "name", p.Path.name())
}

// marks is n question marks for an IN list.
func marks(n int) string {
	if n == 0 {
		return "NULL"
	}
	return strings.Repeat("?, ", n-1) + "?"
}
