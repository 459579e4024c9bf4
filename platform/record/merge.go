package record

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"runes.im/platform/attach"
	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/note"
	"runes.im/platform/search"
	"runes.im/platform/store"
)

// Merging is the news that two records became one, or are two again: whoever points at the one that is gone points at
// the one that is kept from now on, and back.
type Merging struct {
	Kept  string `json:"kept"` // id
	Gone  string `json:"gone"`
	Title string `json:"title"` // of the kept one
	Actor string `json:"actor"` // member id
}

// Merge is two records made one. The one that is gone waits in the bin, out of sight, until it ends.
type Merge struct {
	ID, Kept, Gone, GoneTitle, By string
	At                            time.Time
	before, after                 map[string]string
	moved                         map[string][]string
}

// Note remembers what the rune moved from the one that goes to the one that is kept.
func (m *Merge) Note(what string, ids ...string) { m.moved[what] = append(m.moved[what], ids...) }

// Noted is what was moved.
func (m *Merge) Noted(what string) []string { return m.moved[what] }

func declareMerge[T any](n *Noun[T], k *kind) {
	k.oneNews = [2]func(Merging) store.Event{n.BecameOne, n.AreApart}
	if n.Traits == nil {
		return
	}
	k.traits = func(rec any) []Trait { return n.Traits(rec.(*T)) }
	for i, hook := range []func(context.Context, *store.Tx, *Noun[T], *T, *T, *Merge) error{n.Merged, n.Apart} {
		k.merged[i] = func(ctx context.Context, tx *store.Tx, kept, gone any, m *Merge) error {
			if hook == nil {
				return nil
			}
			return hook(ctx, tx, n, kept.(*T), gone.(*T), m)
		}
	}
}

// mergeInto makes the two one: kept gets the values, all that belonged to gone moves over, and gone leaves. It is done
// whole, or not at all. Whoever saw other versions has lost a race.
func (k *kind) mergeInto(ctx context.Context, tx *store.Tx, kept, gone, rec any) error {
	m := &Merge{
		ID: id.New(), Kept: k.of(kept).ID, Gone: k.of(gone).ID, GoneTitle: k.title(gone), By: store.ActorOf(ctx).ID, At: clock.Now(ctx),
		before: map[string]string{}, after: map[string]string{}, moved: map[string][]string{},
	}
	if m.Kept == m.Gone {
		return fault.New(fault.Invalid, "record.merge_two")
	}
	if err := k.hide(ctx, tx, gone, "merge:"+m.ID); err != nil {
		return err
	}
	if err := k.merged[0](ctx, tx, kept, gone, m); err != nil {
		return err
	}
	var err error
	if m.moved["notes"], err = note.Move(ctx, tx, k.key, m.Gone, m.Kept, nil); err != nil {
		return err
	}
	if m.moved["folders"], err = attach.Move(ctx, tx, k.key, m.Gone, m.Kept, nil); err != nil {
		return err
	}
	for _, f := range k.given() {
		if f.text(kept) != f.text(rec) {
			m.before[f.Name], m.after[f.Name] = f.text(kept), f.text(rec)
		}
	}
	if err := k.change(ctx, tx, kept, rec); err != nil {
		return err
	}
	before, after, moved, err := m.texts()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO record_merges (id, kind, kept, gone, gone_title, before, after, moved, merged_at, merged_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, m.ID, k.key, m.Kept, m.Gone, m.GoneTitle, before, after, moved, clock.Text(m.At), m.By)
	if err != nil {
		return err
	}
	return k.tellMerge(ctx, tx, 0, "merged", m, k.title(rec))
}

// hide puts a record out of sight without what a removal takes along.
func (k *kind) hide(ctx context.Context, tx *store.Tx, rec any, with string) error {
	b := k.of(rec)
	done, err := tx.Exec(ctx, "UPDATE "+k.table+" SET deleted_at = ?, deleted_with = ?, version = version + 1 WHERE id = ? AND version = ? AND deleted_at IS NULL",
		clock.Text(clock.Now(ctx)), with, b.ID, b.Version)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return fault.New(fault.Precondition, "record.changed_meanwhile")
	}
	k.show(ctx, tx, b.ID)
	return search.Remove(ctx, tx, k.key, b.ID)
}

func (m *Merge) texts() (before, after, moved string, err error) {
	for _, one := range []struct {
		to   *string
		from any
	}{{&before, m.before}, {&after, m.after}, {&moved, m.moved}} {
		raw, err := json.Marshal(one.from)
		if err != nil {
			return "", "", "", err
		}
		*one.to = string(raw)
	}
	return before, after, moved, nil
}

func (k *kind) tellMerge(ctx context.Context, tx *store.Tx, news int, deed string, m *Merge, title string) error {
	err := audit.Record(ctx, tx, audit.Entry{
		Action: k.key + "_" + deed, Object: k.object(m.Kept), Title: title, After: map[string]any{"other": m.GoneTitle, "other_id": m.Gone},
	})
	if err != nil {
		return err
	}
	k.show(ctx, tx, m.Kept)
	if emit := k.oneNews[news]; emit != nil {
		return tx.Emit(ctx, emit(Merging{Kept: m.Kept, Gone: m.Gone, Title: title, Actor: store.ActorOf(ctx).ID}))
	}
	return nil
}

