// Package search finds records of every rune by a few letters: one index per tenant, fed in the write that changes a
// record, with the rights looked at for each hit when somebody reads it.
package search

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/store"
)

//go:embed migrations
var migrations embed.FS

// Schema holds the index.
var Schema = store.Embedded("search", migrations, "migrations")

// Doc is what the index knows of a record.
type Doc struct {
	Kind, ID        string // as slot.Search and slot.Ref name it
	Title, Subtitle string // what people read
	Body            string // more words that lead here; never shown
	Icon            string // empty: that of the kind
	Href            string // local path of the record
	Permission      string // empty: that of the kind decides alone
	// Scope says whom it is for: member ids or whatever labels the kind's Scope gives its people. Empty: everybody.
	Scope     []string
	ChangedAt time.Time // zero: now
}

// longest is how much of a text is kept and found by.
const longest = 4000

func (d *Doc) check() error {
	if d.Kind == "" || d.ID == "" || !strings.HasPrefix(d.Href, "/") || strings.HasPrefix(d.Href, "//") {
		return fmt.Errorf("search document %q %q needs a kind, an id and a local path, got %q", d.Kind, d.ID, d.Href)
	}
	for _, label := range d.Scope {
		if label == "" || strings.ContainsAny(label, " \n\t") {
			return fmt.Errorf("search document %q %q has the label %q", d.Kind, d.ID, label)
		}
	}
	return nil
}

// Put makes the record findable as d says, in the caller's write; it replaces what was known of it.
func Put(ctx context.Context, tx *store.Tx, d Doc) error {
	if err := d.check(); err != nil {
		return err
	}
	d.Title, d.Subtitle, d.Body = cut(d.Title), cut(d.Subtitle), cut(d.Body)
	if d.ChangedAt.IsZero() {
		d.ChangedAt = clock.Now(ctx)
	}
	old, err := known(ctx, tx, d.Kind, d.ID)
	if err != nil {
		return err
	}
	if old != nil && old.samePlace(&d) {
		_, err := tx.Exec(ctx, `UPDATE search_docs SET icon = ?, href = ?, permission = ?, changed_at = ? WHERE id = ?`,
			d.Icon, d.Href, d.Permission, clock.Text(d.ChangedAt), old.id)
		return err
	}
	if old != nil {
		if err := old.remove(ctx, tx); err != nil {
			return err
		}
	}
	return d.add(ctx, tx)
}

func (d *Doc) add(ctx context.Context, tx *store.Tx) error {
	title := Fold(d.Title)
	result, err := tx.Exec(ctx, `INSERT INTO search_docs
		(kind, ref, title, subtitle, body, folded, icon, href, permission, scope, changed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.Kind, d.ID, d.Title, d.Subtitle, d.Body, title, d.Icon, d.Href, d.Permission, labels(d.Scope), clock.Text(d.ChangedAt))
	if err != nil {
		return err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO search_words (rowid, tokens) VALUES (?, ?)`, id, d.tokens(title))
	if err != nil {
		return err
	}
	return learn(ctx, tx, title)
}

// Scope is the labels that the record was put with; nil when it is not known or is for everybody.
func Scope(ctx context.Context, r store.Reader, kind, id string) ([]string, error) {
	e, err := known(ctx, r, kind, id)
	if err != nil || e == nil {
		return nil, err
	}
	return strings.Fields(e.scope), nil
}

// Remove makes the record unfindable. One that was not known is no error.
func Remove(ctx context.Context, tx *store.Tx, kind, id string) error {
	old, err := known(ctx, tx, kind, id)
	if err != nil || old == nil {
		return err
	}
	return old.remove(ctx, tx)
}

// RemoveKind makes at most limit records of the kind unfindable and reports whether there may be more: nobody's write
// waits for a million of them.
func RemoveKind(ctx context.Context, tx *store.Tx, kind string, limit int) (more bool, err error) {
	rows, err := tx.Query(ctx, `SELECT `+entryColumns+` FROM search_docs WHERE kind = ? ORDER BY id LIMIT ?`, kind, limit)
	all, err := scanEntries(rows, err)
	for _, old := range all {
		if err == nil {
			err = old.remove(ctx, tx)
		}
	}
	return len(all) == limit, err
}

func (e *entry) remove(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.Exec(ctx, `DELETE FROM search_docs WHERE id = ?`, e.id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM search_words WHERE rowid = ?`, e.id); err != nil {
		return err
	}
	return forget(ctx, tx, e.folded)
}

// entry is a document as it lies in the index.
type entry struct {
	id                                        int64
	kind, ref, title, subtitle, body, folded  string
	icon, href, permission, scope, changedRaw string
}

const entryColumns = `id, kind, ref, title, subtitle, body, folded, icon, href, permission, scope, changed_at`

func (e *entry) fields() []any {
	return []any{
		&e.id, &e.kind, &e.ref, &e.title, &e.subtitle, &e.body, &e.folded, &e.icon, &e.href, &e.permission, &e.scope,
		&e.changedRaw,
	}
}

// samePlace reports whether the words are those that are known already.
func (e *entry) samePlace(d *Doc) bool {
	return e.title == d.Title && e.subtitle == d.Subtitle && e.body == d.Body && e.scope == labels(d.Scope)
}

func known(ctx context.Context, r store.Reader, kind, ref string) (*entry, error) {
	e := new(entry)
	err := r.QueryRow(ctx, `SELECT `+entryColumns+` FROM search_docs WHERE kind = ? AND ref = ?`, kind, ref).Scan(e.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return e, err
}

func scanEntries(rows *sql.Rows, err error) ([]*entry, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*entry
	for rows.Next() {
		e := new(entry)
		if err := rows.Scan(e.fields()...); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

// cut keeps the beginning of a text, without the NUL that the database would refuse.
func cut(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "")
}

// labels is a scope as the table holds it.
func labels(scope []string) string {
	if len(scope) == 0 {
		return ""
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(scope)))
	return " " + strings.Join(sorted, " ") + " "
}
