package record

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/job"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// NewField is a field for AddField. Translations are by language.
type NewField struct {
	Sort, Label, Section string
	Choices              []string
	Translations         map[string]Translation
}

// AddField adds a field to the noun as its page does: for a rune's demo and for tests.
func (n *Noun[T]) AddField(ctx context.Context, tx *store.Tx, f NewField) (name string, err error) {
	a := &addition{
		Label: f.Label, Sort: f.Sort, Section: f.Section, Choices: f.Choices, Translations: f.Translations,
		Listed: f.Sort == "choice", Filters: f.Sort == "choice", Searched: f.Sort == "text",
	}
	return a.Name, n.saveAddition(ctx, tx, &addition{}, a)
}

// saveAddition writes a new field (before has no name) or a changed one, with what makes it fast.
func (k *kind) saveAddition(ctx context.Context, tx *store.Tx, before, a *addition) error {
	all, err := k.additions(ctx, tx, "1")
	if err != nil {
		return err
	}
	form := fault.Form{}
	if other, input := a.clash(all); other != nil {
		form.Need(false, input, "record.field_taken", "name", other.Label)
	}
	form.Need(before.Name != "" || len(all) < maxAdded, "label", "record.field_many", "max", maxAdded)
	if err := form.Err(); err != nil {
		return err
	}
	if before.Name == "" {
		a.Name = k.freeName(a.Label, all)
		for _, other := range all {
			a.Place = max(a.Place, other.Place+1)
		}
	}
	a.Version = before.Version + 1
	if err := k.nameSection(ctx, tx, before, a, all); err != nil {
		return err
	}
	if err := k.writeAddition(ctx, tx, a); err != nil {
		return err
	}
	if err := k.indexAddition(ctx, tx, a); err != nil {
		return err
	}
	if before.Name != "" && a.findsOtherwise(k, before) {
		if err := job.Start(ctx, tx, k.reindexing(), nil, clock.Now(ctx)); err != nil {
			return err
		}
	}
	was, is := before.facts(), a.facts()
	return audit.Record(ctx, tx, audit.Entry{Action: k.key + "_field_saved", Object: "field:" + k.key + "." + a.Name, Title: a.Label, Before: was, After: is})
}

// findsOtherwise reports whether a search finds other records by the field than before.
func (a *addition) findsOtherwise(k *kind, before *addition) bool {
	is := a.field(k, "").search
	return is != before.field(k, "").search || is && slices.ContainsFunc(a.Choices, func(choice string) bool {
		return !slices.Equal(a.translations(choice), before.translations(choice))
	})
}