// split makes the two of a merge two again. What somebody changed on the kept one since then stays changed; what moved
// on since then stays where it is.
func (k *kind) split(ctx context.Context, tx *store.Tx, m *Merge) (gone any, err error) {
	found, err := k.list(ctx, tx, nil, Query{IDs: []string{m.Gone}, Bin: true, Where: "deleted_with = ?", Args: []any{"merge:" + m.ID}})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, missing()
	}
	gone = found[0]
	kept, err := k.one(ctx, tx, nil, m.Kept, false)
	if err != nil {
		return nil, err
	}
	b := k.of(gone)
	if _, err := tx.Exec(ctx, "UPDATE "+k.table+" SET deleted_at = NULL, deleted_with = '', version = version + 1 WHERE id = ?", b.ID); err != nil {
		return nil, err
	}
	b.Version, b.DeletedAt, b.DeletedWith = b.Version+1, time.Time{}, ""
	rec := k.copyOf(kept)
	for _, f := range k.given() {
		if after, moved := m.after[f.Name]; moved && f.text(kept) == after {
			f.put(rec, m.before[f.Name])
		}
	}
	if err := k.change(ctx, tx, kept, rec); err != nil {
		return nil, err
	}
	if err := k.merged[1](ctx, tx, rec, gone, m); err != nil {
		return nil, err
	}
	for what, move := range map[string]func(context.Context, *store.Tx, string, string, string, []string) ([]string, error){"notes": note.Move, "folders": attach.Move} {
		if len(m.moved[what]) == 0 { // none would mean all
			continue
		}
		if _, err := move(ctx, tx, k.key, m.Kept, m.Gone, m.moved[what]); err != nil {
			return nil, err
		}
	}
	if err := k.index(ctx, tx, gone); err != nil {
		return nil, err
	}
	k.show(ctx, tx, b.ID)
	if _, err := tx.Exec(ctx, "DELETE FROM record_merges WHERE id = ?", m.ID); err != nil {
		return nil, err
	}
	// The two looked alike to somebody, and are two all the same: nobody is asked about them again.
	if err := k.noteApart(ctx, tx, m.Kept, m.Gone); err != nil {
		return nil, err
	}
	return gone, k.tellMerge(ctx, tx, 1, "unmerged", m, k.title(rec))
}

func (k *kind) noteApart(ctx context.Context, tx *store.Tx, one, other string) error {
	pair := pairOf(one, other)
	_, err := tx.Exec(ctx, "INSERT OR IGNORE INTO record_apart (kind, one, other) VALUES (?, ?, ?)", k.key, pair[0], pair[1])
	return err
}

// merges are those that the condition chooses, the newest first.
func (k *kind) merges(ctx context.Context, r store.Reader, where string, args ...any) ([]*Merge, error) {
	rows, err := r.Query(ctx, "SELECT id, kept, gone, gone_title, before, after, moved, merged_at, merged_by FROM record_merges WHERE kind = ? AND "+
		where+" ORDER BY merged_at DESC, id DESC LIMIT 100", append([]any{k.key}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*Merge
	for rows.Next() {
		m, before, after, moved := new(Merge), "", "", ""
		if err := rows.Scan(&m.ID, &m.Kept, &m.Gone, &m.GoneTitle, &before, &after, &moved, stamp{&m.At}, &m.By); err != nil {
			return nil, err
		}
		for text, to := range map[string]any{before: &m.before, after: &m.after, moved: &m.moved} {
			if err := json.Unmarshal([]byte(text), to); err != nil {
				return nil, err
			}
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

// BecameOf is the id of the record that the one with this id was merged into, empty when it was not.
func (n *Noun[T]) BecameOf(ctx context.Context, r store.Reader, id string) (string, error) {
	for range 10 { // of a chain
		all, err := n.merges(ctx, r, "gone = ?", id)
		if err != nil || len(all) == 0 {
			return "", err
		}
		if there, err := n.list(ctx, r, nil, Query{IDs: []string{all[0].Kept}, Limit: 1}); err != nil || len(there) == 1 {
			return all[0].Kept, err
		}
		id = all[0].Kept
	}
	return "", nil
}

// endMerges forgets merges of which nothing is left to take apart.
func (k *kind) endMerges(ctx context.Context, tx *store.Tx, before string) error {
	_, err := tx.Exec(ctx, "DELETE FROM record_merges WHERE kind = ? AND merged_at < ?", k.key, before)
	return err
}

// preferred is what the two come to when nobody chooses: each field of the kept one, and where that says nothing the
// other's.
func (k *kind) preferred(kept, gone any) any {
	rec := k.copyOf(kept)
	for _, f := range k.mergeable() {
		if text := f.text(rec); text == "" || text == "0" {
			f.put(rec, f.text(gone))
		}
	}
	return rec
}

// mergeable are the fields of which somebody chooses one.
func (k *kind) mergeable() []*Field {
	return slices.DeleteFunc(k.given(), func(f *Field) bool { return f.fixed })
}
