package record

import (
	"context"
	"slices"
	"strings"
	"time"

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
	Values   map[string]string        `json:"values,omitempty"`
	Before   map[string]string        `json:"before,omitempty"`  // of an update: what Undo writes back
	Missing  []string                 `json:"missing,omitempty"` // fields that name a record which Apply makes
	Made     map[string]string        `json:"made,omitempty"`    // by field: the records that Apply made
	Problems map[string]fault.Problem `json:"problems,omitempty"`
}

// Target is a noun as an importer sees it: as the person at work sees it (identity.From), so that a file neither
// finds nor changes what lies outside of their scope. A job that imports says for whom with identity.With.
type Target struct{ k *kind }

// TargetOf makes one.
func TargetOf(of Kind) Target { return Target{of.kindOf()} }

// Plan is what the row would do; its names are those of fields. A record is recognised by its match fields, else by its
// name. An empty cell of a record that is there changes nothing.
func (t Target) Plan(ctx context.Context, r store.Reader, row map[string]string) (Step, error) {
	k, err := t.k.whole(ctx, r, identity.From(ctx))
	if err != nil {
		return Step{}, err
	}
	step, _, err := k.plan(ctx, r, row, false)
	return step, err
}

// plan also answers the record as the row has it. With makes, a record that the row points at may be missing: Apply
// makes it.
func (k *kind) plan(ctx context.Context, r store.Reader, row map[string]string, makes bool) (Step, any, error) {
	form := fault.Form{}
	step, rec := Step{Deed: Creates, Values: map[string]string{}}, k.fresh()
	for _, f := range k.exported() {
		raw := strings.TrimSpace(unguarded(row[f.Name]))
		if raw == "" {
			continue
		}
		text, err := k.resolved(ctx, r, f, raw)
		if err != nil {
			return step, nil, err
		}
		if makes && text == raw && k.makeable(f) != nil {
			step.Missing = append(step.Missing, f.Name)
		}
		one := fault.Form{}
		text = f.clean(dayOf(f, text), &one)
		if wrong := fault.Of(one.Err()); wrong != nil {
			problem := wrong.Problems[f.Name]
			form.Need(false, f.Name, problem.Key, problem.Args...)
			step.Values[f.Name] = raw // for people to see what was wrong
			continue
		}
		step.Values[f.Name] = text
		f.put(rec, text)
	}
	k.derive(rec)
	step.Title = k.title(rec)
	found, err := k.matching(ctx, r, rec)
	if err != nil {
		return step, nil, err
	}
	whole := rec
	if found == nil {
		for _, f := range k.exported() {
			form.Need(!f.Need || step.Values[f.Name] != "", f.Name, "record.need")
		}
	} else {
		whole = k.copyOf(found)
		k.take(whole, step.Values, false)
		k.derive(whole)
		k.compare(&step, found, whole)
	}
	err = form.Err()
	if err == nil {
		err = k.settle(ctx, r, found, whole)
	}
	if err == nil {
		err = k.checked(ctx, r, whole, step.Missing)
	}
	if f := fault.Of(err); f != nil && f.Kind == fault.Invalid {
		step.Deed, step.Problems = Faulty, f.Problems
		if len(f.Problems) == 0 {
			step.Problems = map[string]fault.Problem{"": {Key: f.Key, Args: f.Args}}
		}
		return step, rec, nil
	}
	return step, rec, err
}

// compare says what the row changes about the record that is there.
func (k *kind) compare(step *Step, found, whole any) {
	step.Deed, step.ID, step.Version, step.Before = Unchanged, k.of(found).ID, k.of(found).Version, map[string]string{}
	for _, f := range k.exported() {
		if was := f.text(found); was != f.text(whole) {
			step.Deed, step.Before[f.Name] = Updates, was
		}
	}
}

// checked is the noun's own check, leaving out the fields whose record does not exist yet.
func (k *kind) checked(ctx context.Context, r store.Reader, rec any, missing []string) error {
	err := k.check(ctx, r, rec)
	f := fault.Of(err)
	if f == nil || len(missing) == 0 {
		return err
	}
	left := map[string]fault.Problem{}
	for field, problem := range f.Problems {
		if !slices.Contains(missing, field) {
			left[field] = problem
		}
	}
	if len(left) == 0 && len(f.Problems) > 0 {
		return nil
	}
	return &fault.Fault{Kind: f.Kind, Key: f.Key, Args: f.Args, Problems: left}
}

// dayOf is a day as files write it in the form that dates have here: a workbook's may have a time, and 31.12.2026
// means the same everywhere. 12/31 and 31/12 do not.
func dayOf(f *Field, text string) string {
	if f.Sort != "date" {
		return text
	}
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02T15:04:05Z07:00", "2.1.2006", "20060102"} {
		if day, err := time.Parse(form, text); err == nil {
			return day.Format(time.DateOnly)
		}
	}
	return text
}

// unguarded takes the apostrophe away that our own CSV puts in front of what a spreadsheet would run.
func unguarded(cell string) string {
	if plain, ok := strings.CutPrefix(cell, "'"); ok && Harmless(plain) == cell {
		return plain
	}
	return cell
}

