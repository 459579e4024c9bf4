// Package notify tells a person that something happened: the bell, live in open pages; mail becomes a channel later.
package notify

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/id"
	"runes.im/platform/store"
)

//go:embed migrations
var migrations embed.FS

// Schema holds the notifications.
var Schema = store.Schema{Name: "notify", FS: folder(migrations, "migrations")}

func folder(files embed.FS, name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic(err)
	}
	return sub
}

// Note is one notification. Its text is a words key, so that it reads in the language of whoever opens it.
type Note struct {
	To   string   // member id; a note to the actor of ctx itself is dropped, unless Security
	Kind string   // "storage.quota_warning"; its words are notify.<kind>
	Args []string // name, value …
	Icon string   // icon name
	Link string   // local path
	// Security notes (a new device signed in) go out even when the person did it.
	Security bool
}

// Send notes it in the caller's write; the bell of open pages follows the commit.
func Send(ctx context.Context, tx *store.Tx, n Note) error {
	actor := store.ActorOf(ctx)
	if n.To == actor.ID && actor.ID != "" && !n.Security {
		return nil
	}
	if n.Link != "" && !isLocal(n.Link) {
		return fmt.Errorf("note %s: %q is no local path", n.Kind, n.Link)
	}
	args, err := json.Marshal(n.Args)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO notify_notes (id, person, at, actor, kind, args, icon, link, secure)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id.New(), n.To, clock.Text(clock.Now(ctx)), actor.Name, n.Kind, string(args), n.Icon, n.Link, n.Security)
	if err != nil {
		return err
	}
	ring(ctx, tx, n.To)
	return nil
}

// isLocal tells a path of ours from what a browser would take for another host.
func isLocal(link string) bool {
	return strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "//") && !strings.Contains(link, `\`)
}

// Item is a stored notification.
type Item struct {
	ID    string
	At    time.Time
	Actor string // name of who did it, empty for the house
	Read  bool
	Note
}

// Items lists a person's notifications, newest first; before (an item's id) continues a list.
func Items(ctx context.Context, r store.Reader, person string, unreadOnly bool, before string, limit int) ([]Item, error) {
	query := `SELECT id, at, actor, read_at IS NOT NULL, person, kind, args, icon, link, secure FROM notify_notes WHERE person = ?`
	args := []any{person}
	if unreadOnly {
		query += ` AND read_at IS NULL`
	}
	if before != "" {
		query += ` AND number < (SELECT number FROM notify_notes WHERE id = ? AND person = ?)`
		args = append(args, before, person)
	}
	rows, err := r.Query(ctx, query+` ORDER BY number DESC LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []Item
	for rows.Next() {
		var i Item
		var at, list string
		if err := rows.Scan(&i.ID, &at, &i.Actor, &i.Read, &i.To, &i.Kind, &list, &i.Icon, &i.Link, &i.Security); err != nil {
			return nil, err
		}
		if i.At, err = clock.Parse(at); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(list), &i.Args); err != nil {
			return nil, err
		}
		items = append(items, i)
	}
	return items, rows.Err()
}

// Unread is how many the person has not read.
func Unread(ctx context.Context, r store.Reader, person string) (n int, err error) {
	err = r.QueryRow(ctx, `SELECT count(*) FROM notify_notes WHERE person = ? AND read_at IS NULL`, person).Scan(&n)
	return n, err
}

// MarkRead marks one, or all when id is empty. Another person's note stays as it is.
func MarkRead(ctx context.Context, tx *store.Tx, person, id string) error {
	_, err := tx.Exec(ctx, `UPDATE notify_notes SET read_at = ? WHERE person = ? AND read_at IS NULL AND (? = '' OR id = ?)`,
		clock.Text(clock.Now(ctx)), person, id, id)
	if err != nil {
		return err
	}
	ring(ctx, tx, person)
	return nil
}
