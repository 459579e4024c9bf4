// Package notify tells a person that something happened: the bell, live in open pages, and whatever channels add
// themselves. People choose which sorts they hear of, and when.
package notify

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/id"
	"runes.im/platform/store"
)

//go:embed migrations
var migrations embed.FS

// Schema holds the notifications.
var Schema = store.Embedded("notify", migrations, "migrations")

// Note is one notification. Its text is a words key, so that it reads in the language of whoever opens it.
type Note struct {
	To   string   // member id; a note to the actor of ctx itself is dropped, unless Security
	Kind string   // "storage.quota_warning"; its words are notify.<kind>
	Args []string // name, value …
	Icon string   // icon name
	Link string   // local path
	// Object is what it is about, "contacts.company:0190…": people mute one thing without losing the rest. Empty: all of it.
	Object string
	// Security notes (a new device signed in) go out even when the person did it.
	Security bool
}

// Send notes it in the caller's write, by the channels that its reader chose; the bell of open pages follows the commit.
func Send(ctx context.Context, tx *store.Tx, n Note) error {
	actor := store.ActorOf(ctx)
	if n.To == actor.ID && actor.ID != "" && !n.Security {
		return nil
	}
	if n.Link != "" && !isLocal(n.Link) {
		return fmt.Errorf("note %s: %q is no local path", n.Kind, n.Link)
	}
	muted, err := isMuted(ctx, tx, n)
	if err != nil || muted {
		return err
	}
	chosen, err := Choices(ctx, tx, n.To)
	if err != nil {
		return err
	}
	bell, mail := wants(ctx, chosen, n, Bell), wants(ctx, chosen, n, Mail)
	if !bell && !mail {
		return nil
	}
	until, quiet, err := quietUntil(ctx, tx, n.To)
	if err != nil {
		return err
	}
	i := Item{ID: id.New(), At: clock.Now(ctx), Actor: actor.Name, ActorID: actor.ID, Note: n}
	outcome := ""
	if mail {
		if outcome, err = mailed(ctx, tx, i, until); err != nil {
			return err
		}
	}
	if err := keep(ctx, tx, i, bell, outcome); err != nil {
		return err
	}
	if bell && !quiet {
		ring(ctx, tx, n.To)
	}
	return nil
}

// mailed gives a note to the mail channel; without one it is said that it was skipped.
func mailed(ctx context.Context, tx *store.Tx, i Item, after time.Time) (outcome string, err error) {
	c := channelOf(ctx, Mail)
	if c == nil {
		return "skipped", nil
	}
	return "queued", c.Deliver(ctx, tx, i, after)
}

func keep(ctx context.Context, tx *store.Tx, i Item, shown bool, mail string) error {
	args, err := json.Marshal(i.Args)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO notify_notes (id, person, at, actor, actor_id, kind, args, icon, link, secure, object, is_shown, mail)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		i.ID, i.To, clock.Text(i.At), i.Actor, i.ActorID, i.Kind, string(args), i.Icon, i.Link, i.Security, i.Object, shown, mail)
	return err
}

// isLocal tells a path of ours from what a browser would take for another host.
func isLocal(link string) bool {
	return strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "//") && !strings.Contains(link, `\`)
}

// Item is a stored notification.
type Item struct {
	ID      string
	At      time.Time
	Actor   string // name of who did it, empty for the house
	ActorID string // their member id, for the picture
	Read    bool
	Note
}

// Which chooses among a person's notifications.
type Which struct {
	Unread bool
	Rune   string // only those of this rune
	ID     string // only this one
	Before string // continues a list behind this one
	Limit  int
}

// Items lists a person's notifications, newest first.
func Items(ctx context.Context, r store.Reader, person string, w Which) ([]Item, error) {
	query := `SELECT id, at, actor, actor_id, read_at IS NOT NULL, person, kind, args, icon, link, secure, object FROM notify_notes WHERE person = ? AND is_shown = 1`
	args := []any{person}
	if w.Unread {
		query += ` AND read_at IS NULL`
	}
	if w.Rune != "" {
		query += ` AND substr(kind, 1, ?) = ?`
		args = append(args, len(w.Rune)+1, w.Rune+".")
	}
	if w.ID != "" {
		query += ` AND id = ?`
		args = append(args, w.ID)
	}
	if w.Before != "" {
		query += ` AND number < (SELECT number FROM notify_notes WHERE id = ? AND person = ?)`
		args = append(args, w.Before, person)
	}
	rows, err := r.Query(ctx, query+` ORDER BY number DESC LIMIT ?`, append(args, w.Limit)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []Item
	for rows.Next() {
		var i Item
		var at, list string
		if err := rows.Scan(&i.ID, &at, &i.Actor, &i.ActorID, &i.Read, &i.To, &i.Kind, &list, &i.Icon, &i.Link, &i.Security, &i.Object); err != nil {
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
	err = r.QueryRow(ctx, `SELECT count(*) FROM notify_notes WHERE person = ? AND read_at IS NULL AND is_shown = 1`, person).Scan(&n)
	return n, err
}

// Runes are those that a person has notifications of.
func Runes(ctx context.Context, r store.Reader, person string) ([]string, error) {
	return store.Texts(r.Query(ctx, `SELECT DISTINCT substr(kind, 1, instr(kind, '.') - 1) AS rune FROM notify_notes WHERE person = ? AND is_shown = 1 ORDER BY rune LIMIT 100`, person))
}

// MarkUnread makes one new again. Another person's note stays as it is.
func MarkUnread(ctx context.Context, tx *store.Tx, person, id string) error {
	if _, err := tx.Exec(ctx, `UPDATE notify_notes SET read_at = NULL WHERE person = ? AND id = ?`, person, id); err != nil {
		return err
	}
	ring(ctx, tx, person)
	return nil
}

// Mute keeps the person from hearing more about what one of their notes is about; title is how the note reads.
func Mute(ctx context.Context, tx *store.Tx, person, note, title string) error {
	_, err := tx.Exec(ctx, `INSERT INTO notify_mutes (person, object, title, at) SELECT person, object, ?, ? FROM notify_notes
		WHERE id = ? AND person = ? AND object <> '' AND secure = 0 ON CONFLICT DO NOTHING`, title, clock.Text(clock.Now(ctx)), note, person)
	return err
}

// Unmute lets the person hear of it again.
func Unmute(ctx context.Context, tx *store.Tx, person, object string) error {
	_, err := tx.Exec(ctx, `DELETE FROM notify_mutes WHERE person = ? AND object = ?`, person, object)
	return err
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
