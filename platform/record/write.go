package record

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"runes.im/platform/attach"
	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/identity"
	"runes.im/platform/live"
	"runes.im/platform/note"
	"runes.im/platform/search"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// The deeds that are news, in the order of kind.news.
const (
	created = iota
	updated
	deleted
)

// create writes a new record. Its fields went through clean.
func (k *kind) create(ctx context.Context, tx *store.Tx, rec any) error {
	k.derive(rec)
	if err := k.settle(ctx, tx, nil, rec); err != nil {
		return err
	}
	if err := k.check(ctx, tx, rec); err != nil {
		return err
	}
	b, now := k.of(rec), clock.Now(ctx)
	actor := store.ActorOf(ctx).ID
	*b = Base{ID: id.New(), Version: 1, CreatedAt: now, UpdatedAt: now, CreatedBy: actor, UpdatedBy: actor}
	if err := k.saving(ctx, tx, nil, rec); err != nil {
		return err
	}
	title, search := k.keys(rec)
	names, values := "id, version, title_key, search_key, created_at, created_by, updated_at, updated_by", []any{
		b.ID, b.Version, title, search, clock.Text(now), actor, clock.Text(now), actor,
	}
	after := map[string]any{"version": b.Version}
	for _, f := range k.fields {
		if !f.added {
			names, values = names+", "+strings.Join(f.columns(), ", "), append(values, f.stored(rec)...)
		}
		if f.text(rec) != "" && !f.derived {
			after[f.Name] = f.logged(rec)
		}
	}
	if k.custom >= 0 {
		more, err := k.more(rec).stored()
		if err != nil {
			return err
		}
		names, values = names+", custom", append(values, more)
	}
	if _, err := tx.Exec(ctx, "INSERT INTO "+k.table+" ("+names+") VALUES ("+places(len(values))+")", values...); err != nil {
		return err
	}
	if err := k.saved(ctx, tx, nil, rec); err != nil {
		return err
	}
	return k.tell(ctx, tx, rec, "created", created, nil, after)
}

// change writes what differs between the two. Who saw an older version than before's has lost a race.
func (k *kind) change(ctx context.Context, tx *store.Tx, before, rec any) error {
	k.derive(rec)
	changed, was, is := k.differences(before, rec)
	if len(changed) == 0 {
		return nil
	}
	if err := k.settle(ctx, tx, before, rec); err != nil {
		return err
	}
	if err := k.check(ctx, tx, rec); err != nil {
		return err
	}
	b, now := k.of(rec), clock.Now(ctx)
	*b = *k.of(before)
	b.Version, b.UpdatedAt, b.UpdatedBy = b.Version+1, now, store.ActorOf(ctx).ID
	if err := k.saving(ctx, tx, before, rec); err != nil {
		return err
	}
	title, search := k.keys(rec)
	sets, values := "version = ?, title_key = ?, search_key = ?, updated_at = ?, updated_by = ?", []any{
		b.Version, title, search, clock.Text(now), b.UpdatedBy,
	}
	for _, f := range changed {
		if !f.added {
			sets, values = sets+", "+strings.Join(f.columns(), " = ?, ")+" = ?", append(values, f.stored(rec)...)
		}
	}
	if slices.ContainsFunc(changed, func(f *Field) bool { return f.added }) {
		more, err := k.more(rec).stored()
		if err != nil {
			return err
		}
		sets, values = sets+", custom = ?", append(values, more)
	}
	done, err := tx.Exec(ctx, "UPDATE "+k.table+" SET "+sets+" WHERE id = ? AND version = ? AND deleted_at IS NULL",
		append(values, b.ID, b.Version-1)...)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return fault.New(fault.Precondition, "record.changed_meanwhile")
	}
	if err := k.saved(ctx, tx, before, rec); err != nil {
		return err
	}
	if err := k.followName(ctx, tx, before, rec); err != nil {
		return err
	}
	is["version"] = b.Version
	return k.tell(ctx, tx, rec, "updated", updated, was, is)
}

// differences are the fields that the two have differently, with both values.
func (k *kind) differences(before, rec any) (changed []*Field, was, is map[string]any) {
	was, is = map[string]any{}, map[string]any{}
	for _, f := range k.fields {
		if f.text(before) != f.text(rec) {
			changed = append(changed, f)
			if f.derived {
				continue
			}
			was[f.Name], is[f.Name] = f.logged(before), f.logged(rec)
		}
	}
	return changed, was, is
}