func (k *kind) writeAddition(ctx context.Context, tx *store.Tx, a *addition) error {
	choices, err := json.Marshal(append([]string{}, a.Choices...))
	if err != nil {
		return err
	}
	roles, err := json.Marshal(append([]string{}, a.Roles...))
	if err != nil {
		return err
	}
	if a.Translations == nil {
		a.Translations = map[string]Translation{}
	}
	translations, err := json.Marshal(a.Translations)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO record_fields (kind, name, label, sort, section, place, help, need, listed, filters, searched, choices, currency, editors, roles, version, translations)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (kind, name) DO UPDATE SET label = excluded.label, section = excluded.section, place = excluded.place, help = excluded.help,
			need = excluded.need, listed = excluded.listed, filters = excluded.filters, searched = excluded.searched, choices = excluded.choices,
			currency = excluded.currency, editors = excluded.editors, roles = excluded.roles, version = excluded.version, translations = excluded.translations`,
		k.key, a.Name, a.Label, a.Sort, a.Section, a.Place, a.Help, a.Need, a.Listed, a.Filters, a.Searched, string(choices), a.Currency, a.Editors, string(roles), a.Version, string(translations))
	if err != nil {
		return err
	}
	k.show(ctx, tx, "")
	return nil
}

func (a *addition) facts() map[string]any {
	if a.Name == "" {
		return nil
	}
	return map[string]any{
		"label": a.Label, "sort": a.Sort, "section": a.Section, "help": a.Help, "need": a.Need, "listed": a.Listed, "filters": a.Filters,
		"searched": a.Searched, "choices": a.Choices, "currency": a.Currency, "editors": a.Editors, "roles": a.Roles, "translations": a.Translations,
	}
}

// freeName is a name that no field of the noun has or had: x_ and what the label is made of.
func (k *kind) freeName(label string, all []*addition) string {
	stem := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, fold(label))
	stem = "x_" + strings.Join(strings.FieldsFunc(stem, func(r rune) bool { return r == '_' }), "_")
	if stem == "x_" {
		stem = "x_field"
	}
	stem = strings.TrimSuffix(stem[:min(len(stem), 40)], "_")
	name := stem
	for n := 2; slices.ContainsFunc(all, func(a *addition) bool { return a.Name == name }); n++ {
		name = stem + "_" + strconv.Itoa(n)
	}
	return name
}

func (k *kind) indexName(a *addition) string { return k.table + "_by_" + a.Name }

// indexAddition lets lists sort and filter by the field without looking at every record.
func (k *kind) indexAddition(ctx context.Context, tx *store.Tx, a *addition) error {
	if !a.sortable() {
		return nil
	}
	column := a.column()
	if !a.field(k, "").numeric() {
		column += " COLLATE NOCASE"
	}
	_, err := tx.Exec(ctx, "CREATE INDEX IF NOT EXISTS "+k.indexName(a)+" ON "+k.table+" ("+column+", id) WHERE deleted_at IS NULL")
	return err
}

// swapAddition exchanges a field with its neighbour in the section.
func (k *kind) swapAddition(ctx context.Context, tx *store.Tx, a *addition, up bool) error {
	all, err := k.additions(ctx, tx, "removed_at IS NULL AND section = ?", a.Section)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(other *addition) bool { return other.Name == a.Name })
	to := at + 1
	if up {
		to = at - 1
	}
	if at < 0 || to < 0 || to >= len(all) {
		return nil
	}
	all[at].Place, all[to].Place = all[to].Place, all[at].Place
	for _, one := range []*addition{all[at], all[to]} {
		if err := k.writeAddition(ctx, tx, one); err != nil {
			return err
		}
	}
	return nil
}

// dropAddition takes a field away. What stands in records is kept until endFields.
func (k *kind) dropAddition(ctx context.Context, tx *store.Tx, a *addition) error {
	return k.turnAddition(ctx, tx, a, clock.Text(clock.Now(ctx)), "field_removed")
}

// reviveAddition brings it back with everything that stood in it.
func (k *kind) reviveAddition(ctx context.Context, tx *store.Tx, a *addition) error {
	return k.turnAddition(ctx, tx, a, nil, "field_restored")
}

func (k *kind) turnAddition(ctx context.Context, tx *store.Tx, a *addition, removedAt any, deed string) error {
	if _, err := tx.Exec(ctx, "UPDATE record_fields SET removed_at = ?, version = version + 1 WHERE kind = ? AND name = ?", removedAt, k.key, a.Name); err != nil {
		return err
	}
	if a.field(k, "").search {
		if err := job.Start(ctx, tx, k.reindexing(), nil, clock.Now(ctx)); err != nil {
			return err
		}
	}
	k.show(ctx, tx, "")
	return audit.Record(ctx, tx, audit.Entry{Action: k.key + "_" + deed, Object: "field:" + k.key + "." + a.Name, Title: a.Label})
}

func (k *kind) reindexing() string { return k.rune + ".reindex_" + k.plural }

// reindex reads every record anew for the search: what is searched has changed.
func (k *kind) reindex(ctx context.Context, _ []byte) error {
	t := tenant.From(ctx)
	for last := ""; ; {
		var found []any
		err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			w, err := k.whole(ctx, tx, nil)
			if err != nil {
				return err
			}
			if found, err = w.read(ctx, tx, "WHERE deleted_at IS NULL AND id > ? ORDER BY id LIMIT ?", last, bite); err != nil {
				return err
			}
			for _, rec := range found {
				_, search := w.keys(rec)
				if _, err := tx.Exec(ctx, "UPDATE "+k.table+" SET search_key = ? WHERE id = ?", search, k.of(rec).ID); err != nil {
					return err
				}
				if err := w.index(ctx, tx, rec); err != nil {
					return err
				}
				last = k.of(rec).ID
			}
			return nil
		})
		if err != nil || len(found) < bite {
			return err
		}
	}
}

// endFields ends fields that were removed 30 days ago, with what stood in them.
func (k *kind) endFields(ctx context.Context, _ []byte) error {
	t := tenant.From(ctx)
	before := clock.Text(clock.Now(ctx).AddDate(0, 0, -keepDays))
	old, err := k.additions(ctx, t.DB, "removed_at < ?", before)
	if err != nil {
		return err
	}
	for _, a := range old {
		for left := true; left; {
			err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
				done, err := tx.Exec(ctx, "UPDATE "+k.table+" SET custom = json_remove(custom, '$."+a.Name+"') WHERE id IN (SELECT id FROM "+k.table+
					" WHERE json_type(custom, '$."+a.Name+"') IS NOT NULL LIMIT ?)", bite)
				if err != nil {
					return err
				}
				n, err := done.RowsAffected()
				if left = n > 0; left || err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, "DROP INDEX IF EXISTS "+k.indexName(a)); err != nil {
					return err
				}
				_, err = tx.Exec(ctx, "DELETE FROM record_fields WHERE kind = ? AND name = ?", k.key, a.Name)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
