package storage

import (
	"context"
	"database/sql"
	"net/http"
	"sync"

	"runes.im/platform/dav"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// page is how many entries one query reads. Between two of them nothing is open: a client that reads slowly holds no
// connection to the database, and memory does not grow with the folder.
const page = 500

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

func (c *call) propfind() error {
	depth, err := dav.ReadDepth(c.Request.Header.Get("Depth"), 1)
	if err != nil {
		return err
	}
	if depth == dav.Infinity {
		return fault.New(fault.Forbidden, "dav.depth_infinity")
	}
	find, err := dav.ReadPropFind(c.Request.Body)
	if err != nil {
		return err
	}
	at, err := c.drive.find(c.Context(), c.DB, c.path)
	if err != nil {
		return err
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	b := append((*buffer)[:0], dav.Declaration+"<d:multistatus"+dav.Namespaces+">\n"...)
	l, err := c.lister(at, newPlan(find))
	if err != nil {
		return err
	}
	href := c.root + c.path.escaped()
	if at.Folder {
		href += "/"
	}
	e := at.listed()
	if l.asks[propFavourite] {
		err = c.DB.QueryRow(c.Context(), `SELECT EXISTS (SELECT 1 FROM storage_favourites WHERE member = ? AND node = ?)`,
			c.Person.ID, at.ID).Scan(&e.Favourite)
		if err != nil {
			return err
		}
	}
	if err := l.loadProps(c.Context(), c.DB, `n.id = ?`, at.ID); err != nil {
		return err
	}
	b = l.append(b, href, "", e)
	if depth == 1 && at.Folder {
		return c.children(at, l, href, b, buffer)
	}
	return c.multistatus(b, buffer)
}

// multistatus sends an answer that is complete.
func (c *call) multistatus(b []byte, buffer *[]byte) error {
	b = append(b, "</d:multistatus>\n"...)
	dav.Send(c.Visit, http.StatusMultiStatus, b)
	*buffer = b
	return nil
}

// children adds what lies in the folder and sends the answer, page by page when it is long.
func (c *call) children(at *place, l *lister, href string, b []byte, buffer *[]byte) error {
	if c.path.isTop() {
		mounted, err := c.drive.mounts(c.Context(), c.DB, "")
		if err != nil {
			return err
		}
		for _, m := range mounted {
			in := &place{node: m.node, rights: m.top}
			e := in.listed()
			e.Mounted = true
			b = l.append(b, href, m.Name, e)
		}
	}
	folder, file := at.inside.of(true).String(), at.inside.of(false).String()
	for last, sent := "", false; ; sent = true {
		read, err := c.page(at, l, &last, func(e *listed) {
			e.Rights = file
			if e.Folder {
				e.Rights = folder
			}
			b = l.append(b, href, e.Name, e)
		})
		if err != nil {
			return err
		}
		if read < page && !sent {
			return c.multistatus(b, buffer)
		}
		if !sent {
			dav.Begin(c.Visit, http.StatusMultiStatus)
		}
		if read < page {
			b = append(b, "</d:multistatus>\n"...)
		}
		if _, err := c.Writer.Write(b); err != nil {
			return err
		}
		*buffer = b
		if b = b[:0]; read < page {
			return nil
		}
	}
}

const entryColumns = `n.id, n.name, n.kind = 'folder', n.size, n.mtime, n.etag, n.checksum`

// page reads the entries after the name last, in the order of names.
func (c *call) page(at *place, l *lister, last *string, each func(*listed)) (read int, err error) {
	ctx := c.Context()
	if err := l.loadProps(ctx, c.DB, `n.parent = ? AND n.name > ?`, at.ID, *last); err != nil {
		return 0, err
	}
	query, args := `SELECT `+entryColumns, []any(nil)
	rare := l.asks[propCreated] || l.asks[propCreation] || l.asks[propUpload] || l.asks[propFavourite]
	if rare {
		query += `, n.created, n.stored_at, EXISTS (SELECT 1 FROM storage_favourites f WHERE f.member = ? AND f.node = n.id)`
		args = append(args, c.Person.ID)
	}
	rows, err := c.DB.Query(ctx, query+` FROM storage_nodes n WHERE n.parent = ? AND n.name > ? ORDER BY n.name LIMIT ?`,
		append(args, at.ID, *last, page)...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	e := new(listed)
	into := []any{&e.ID, &e.Name, &e.Folder, &e.Size, &e.MTime, &e.ETag, &e.Checksum}
	if rare {
		into = append(into, &e.Created, &e.StoredAt, &e.Favourite)
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return 0, err
		}
		each(e)
		read++
	}
	*last = e.Name
	return read, rows.Err()
}

func (p *place) listed() *listed {
	return &listed{
		ID: p.ID, Name: p.Name, Folder: p.Folder, Size: p.Size, MTime: p.MTime, ETag: p.ETag, Checksum: p.Checksum,
		Created: p.Created, StoredAt: p.StoredAt, Rights: p.rights.String(),
	}
}

// lister collects what the plan needs besides the nodes themselves.
func (c *call) lister(at *place, p *plan) (*lister, error) {
	l := &lister{plan: p, person: c.Person.ID, name: c.Person.Name, instance: c.drive.instance()}
	var err error
	if p.asks[propQuotaUsed] || p.asks[propQuotaRoom] {
		if l.books, err = c.drive.space(c.Context(), c.DB, at); err != nil {
			return nil, err
		}
	}
	if p.asks[propLocks] {
		err = l.loadLocks(c.Context(), c.DB, at)
	}
	return l, err
}

// loadLocks reads the locks on the folder, on what lies in it, and the deep ones that cover both.
func (l *lister) loadLocks(ctx context.Context, r store.Reader, at *place) error {
	over, err := locksOn(ctx, r, at.chain)
	if err != nil {
		return err
	}
	inside, err := locksIn(ctx, r, at.ID)
	if err != nil {
		return err
	}
	l.locks = map[int64][]*lock{}
	for _, k := range over {
		if k.Deep {
			l.deep = append(l.deep, k)
		} else {
			l.locks[k.Node] = append(l.locks[k.Node], k)
		}
	}
	for _, k := range inside {
		l.locks[k.Node] = append(l.locks[k.Node], k)
	}
	return nil
}

// loadProps reads the stored properties of the next entries, when the plan wants any.
func (l *lister) loadProps(ctx context.Context, r store.Reader, where string, args ...any) error {
	if !l.dead && !l.asks[propDead] {
		return nil
	}
	// The order and the limit are those of the entries: properties of later ones come with their page.
	rows, err := r.Query(ctx, `SELECT p.node, p.space, p.name, p.value FROM (
			SELECT n.id, n.name FROM storage_nodes n WHERE `+where+` ORDER BY n.name LIMIT ?) n
		JOIN storage_props p ON p.node = n.id ORDER BY p.node, p.space, p.name LIMIT ?`, append(args, page, page*maxProps)...)
	if err != nil {
		return err
	}
	l.stored, err = scanProps(rows)
	return err
}

func scanProps(rows *sql.Rows) (map[int64][]storedProp, error) {
	defer rows.Close()
	found := map[int64][]storedProp{}
	for rows.Next() {
		var node int64
		var s storedProp
		if err := rows.Scan(&node, &s.Space, &s.Local, &s.XML); err != nil {
			return nil, err
		}
		found[node] = append(found[node], s)
	}
	return found, rows.Err()
}