// matching is the record that the row means, among those the person may see; nil when there is none. A name alone does
// not make two records one when they differ in what tells them apart.
func (k *kind) matching(ctx context.Context, r store.Reader, rec any) (any, error) {
	p := identity.From(ctx)
	strong, byName := false, false
	for _, f := range k.fields {
		if !f.Match {
			continue
		}
		if f.title {
			byName = true
			continue
		}
		text := f.text(rec)
		if text == "" {
			continue
		}
		strong = true
		where := f.column + " = ?"
		if !f.derived {
			where += " COLLATE NOCASE"
		}
		found, err := k.meant(ctx, r, p, where, text)
		if err != nil || len(found) > 0 && !k.contradict(found[0], rec) {
			return first(found), err
		}
	}
	title := k.title(rec)
	if title == "" || strong && !byName {
		return nil, nil
	}
	where, args := "title_key = ?", []any{fold(title)}
	for _, f := range k.fields {
		if f.Sort == "ref" {
			where, args = where+" AND "+f.column+" = ?", append(args, f.text(rec))
		}
	}
	found, err := k.meant(ctx, r, p, where, args...)
	for _, one := range found {
		if !k.contradict(one, rec) {
			return one, err
		}
	}
	return nil, err
}

// meant are a few records that fit the condition, in no order: one to sort by would lead the database away from the
// index of the condition.
func (k *kind) meant(ctx context.Context, r store.Reader, p *identity.Person, where string, args ...any) ([]any, error) {
	where, args, err := k.condition(ctx, r, p, Query{Where: where, Args: args})
	if err != nil {
		return nil, err
	}
	return k.read(ctx, r, "WHERE "+where+" LIMIT 20", args...)
}

func first(found []any) any {
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// strong are the fields that tell two records apart: both have them, and they differ. A web address is shared too often.
func (f *Field) strong() bool { return f.Match && !f.title && f.Sort != "url" }

func (k *kind) contradict(a, b any) bool {
	for _, f := range k.fields {
		if one, other := f.text(a), f.text(b); f.strong() && one != "" && other != "" && !strings.EqualFold(one, other) {
			return true
		}
	}
	return false
}

// Apply does what was planned. A record that changed since then is a fault, and so is one that turned up meanwhile.
func (t Target) Apply(ctx context.Context, tx *store.Tx, step Step) (Step, error) {
	k, err := t.k.whole(ctx, tx, identity.From(ctx))
	if err != nil {
		return step, err
	}
	if step.Deed != Creates && step.Deed != Updates {
		return step, nil
	}
	if err := k.makeMissing(ctx, tx, &step); err != nil {
		return step, err
	}
	rec := k.fresh()
	k.take(rec, step.Values, true)
	k.derive(rec)
	found, err := k.matching(ctx, tx, rec)
	switch {
	case err != nil:
		return step, err
	case step.Deed == Creates && found == nil:
		if err := k.create(ctx, tx, rec); err != nil {
			return step, err
		}
		step.ID, step.Version = k.of(rec).ID, k.of(rec).Version
		return step, nil
	case step.Deed == Updates && found != nil && k.of(found).ID == step.ID && k.of(found).Version == step.Version:
		rec := k.copyOf(found)
		k.take(rec, step.Values, false)
		k.compare(&step, found, rec)
		if err := k.change(ctx, tx, found, rec); err != nil {
			return step, err
		}
		step.Version = k.of(rec).Version
		return step, nil
	}
	return step, fault.New(fault.Conflict, "record.changed_meanwhile")
}

// makeMissing makes the records that the row points at and nobody has.
func (k *kind) makeMissing(ctx context.Context, tx *store.Tx, step *Step) error {
	for _, name := range step.Missing {
		ref, wanted := k.refs[name], step.Values[name]
		id, err := ref.Find(ctx, tx, wanted)
		if err == nil && id == wanted {
			if id, err = k.makeable(k.field(name)).makeNamed(ctx, tx, wanted); err == nil {
				if step.Made == nil {
					step.Made = map[string]string{}
				}
				step.Made[name] = id
			}
		}
		if err != nil {
			return err
		}
		step.Values[name] = id
	}
	return nil
}

// take puts the row's values into a record; what is fixed, only into a new one.
func (k *kind) take(rec any, values map[string]string, isNew bool) {
	for _, f := range k.exported() {
		if text, given := values[f.Name]; given && (isNew || !f.fixed) {
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
	if done.Deed == Updates {
		old := k.copyOf(rec)
		k.take(old, done.Before, false)
		return k.change(ctx, tx, rec, old)
	}
	if err := k.remove(ctx, tx, rec, ""); err != nil {
		return err
	}
	for name, id := range done.Made {
		if err := k.makeable(k.field(name)).unmake(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// Ref is how a field that points at another record reads in files: by that record's name.
type Ref struct {
	Names func(ctx context.Context, r store.Reader, ids []string) (map[string]string, error)
	Find  func(ctx context.Context, r store.Reader, name string) (id string, err error) // the name itself: nobody has it
}

// resolved turns the name that a file has for another record into its id.
func (k *kind) resolved(ctx context.Context, r store.Reader, f *Field, text string) (string, error) {
	find := k.refs[f.Name].Find
	if find == nil || text == "" {
		return text, nil
	}
	return find(ctx, r, text)
}

// named turns ids into the names that files have.
func (k *kind) named(ctx context.Context, r store.Reader, f *Field, all []any) (map[string]string, error) {
	ids := make([]string, len(all))
	for i, rec := range all {
		ids[i] = f.text(rec)
	}
	return k.refs[f.Name].Names(ctx, r, ids)
}