// remove puts a record into the bin. with is the record that takes it along, or empty.
func (k *kind) remove(ctx context.Context, tx *store.Tx, rec any, with string) error {
	b, now := k.of(rec), clock.Now(ctx)
	done, err := tx.Exec(ctx, "UPDATE "+k.table+" SET deleted_at = ?, deleted_with = ?, version = version + 1 WHERE id = ? AND version = ? AND deleted_at IS NULL",
		clock.Text(now), with, b.ID, b.Version)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return fault.New(fault.Precondition, "record.changed_meanwhile")
	}
	b.Version, b.DeletedAt, b.DeletedWith = b.Version+1, now, with
	if err := k.removed(ctx, tx, rec); err != nil {
		return err
	}
	return k.tell(ctx, tx, rec, "deleted", deleted, k.values(rec), nil)
}

// restore takes a record out of the bin. For others it is there again, as if it were new.
func (k *kind) restore(ctx context.Context, tx *store.Tx, rec any) error {
	b := k.of(rec)
	if _, err := tx.Exec(ctx, "UPDATE "+k.table+" SET deleted_at = NULL, deleted_with = '', version = version + 1 WHERE id = ?", b.ID); err != nil {
		return err
	}
	b.Version, b.DeletedAt, b.DeletedWith = b.Version+1, time.Time{}, ""
	if err := k.back(ctx, tx, rec); err != nil {
		return err
	}
	after := k.values(rec)
	after["version"] = b.Version
	return k.tell(ctx, tx, rec, "restored", created, nil, after)
}

