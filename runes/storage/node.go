package storage

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"

	"runes.im/platform/store"
)

// node is one file or folder as it lies in the database.
type node struct {
	ID       int64
	Parent   int64 // 0: the top of a space, or in the trash
	Name     string
	Folder   bool
	Size     int64
	MTime    int64 // unix seconds
	ETag     string
	Content  string
	Checksum string // "SHA1:…", empty when no client sent one
	Created  int64  // unix seconds, 0 when never told
	StoredAt string
	StoredBy string
}

// nodeColumns are the columns scanNode reads, of a table called n.
const nodeColumns = `n.id, coalesce(n.parent, 0), n.name, n.kind = 'folder', n.size, n.mtime, n.etag, n.content, n.checksum,
	n.created, n.stored_at, n.stored_by`

func (n *node) fields() []any {
	return []any{
		&n.ID, &n.Parent, &n.Name, &n.Folder, &n.Size, &n.MTime, &n.ETag, &n.Content, &n.Checksum,
		&n.Created, &n.StoredAt, &n.StoredBy,
	}
}

// newETag never repeats: 96 random bits.
func newETag() string {
	var b [12]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// reach is how many names one query walks down; SQLite joins at most 64 tables.
const reach = 16

// walks are the statements that follow 1 to reach names from a folder: the ids on the way, then the last node whole.
var walks = func() [reach + 1]string {
	var all [reach + 1]string
	for depth := 1; depth <= reach; depth++ {
		var ids, joins strings.Builder
		for i := 1; i < depth; i++ {
			fmt.Fprintf(&ids, "coalesce(n%d.id, 0), ", i)
			fmt.Fprintf(&joins, " LEFT JOIN storage_nodes n%d ON n%d.parent = %s AND n%d.name = ? AND n%[1]d.kind = 'folder'", i, i, before(i), i)
		}
		last := before(depth)
		all[depth] = `SELECT ` + ids.String() + `coalesce(n.id, 0), coalesce(n.parent, 0), coalesce(n.name, ''),
			coalesce(n.kind = 'folder', 0), coalesce(n.size, 0), coalesce(n.mtime, 0), coalesce(n.etag, ''),
			coalesce(n.content, ''), coalesce(n.checksum, ''), coalesce(n.created, 0), coalesce(n.stored_at, ''),
			coalesce(n.stored_by, '')
			FROM (SELECT ? AS id) n0` + joins.String() + ` LEFT JOIN storage_nodes n ON n.parent = ` + last + ` AND n.name = ?`
	}
	return all
}()

func before(depth int) string { return fmt.Sprintf("n%d.id", depth-1) }

// walk follows names down from the folder start. It returns the ids on the way, start not included, as far as they
// exist, and the last node, nil when it is missing.
func walk(ctx context.Context, r store.Reader, start int64, names path) (ids []int64, last *node, err error) {
	for len(names) > 0 {
		step := names[:min(len(names), reach)]
		names = names[len(step):]
		args := make([]any, 0, reach+1)
		args = append(args, start)
		for _, name := range step {
			args = append(args, name)
		}
		onWay := make([]int64, len(step)-1)
		into := make([]any, 0, reach+12)
		for i := range onWay {
			into = append(into, &onWay[i])
		}
		n := new(node)
		if err := r.QueryRow(ctx, walks[len(step)], args...).Scan(append(into, n.fields()...)...); err != nil {
			return nil, nil, err
		}
		for _, id := range onWay {
			if id == 0 {
				return ids, nil, nil
			}
			ids = append(ids, id)
		}
		if n.ID == 0 || len(names) > 0 && !n.Folder {
			return ids, nil, nil
		}
		ids, last, start = append(ids, n.ID), n, n.ID
	}
	return ids, last, nil
}

// nodeByID reads one node, sql.ErrNoRows when there is none.
func nodeByID(ctx context.Context, r store.Reader, id int64) (*node, error) {
	n := new(node)
	err := r.QueryRow(ctx, `SELECT `+nodeColumns+` FROM storage_nodes n WHERE n.id = ?`, id).Scan(n.fields()...)
	return n, err
}

// scanNodes reads rows of nodeColumns to their end.
func scanNodes(rows *sql.Rows, err error) ([]*node, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var nodes []*node
	for rows.Next() {
		n := new(node)
		if err := rows.Scan(n.fields()...); err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return nodes, rows.Err()
}

// ancestors are the ids from the top of the tree down to the node, the node included.
func ancestors(ctx context.Context, r store.Reader, id int64) ([]int64, error) {
	return numbers(r.Query(ctx, `WITH RECURSIVE up (id, parent, step) AS (
			SELECT id, parent, 0 FROM storage_nodes WHERE id = ?
			UNION ALL
			SELECT n.id, n.parent, up.step + 1 FROM up JOIN storage_nodes n ON n.id = up.parent)
		SELECT id FROM up ORDER BY step DESC LIMIT ?`, id, 2*maxDepth))
}

// numbers reads rows of one number each to their end.
func numbers(rows *sql.Rows, err error) ([]int64, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}
