// Package audit keeps who did what, append-only, each entry chained to the one before by its hash.
package audit

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/store"
)

//go:embed migrations
var migrations embed.FS

// Schema holds the log.
var Schema = store.Embedded("audit", migrations, "migrations")

// Entry is one line of the log. Actor and time come from ctx. Secrets have no place in it.
type Entry struct {
	Action string         // "identity.signed_in", "storage.file_deleted"
	Object string         // kind and id of what was acted on, "member:0190…"
	Title  string         // its name at that time, for people
	Before map[string]any // fields before, only those that changed
	After  map[string]any // and after
}

// Line is an entry as it stands in the log.
type Line struct {
	Number  int64
	At      time.Time
	ActorID string
	Actor   string
	Address string
	Entry
	Hash string
}

// stored is a line as the database holds it and as the hash covers it.
type stored struct {
	number                                                            int64
	at, actorID, actor, address, action, object, title, before, after string
	hash                                                              string
}

const columns = "number, at, actor_id, actor, address, action, object, title, before, after, hash"

// Record appends an entry in the caller's write, so that the deed and its record stand or fall together.
func Record(ctx context.Context, tx *store.Tx, e Entry) error {
	last, hash, err := Head(ctx, tx)
	if err != nil {
		return err
	}
	before, err := fields(e.Before)
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	after, err := fields(e.After)
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	a := store.ActorOf(ctx)
	l := stored{
		number: last + 1, at: clock.Text(clock.Now(ctx)), actorID: clean(a.ID), actor: clean(a.Name), address: clean(a.Address),
		action: e.Action, object: clean(e.Object), title: clean(e.Title), before: before, after: after,
	}
	_, err = tx.Exec(ctx, "INSERT INTO audit_lines ("+columns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		l.number, l.at, l.actorID, l.actor, l.address, l.action, l.object, l.title, l.before, l.after, l.chained(hash))
	return err
}

// clean makes text that the database and the hash see alike: a deed is recorded whatever its name contains.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func fields(m map[string]any) (string, error) {
	if len(m) == 0 {
		return "{}", nil
	}
	text, err := json.Marshal(m) // sorts the names
	return string(text), err
}

// Lines lists the newest entries first; before 0 starts at the newest.
func Lines(ctx context.Context, r store.Reader, before int64, limit int) ([]Line, error) {
	return lines(r.Query(ctx, "SELECT "+columns+" FROM audit_lines WHERE ? = 0 OR number < ? ORDER BY number DESC LIMIT ?",
		before, before, limit))
}

// About lists the newest entries about one object first.
func About(ctx context.Context, r store.Reader, object string, limit int) ([]Line, error) {
	return lines(r.Query(ctx, "SELECT "+columns+" FROM audit_lines WHERE object = ? ORDER BY number DESC LIMIT ?", object, limit))
}

// AboutAny lists the newest entries about several objects first; before 0 starts at the newest.
func AboutAny(ctx context.Context, r store.Reader, objects []string, before int64, limit int) ([]Line, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	all, err := json.Marshal(objects) // one value, however many there are
	if err != nil {
		return nil, err
	}
	return lines(r.Query(ctx, "SELECT "+columns+` FROM audit_lines WHERE object IN (SELECT value FROM json_each(?)) AND (? = 0 OR number < ?)
		ORDER BY number DESC LIMIT ?`, string(all), before, before, limit))
}

func lines(rows *sql.Rows, err error) ([]Line, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []Line
	for rows.Next() {
		s, err := scan(rows)
		if err != nil {
			return nil, err
		}
		l, err := s.line()
		if err != nil {
			return nil, fmt.Errorf("audit line %d: %w", s.number, err)
		}
		lines = append(lines, l)
	}
	return lines, rows.Err()
}

// Head is the number and hash of the newest line, 0 and "" when there is none. Written down outside the tenant's data
// once a day it proves later that the chain up to it was not made anew.
func Head(ctx context.Context, r store.Reader) (number int64, hash string, err error) {
	err = r.QueryRow(ctx, "SELECT number, hash FROM audit_lines ORDER BY number DESC LIMIT 1").Scan(&number, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	return number, hash, err
}

func scan(rows *sql.Rows) (s stored, err error) {
	err = rows.Scan(&s.number, &s.at, &s.actorID, &s.actor, &s.address, &s.action, &s.object, &s.title, &s.before, &s.after, &s.hash)
	return s, err
}

func (s stored) line() (Line, error) {
	l := Line{
		Number: s.number, ActorID: s.actorID, Actor: s.actor, Address: s.address, Hash: s.hash,
		Entry: Entry{Action: s.action, Object: s.object, Title: s.title},
	}
	var err error
	if l.At, err = clock.Parse(s.at); err != nil {
		return Line{}, err
	}
	if l.Before, err = parsed(s.before); err != nil {
		return Line{}, err
	}
	l.After, err = parsed(s.after)
	return l, err
}

// parsed keeps numbers as they were written: an id or an amount must not come back as a float.
func parsed(text string) (m map[string]any, err error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	err = d.Decode(&m)
	return m, err
}