// purge ends a record that lies in the bin.
func (k *kind) purge(ctx context.Context, tx *store.Tx, rec any) error {
	if err := k.purged(ctx, tx, rec); err != nil {
		return err
	}
	b := k.of(rec)
	if err := errors.Join(note.Purge(ctx, tx, k.key, b.ID), attach.Forget(ctx, tx, k.key, b.ID)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM "+k.table+" WHERE id = ?", b.ID); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: k.key + "_purged", Object: k.object(b.ID), Title: k.title(rec)})
}

// values are the fields that say something.
func (k *kind) values(rec any) map[string]any {
	all := map[string]any{}
	for _, f := range k.fields {
		if f.text(rec) != "" && !f.derived {
			all[f.Name] = f.logged(rec)
		}
	}
	return all
}

// tell lets the log, the listeners, the search and the open pages know, all with the change or not at all.
func (k *kind) tell(ctx context.Context, tx *store.Tx, rec any, action string, news int, was, is map[string]any) error {
	b := k.of(rec)
	err := audit.Record(ctx, tx, audit.Entry{Action: k.key + "_" + action, Object: k.object(b.ID), Title: k.title(rec), Before: was, After: is})
	if err != nil {
		return err
	}
	c := Change{ID: b.ID, Title: k.title(rec), Changed: []string{}, Actor: store.ActorOf(ctx).ID}
	for _, f := range k.fields {
		if _, ok := is[f.Name]; ok {
			c.Changed = append(c.Changed, f.Name)
		}
	}
	if emit := k.news[news]; emit != nil {
		if err := tx.Emit(ctx, emit(c)); err != nil {
			return err
		}
	}
	k.show(ctx, tx, b.ID)
	return k.index(ctx, tx, rec)
}

// index makes a record findable, or unfindable once it lies in the bin.
func (k *kind) index(ctx context.Context, tx *store.Tx, rec any) error {
	b := k.of(rec)
	if !b.DeletedAt.IsZero() {
		return search.Remove(ctx, tx, k.key, b.ID)
	}
	d := search.Doc{
		Kind: k.key, ID: b.ID, Title: k.title(rec), Subtitle: k.joined(rec, func(f *Field) bool { return f.sub }, ", "),
		Icon: k.icon, Href: k.href(rec), Permission: k.view, ChangedAt: b.UpdatedAt,
	}
	_, d.Body = k.keys(rec)
	var err error
	if d.Scope, err = k.labels(ctx, tx, rec); err != nil {
		return err
	}
	return search.Put(ctx, tx, d)
}

// show makes open pages of the list and the record read anew. Who may not see the record is told that something of
// its kind changed, and not what: it may have been theirs until now.
func (k *kind) show(ctx context.Context, tx *store.Tx, id string) {
	hub, t := live.From(ctx), tenant.From(ctx)
	if hub == nil || t == nil || isQuiet(ctx) {
		return
	}
	news := map[string]string{"kind": k.key, "id": id}
	m := live.Message{Name: "record", Permission: k.view, Data: news}
	if k.scope != nil && id != "" {
		m.For = func(ctx context.Context, to live.Viewer) any {
			p, _ := to.(*identity.Person)
			if in, err := k.inScope(ctx, t.DB, p, id); err != nil || !in {
				return map[string]string{"kind": k.key, "id": ""}
			}
			return news
		}
	}
	tx.AfterCommit(func() { hub.Send(t.ID, "", m) })
}

// Touch makes open pages of the record and its list read it anew: something that belongs to it changed.
func (n *Noun[T]) Touch(ctx context.Context, tx *store.Tx, id string) { n.show(ctx, tx, id) }

// Create writes a new record whose fields are filled; what is wrong with them is a fault.
func (n *Noun[T]) Create(ctx context.Context, tx *store.Tx, rec *T) error {
	return n.settled(ctx, tx, func(k *kind) error {
		if err := k.tidy(rec); err != nil {
			return err
		}
		return k.create(ctx, tx, rec)
	})
}

// Change writes what differs between the two.
func (n *Noun[T]) Change(ctx context.Context, tx *store.Tx, before, rec *T) error {
	return n.settled(ctx, tx, func(k *kind) error {
		if err := k.tidy(rec); err != nil {
			return err
		}
		return k.change(ctx, tx, before, rec)
	})
}

// Remove puts a record into the bin along with another one, whose id is with.
func (n *Noun[T]) Remove(ctx context.Context, tx *store.Tx, rec *T, with string) error {
	return n.settled(ctx, tx, func(k *kind) error { return k.remove(ctx, tx, rec, with) })
}

// Put fills a field that people added, by its name; what is wrong is a fault.
func (n *Noun[T]) Put(ctx context.Context, r store.Reader, rec *T, name, text string) error {
	k, err := n.whole(ctx, r, nil)
	if err != nil {
		return err
	}
	form := fault.Form{}
	f := k.field(name)
	form.Need(f != nil, name, "record.no_field")
	if f != nil {
		f.put(rec, f.clean(text, &form))
	}
	return form.Err()
}

// RestoreWith takes the records out of the bin that went there with another one.
func (n *Noun[T]) RestoreWith(ctx context.Context, tx *store.Tx, with string) error {
	return n.settled(ctx, tx, func(k *kind) error {
		return k.eachBinned(ctx, tx, Query{Where: "deleted_with = ?", Args: []any{with}}, k.restore)
	})
}

// Purge ends those records of the bin that the query chooses.
func (n *Noun[T]) Purge(ctx context.Context, tx *store.Tx, q Query) error {
	return n.eachBinned(ctx, tx, q, n.purge)
}

// Reindex makes the search read records anew: what it knows of them depends on another record that changed.
func (n *Noun[T]) Reindex(ctx context.Context, tx *store.Tx, q Query) error {
	return n.settled(ctx, tx, func(k *kind) error {
		q.Limit = 100_000
		all, err := k.list(ctx, tx, nil, q)
		for _, rec := range all {
			if err == nil {
				err = k.index(ctx, tx, rec)
			}
		}
		return err
	})
}

// settled does something with all fields of the noun, those that people added too.
func (k *kind) settled(ctx context.Context, r store.Reader, do func(*kind) error) error {
	w, err := k.whole(ctx, r, nil)
	if err != nil {
		return err
	}
	return do(w)
}

func (k *kind) eachBinned(ctx context.Context, tx *store.Tx, q Query, do func(context.Context, *store.Tx, any) error) error {
	q.Bin, q.Limit = true, 100_000
	all, err := k.list(ctx, tx, nil, q)
	if err != nil {
		return err
	}
	for _, rec := range all {
		if err := do(ctx, tx, rec); err != nil {
			return err
		}
	}
	return nil
}

// tidy cleans every field of a record that code filled. What people added is none of the code's business: it may be
// needed in forms, and a job of ours still saves the record.
func (k *kind) tidy(rec any) error {
	form := fault.Form{}
	for _, f := range k.given() {
		if !f.added {
			f.put(rec, f.clean(f.text(rec), &form))
		}
	}
	return form.Err()
}
