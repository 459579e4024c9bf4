// Package desk is what people arrange for themselves in an organisation: favourites, what they chose last, choices. It is
// kept on the server, so that it follows them from device to device.
package desk

import (
	"context"
	"database/sql"
	"embed"
	"errors"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/slot"
	"runes.im/platform/store"
)

//go:embed migrations
var migrations embed.FS

// Words are the sentences of this room.
//
//go:embed words
var Words embed.FS

// Schema holds the desks of a tenant's people.
var Schema = store.Embedded("desk", migrations, "migrations")

const (
	mostFavourites = 20
	mostRecents    = 8
	longest        = 400 // letters of an address, a title or a command
)

// Favourite is a page or a record with a star.
type Favourite struct {
	Href  string
	Ref   slot.Ref // of a record; empty for a page
	Title string   // as it read when it got its star
}

// Favourites are those of a person, in their order.
func Favourites(ctx context.Context, r store.Reader, member string) ([]Favourite, error) {
	rows, err := r.Query(ctx, `SELECT href, kind, ref, title FROM desk_favourites WHERE member_id = ? ORDER BY place, href`, member)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Favourite
	for rows.Next() {
		var f Favourite
		if err := rows.Scan(&f.Href, &f.Ref.Kind, &f.Ref.ID, &f.Title); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, rows.Err()
}

// Star puts f at the end of the person's favourites. One that has its star already keeps its place.
func Star(ctx context.Context, tx *store.Tx, member string, f Favourite) error {
	if len(f.Href) > longest || len(f.Title) > longest || f.Title == "" {
		return fault.New(fault.Invalid, "desk.too_long")
	}
	var count, last int
	err := tx.QueryRow(ctx, `SELECT COUNT(*), COALESCE(MAX(place), 0) FROM desk_favourites WHERE member_id = ?`, member).Scan(&count, &last)
	if err != nil {
		return err
	}
	if count >= mostFavourites {
		return fault.New(fault.Conflict, "desk.too_many", "max", mostFavourites)
	}
	_, err = tx.Exec(ctx, `INSERT INTO desk_favourites (member_id, href, kind, ref, title, place) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET title = excluded.title`, member, f.Href, f.Ref.Kind, f.Ref.ID, f.Title, last+1)
	return err
}

// Unstar takes the star away. One that has none is no error.
func Unstar(ctx context.Context, tx *store.Tx, member, href string) error {
	_, err := tx.Exec(ctx, `DELETE FROM desk_favourites WHERE member_id = ? AND href = ?`, member, href)
	return err
}

// Recents is what the person chose last in the palette, the newest first.
func Recents(ctx context.Context, r store.Reader, member string) ([]string, error) {
	rows, err := r.Query(ctx, `SELECT command FROM desk_recents WHERE member_id = ? ORDER BY used_at DESC, command LIMIT ?`, member, mostRecents)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var command string
		if err := rows.Scan(&command); err != nil {
			return nil, err
		}
		all = append(all, command)
	}
	return all, rows.Err()
}

// Used remembers that the person chose a command; the oldest makes way.
func Used(ctx context.Context, tx *store.Tx, member, command string) error {
	if command == "" || len(command) > longest {
		return fault.New(fault.Malformed, "web.malformed")
	}
	_, err := tx.Exec(ctx, `INSERT INTO desk_recents (member_id, command, used_at) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET used_at = excluded.used_at`, member, command, clock.Text(clock.Now(ctx)))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM desk_recents WHERE member_id = ?1 AND command NOT IN (
		SELECT command FROM desk_recents WHERE member_id = ?1 ORDER BY used_at DESC, command LIMIT ?2)`, member, mostRecents)
	return err
}

// House is the member id under which the organisation's own choices stand.
const House = ""

// Choice is what the person, or the House, chose under a name; empty when nothing.
func Choice(ctx context.Context, r store.Reader, member, name string) (string, error) {
	var value string
	err := r.QueryRow(ctx, `SELECT value FROM desk_choices WHERE member_id = ? AND name = ?`, member, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return value, err
}

// Choose keeps a choice; an empty value takes it back.
func Choose(ctx context.Context, tx *store.Tx, member, name, value string) error {
	if value == "" {
		_, err := tx.Exec(ctx, `DELETE FROM desk_choices WHERE member_id = ? AND name = ?`, member, name)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO desk_choices (member_id, name, value) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET value = excluded.value`, member, name, value)
	return err
}
