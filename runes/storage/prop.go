package storage

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"runes.im/platform/dav"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// The limits of what clients may store with one node: it counts against no quota.
const (
	maxProps     = 100
	maxPropBytes = 64 << 10
)

func (c *call) proppatch() error {
	changes, err := dav.ReadPropPatch(c.Request.Body)
	if err != nil {
		return err
	}
	for i, change := range changes {
		if !isOurs(change.Name) {
			continue
		}
		return c.patched(changes, i)
	}
	err = c.write(func(ctx context.Context, tx *store.Tx) error {
		at, err := c.drive.find(ctx, tx, c.path)
		if err != nil {
			return err
		}
		if err := c.drive.checkLocks(ctx, tx, at.chain, c.cond.Tokens()); err != nil {
			return err
		}
		for _, change := range changes {
			if err := c.drive.changeProp(ctx, tx, at, change); err != nil {
				return err
			}
		}
		return checkProps(ctx, tx, at.ID)
	})
	if err != nil {
		return err
	}
	return c.patched(changes, -1)
}

var (
	favourite    = dav.Name{Space: dav.OwnCloud, Local: "favorite"}
	lastModified = dav.Name{Space: dav.DAV, Local: "lastmodified"}
)

// isOurs reports properties that follow from the file and cannot be set.
func isOurs(n dav.Name) bool {
	_, computed := known[n]
	return n != favourite && n != lastModified && (computed || n.Space == dav.DAV)
}

func (d *drive) changeProp(ctx context.Context, tx *store.Tx, at *place, change dav.Change) error {
	if change.Name == favourite {
		return d.setFavourite(ctx, tx, at, !change.Remove && isOn(change.Value.Plain()))
	}
	want := mayWrite
	if at.Folder {
		want = mayAddFile
	}
	if err := at.need(want); err != nil {
		return err
	}
	if change.Name == lastModified {
		return setMTime(ctx, tx, at, change.Value.Plain())
	}
	if change.Remove {
		_, err := tx.Exec(ctx, `DELETE FROM storage_props WHERE node = ? AND space = ? AND name = ?`, at.ID, change.Space, change.Local)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO storage_props (node, space, name, value) VALUES (?, ?, ?, ?)
		ON CONFLICT (node, space, name) DO UPDATE SET value = excluded.value`,
		at.ID, change.Space, change.Local, string(change.Value.Append(nil)))
	return err
}

func isOn(text string) bool {
	text = strings.TrimSpace(text)
	return text == "1" || text == "true"
}

// setFavourite stars a node for this person; it changes nothing for anybody else.
func (d *drive) setFavourite(ctx context.Context, tx *store.Tx, at *place, on bool) error {
	query := `DELETE FROM storage_favourites WHERE member = ? AND node = ?`
	if on {
		query = `INSERT INTO storage_favourites (member, node) VALUES (?, ?) ON CONFLICT DO NOTHING`
	}
	_, err := tx.Exec(ctx, query, d.person.ID, at.ID)
	return err
}

// setMTime gives a node another time. Other devices must see it, so the way up changes, but not its times.
func setMTime(ctx context.Context, tx *store.Tx, at *place, text string) error {
	mtime := unixHeader(strings.TrimSpace(text))
	if mtime == 0 {
		return fault.New(fault.Malformed, "dav.header_malformed", "name", "lastmodified")
	}
	if _, err := tx.Exec(ctx, `UPDATE storage_nodes SET mtime = ? WHERE id = ?`, mtime, at.ID); err != nil {
		return err
	}
	return touchQuietly(ctx, tx, at.chain)
}

func checkProps(ctx context.Context, tx *store.Tx, node int64) error {
	var n, bytes int
	err := tx.QueryRow(ctx, `SELECT count(*), coalesce(sum(length(name) + length(space) + length(value)), 0) FROM storage_props WHERE node = ?`, node).
		Scan(&n, &bytes)
	switch {
	case err != nil:
		return err
	case n > maxProps:
		return fault.New(fault.Full, "storage.too_many_props", "n", maxProps)
	case bytes > maxPropBytes:
		return fault.New(fault.TooLarge, "dav.xml_too_large")
	}
	return nil
}

// patched answers a PROPPATCH: it is done as a whole or not at all. refused is the change that could not be, or -1.
func (c *call) patched(changes []dav.Change, refused int) error {
	href := c.root + c.path.escaped()
	b := append([]byte(dav.Declaration), "<d:multistatus"+dav.Namespaces+"><d:response><d:href>"...)
	b = append(append(b, href...), "</d:href>"...)
	for i, change := range changes {
		status := http.StatusOK
		if refused == i {
			status = http.StatusForbidden
		} else if refused >= 0 {
			status = http.StatusFailedDependency
		}
		b = dav.AppendName(append(b, "<d:propstat><d:prop>"...), change.Name)
		b = append(b, "</d:prop><d:status>HTTP/1.1 "+strconv.Itoa(status)+" "+http.StatusText(status)+"</d:status></d:propstat>"...)
	}
	dav.Send(c.Visit, http.StatusMultiStatus, append(b, "</d:response></d:multistatus>\n"...))
	return nil
}
