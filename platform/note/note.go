// Package note keeps what people write about a record of any rune: Markdown with mentions of members, pinned when it
// matters to everybody who looks.
package note

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/identity"
	"runes.im/platform/rich"
	"runes.im/platform/store"
)

//go:embed migrations
var migrations embed.FS

// Schema holds the notes.
var Schema = store.Embedded("note", migrations, "migrations")

// Longest is how many characters one note may have.
const Longest = 10_000

// most is how many notes of a record are read.
const most = 500

// Note is one text about a record.
type Note struct {
	ID, Kind, Record, Author, Text string
	Pinned                         bool
	MadeAt, ChangedAt              time.Time
}

// Changed reports that the text is not the one first written.
func (n *Note) Changed() bool { return n.ChangedAt.After(n.MadeAt) }

const columns = "id, kind, record, author, text, pinned, made_at, changed_at"

// Of are the notes about a record: pinned ones first, then the newest.
func Of(ctx context.Context, r store.Reader, kind, record string) ([]*Note, error) {
	rows, err := r.Query(ctx, "SELECT "+columns+" FROM note_notes WHERE kind = ? AND record = ? ORDER BY pinned DESC, made_at DESC, id DESC LIMIT ?", kind, record, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*Note
	for rows.Next() {
		n, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// One is the note with that id about that record.
func One(ctx context.Context, r store.Reader, kind, record, id string) (*Note, error) {
	n, err := scan(r.QueryRow(ctx, "SELECT "+columns+" FROM note_notes WHERE id = ? AND kind = ? AND record = ?", id, kind, record).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "web.not_found")
	}
	return n, err
}

func scan(into func(...any) error) (*Note, error) {
	n, made, changed := new(Note), "", ""
	if err := into(&n.ID, &n.Kind, &n.Record, &n.Author, &n.Text, &n.Pinned, &made, &changed); err != nil {
		return nil, err
	}
	var err, other error
	n.MadeAt, err = clock.Parse(made)
	n.ChangedAt, other = clock.Parse(changed)
	return n, errors.Join(err, other)
}

// check tidies the text and says what is wrong with it.
func (n *Note) check() error {
	n.Text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(n.Text, "\r\n", "\n"), "\uFFFD")))
	form := fault.Form{}
	form.Need(n.Text != "", "text", "record.note_empty")
	form.Need(utf8.RuneCountInString(n.Text) <= Longest, "text", "record.long", "n", Longest)
	return form.Err()
}

// Add writes a new note of the member who acts.
func Add(ctx context.Context, tx *store.Tx, n *Note) error {
	if err := n.check(); err != nil {
		return err
	}
	n.ID, n.Author, n.MadeAt = id.New(), store.ActorOf(ctx).ID, clock.Now(ctx)
	n.ChangedAt = n.MadeAt
	_, err := tx.Exec(ctx, "INSERT INTO note_notes ("+columns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		n.ID, n.Kind, n.Record, n.Author, n.Text, n.Pinned, clock.Text(n.MadeAt), clock.Text(n.ChangedAt))
	return err
}

// Change writes another text.
func Change(ctx context.Context, tx *store.Tx, n *Note) error {
	if err := n.check(); err != nil {
		return err
	}
	n.ChangedAt = clock.Now(ctx)
	_, err := tx.Exec(ctx, "UPDATE note_notes SET text = ?, changed_at = ? WHERE id = ?", n.Text, clock.Text(n.ChangedAt), n.ID)
	return err
}

// Pin puts a note on top, or back among the others.
func Pin(ctx context.Context, tx *store.Tx, n *Note, pinned bool) error {
	_, err := tx.Exec(ctx, "UPDATE note_notes SET pinned = ? WHERE id = ?", pinned, n.ID)
	return err
}

// Remove ends a note.
func Remove(ctx context.Context, tx *store.Tx, n *Note) error {
	_, err := tx.Exec(ctx, "DELETE FROM note_notes WHERE id = ?", n.ID)
	return err
}

// Purge ends all notes about a record.
func Purge(ctx context.Context, tx *store.Tx, kind, record string) error {
	_, err := tx.Exec(ctx, "DELETE FROM note_notes WHERE kind = ? AND record = ?", kind, record)
	return err
}

// Move gives the notes about one record to another; only those of ids, when there are any. It answers which went.
func Move(ctx context.Context, tx *store.Tx, kind, from, to string, ids []string) ([]string, error) {
	rows, err := tx.Query(ctx, "SELECT id FROM note_notes WHERE kind = ? AND record = ? ORDER BY id LIMIT 100000", kind, from)
	if err != nil {
		return nil, err
	}
	var moved []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			rows.Close()
			return nil, err
		}
		if ids == nil || slices.Contains(ids, id) {
			moved = append(moved, id)
		}
	}
	err = errors.Join(rows.Err(), rows.Close())
	for _, id := range moved {
		if err == nil {
			_, err = tx.Exec(ctx, "UPDATE note_notes SET record = ? WHERE id = ?", to, id)
		}
	}
	return moved, err
}

// Mentioned are the members whom the text names: an @ and the whole name. Where one name begins another the longer one
// is meant.
func Mentioned(text string, members []*identity.Person) []*identity.Person {
	var found []*identity.Person
	each(text, members, func(named []*identity.Person, _, _ int) {
		for _, p := range named {
			if !slices.Contains(found, p) {
				found = append(found, p)
			}
		}
	})
	return found
}

// HTML is the text as it stands on a page, with the members whom it names made bold.
func HTML(text string, members []*identity.Person) template.HTML {
	var b strings.Builder
	last := 0
	each(text, members, func(_ []*identity.Person, from, to int) {
		b.WriteString(text[last:from] + "**" + plain.Replace(text[from:to]) + "**")
		last = to
	})
	return rich.HTML(b.String() + text[last:])
}

// plain makes a name mean itself in Markdown.
var plain = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "<", `\<`, "&", `\&`)

// each finds the mentions in their order; several members may have the same name.
func each(text string, members []*identity.Person, do func(named []*identity.Person, from, to int)) {
	for at := 0; ; {
		next := strings.IndexByte(text[at:], '@')
		if next < 0 {
			return
		}
		at += next
		rest, longest := text[at+1:], 0
		var named []*identity.Person
		for _, p := range members {
			if p.Name == "" || len(p.Name) < longest || !strings.HasPrefix(rest, p.Name) || inWord(rest[len(p.Name):]) {
				continue
			}
			if len(p.Name) > longest {
				longest, named = len(p.Name), nil
			}
			named = append(named, p)
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		if named == nil || at > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
			at++
			continue
		}
		do(named, at, at+1+longest)
		at += 1 + longest
	}
}

// inWord reports that the name goes on: @Ann is not meant by @Anna.
func inWord(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return rest != "" && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
