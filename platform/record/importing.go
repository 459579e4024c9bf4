package record

import (
	"context"
	"slices"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/store"
)

// What a row of an import does.
const (
	Creates   = "create"
	Updates   = "update"
	Unchanged = "unchanged"
	Faulty    = "error"
)

// Step is what one row would do, or did: an importer shows it, keeps it, and gives it back for Apply and Undo.
type Step struct {
	Deed     string                   `json:"deed"`
	ID       string                   `json:"id,omitempty"`
	Title    string                   `json:"title"`
	Version  int64                    `json:"version,omitempty"` // before Apply the one seen, after it the one made
	Values   map[string]string        `json:"values"`
	Before   map[string]string        `json:"before,omitempty"` // of an update: what Undo writes back
	Problems map[string]fault.Problem `json:"problems,omitempty"`
}

// Target is a noun as an importer sees it: as the person at work sees it (identity.From), so that a file neither
// finds nor changes what lies outside of their scope. A job that imports says for whom with identity.With.
type Target struct{ k *kind }

// TargetOf makes one.
func TargetOf(of Kind) Target { return Target{of.kindOf()} }

// Kind and Permission name what is written and who may.
func (t Target) Kind() string       { return t.k.key }
func (t Target) Permission() string { return t.k.manage }

// Fields are what a column of a file can become; Label is a words key, in four languages, to suggest from.
func (t Target) Fields() []*Field { return t.k.exported() }

// Plan is what the row would do; its names are those of fields. A record is recognised by its match fields, those that
// are not its title first. An empty cell of a record that is there changes nothing.
func (t Target) Plan(ctx context.Context, r store.Reader, row map[string]string) (Step, error) {
	k, err := t.k.whole(ctx, r, identity.From(ctx))
	if err != nil {
		return Step{}, err
	}
	form := fault.Form{}
	step, rec := Step{Deed: Creates, Values: map[string]string{}}, k.fresh()
	for _, f := range k.exported() {
		text, err := k.resolved(ctx, r, f, unguarded(row[f.Name]))
		if err != nil {
			return step, err
		}
		f.put(rec, f.clean(text, &form))
		if text := f.text(rec); text != "" && text != "0" {
			step.Values[f.Name] = text
		}
	}
	k.derive(rec)
	step.Title = k.title(rec)
	if err = form.Err(); err == nil {
		err = k.check(ctx, r, rec)
	}
	if f := fault.Of(err); f != nil {
		step.Deed, step.Problems = Faulty, f.Problems
		return step, nil
	}
	if err != nil {
		return step, err
	}
	found, err := k.matching(ctx, r, step.Values)
	if err != nil || found == nil {
		return step, err
	}
	step.Deed, step.ID, step.Version = Unchanged, k.of(found).ID, k.of(found).Version
	for _, f := range k.exported() {
		if text, given := step.Values[f.Name]; given && text != f.text(found) {
			step.Deed = Updates
		}
	}
	return step, nil
}

// unguarded takes the apostrophe away that our own CSV puts in front of what a spreadsheet would run.
func unguarded(cell string) string {
	if plain, ok := strings.CutPrefix(cell, "'"); ok && Harmless(plain) == cell {
		return plain
	}
	return cell
}

// matching is the record that the row means; nil when there is none.
func (k *kind) matching(ctx context.Context, r store.Reader, values map[string]string) (any, error) {
	keys := slices.DeleteFunc(k.exported(), func(f *Field) bool { return !f.Match })
	slices.SortStableFunc(keys, func(a, b *Field) int {
		switch {
		case a.title == b.title:
			return 0
		case a.title:
			return 1
		}
		return -1
	})
	for _, f := range keys {
		text, given := values[f.Name]
		if !given {
			continue
		}
		found, err := k.list(ctx, r, identity.From(ctx), Query{Where: f.Name + " = ? COLLATE NOCASE", Args: []any{text}, Limit: 1})
		if err != nil || len(found) > 0 {
			return first(found), err
		}
	}
	return nil, nil
}

func first(found []any) any {
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// Apply does what was planned. A record that changed since then is a fault, and so is one that turned up meanwhile.
func (t Target) Apply(ctx context.Context, tx *store.Tx, step Step) (Step, error) {
	k, err := t.k.whole(ctx, tx, identity.From(ctx))
	if err != nil {
		return step, err
	}
	found, err := k.matching(ctx, tx, step.Values)
	if err != nil {
		return step, err
	}
	switch {
	case step.Deed == Creates && found == nil:
		rec := k.fresh()
		k.take(rec, step.Values)
		if err := k.create(ctx, tx, rec); err != nil {
			return step, err
		}
		step.ID, step.Version = k.of(rec).ID, 1
	case step.Deed == Updates && found != nil && k.of(found).ID == step.ID && k.of(found).Version == step.Version:
		rec := k.copyOf(found)
		k.take(rec, step.Values)
		step.Before = map[string]string{}
		for _, f := range k.exported() {
			if f.text(found) != f.text(rec) {
				step.Before[f.Name] = f.text(found)
			}
		}
		if err := k.change(ctx, tx, found, rec); err != nil {
			return step, err
		}
		step.Version = k.of(rec).Version
	case step.Deed == Unchanged:
	default:
		return step, fault.New(fault.Conflict, "record.changed_meanwhile")
	}
	return step, nil
}

func (k *kind) take(rec any, values map[string]string) {
	for _, f := range k.exported() {
		if text, given := values[f.Name]; given {
			f.put(rec, text)
		}
	}
}

// Undo takes back what Apply did. What somebody changed since stays, and is a fault.
func (t Target) Undo(ctx context.Context, tx *store.Tx, done Step) error {
	k, err := t.k.whole(ctx, tx, identity.From(ctx))
	if err != nil {
		return err
	}
	if done.Deed != Creates && done.Deed != Updates {
		return nil
	}
	rec, err := k.one(ctx, tx, identity.From(ctx), done.ID, false)
	if err != nil {
		return err
	}
	if k.of(rec).Version != done.Version {
		return fault.New(fault.Conflict, "record.changed_meanwhile")
	}
	if done.Deed == Creates {
		return k.remove(ctx, tx, rec, "")
	}
	old := k.copyOf(rec)
	k.take(old, done.Before)
	return k.change(ctx, tx, rec, old)
}

// Ref is how a field that points at another record reads in files: by that record's name.
type Ref struct {
	Names func(ctx context.Context, r store.Reader, ids []string) (map[string]string, error)
	Find  func(ctx context.Context, r store.Reader, name string) (id string, err error)
}

// resolved turns the name that a file has for another record into its id.
func (k *kind) resolved(ctx context.Context, r store.Reader, f *Field, text string) (string, error) {
	if k.refs[f.Name].Find == nil || text == "" {
		return text, nil
	}
	return k.refs[f.Name].Find(ctx, r, text)
}

// named turns ids into the names that files have.
func (k *kind) named(ctx context.Context, r store.Reader, f *Field, all []any) (map[string]string, error) {
	ids := make([]string, len(all))
	for i, rec := range all {
		ids[i] = f.text(rec)
	}
	return k.refs[f.Name].Names(ctx, r, ids)
}
