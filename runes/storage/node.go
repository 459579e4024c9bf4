package storage

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

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

// walks are the statements that follow 1 to reach names from a folder: the ids on the way, 0 from the first missing.
// All but the last must be folders.
var walks = func() [reach + 1]string {
	var all [reach + 1]string
	ids, joins := "", ""
	for n := 1; n <= reach; n++ {
		ids += fmt.Sprintf(", coalesce(n%d.id, 0)", n)
		joins += fmt.Sprintf(" LEFT JOIN storage_nodes n%[1]d ON n%[1]d.parent = n%[2]d.id AND n%[1]d.name = ?", n, n-1)
		all[n] = `SELECT ` + ids[2:] + ` FROM (SELECT ? AS id) n0` + joins
		joins += fmt.Sprintf(" AND n%d.kind = 'folder'", n)
	}
	return all
}()

// walk follows names down from the folder start. It returns the ids on the way, start not included, as far as they
// exist, and the last node, nil when it is missing.
func walk(ctx context.Context, r store.Reader, start int64, names path) (ids []int64, last *node, err error) {
	for len(names) > 0 {
		if last != nil && !last.Folder {
			return ids[:len(ids)-1], nil, nil
		}
		step := names[:min(len(names), reach)]
		names = names[len(step):]
		found, err := stepDown(ctx, r, start, step)
		if err != nil {
			return nil, nil, err
		}
		if missing := slices.Index(found, 0); missing >= 0 {
			// A new file, whose PUT must be quick, ends here: no node was read.
			return append(ids, found[:missing]...), nil, nil
		}
		ids = append(ids, found...)
		start = ids[len(ids)-1]
		last, err = nodeByID(ctx, r, start)
		if errors.Is(err, sql.ErrNoRows) { // it left between the two looks
			return ids[:len(ids)-1], nil, nil
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return ids, last, nil
}

func stepDown(ctx context.Context, r store.Reader, start int64, names path) ([]int64, error) {
	args, found, into := make([]any, len(names)+1), make([]int64, len(names)), make([]any, len(names))
	args[0] = start
	for i, name := range names {
		args[i+1], into[i] = name, &found[i]
	}
	err := r.QueryRow(ctx, walks[len(names)], args...).Scan(into...)
	return found, err
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
