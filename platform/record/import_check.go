package record

import (
	"context"
	"strconv"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// check plans every row. A row that means the same record as an earlier one is no second chance to change it.
func (w *worker) check(ctx context.Context) error {
	seen := map[string][]earlier{}
	w.i.Progress = 0
	last := 0
	for {
		rows, err := importRows(ctx, w.db, w.i.ID, "AND number > ? ORDER BY number LIMIT ?", last, bite)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return w.turn(ctx, stateChecked)
		}
		for _, row := range rows {
			last = row.Number
			if w.i.Named && row.Number == w.i.First {
				row.Step = Step{}
				continue
			}
			if err := w.plan(ctx, row, seen); err != nil {
				return err
			}
			w.i.Progress++
		}
		err = w.db.Write(store.Long(ctx), func(ctx context.Context, tx *store.Tx) error {
			for _, row := range rows {
				if err := row.note(ctx, tx, w.i.ID); err != nil {
					return err
				}
			}
			return w.tell(ctx, tx)
		})
		if err != nil {
			return err
		}
	}
}

// earlier is a row of the same file that means some record.
type earlier struct {
	number int
	strong map[string]string
	values map[string]string
}

func (w *worker) plan(ctx context.Context, row *importRow, seen map[string][]earlier) error {
	step, rec, err := w.k.plan(ctx, w.db, w.i.values(row), w.i.Makes)
	if err != nil {
		return err
	}
	row.Step, row.Fate = step, ""
	if step.Deed == Faulty {
		return nil
	}
	me := earlier{number: row.Number, strong: map[string]string{}, values: step.Values}
	for _, f := range w.k.fields {
		if text := f.text(rec); f.strong() && text != "" {
			me.strong[f.Name] = strings.ToLower(text)
		}
	}
	for _, key := range w.k.identities(rec) {
		for _, other := range seen[key] {
			if contradictory(other.strong, me.strong) {
				continue
			}
			if same(other.values, me.values) {
				row.Step.Deed, row.Step.Before = Unchanged, nil
			} else {
				row.Step.Deed = Faulty
				row.Step.Problems = map[string]fault.Problem{"": {Key: "record.import_twice", Args: []any{"row", strconv.Itoa(other.number)}}}
			}
			return nil
		}
	}
	for _, key := range w.k.identities(rec) {
		seen[key] = append(seen[key], me)
	}
	return nil
}

// identities are what matching would find the record by.
func (k *kind) identities(rec any) []string {
	var keys []string
	byName, strong := false, false
	for _, f := range k.fields {
		if text := f.text(rec); f.Match && f.title {
			byName = true
		} else if f.Match && text != "" {
			strong = true
			keys = append(keys, f.Name+"="+strings.ToLower(text))
		}
	}
	if title := k.title(rec); title != "" && (byName || !strong) {
		for _, f := range k.fields {
			if f.Sort == "ref" {
				title += "\n" + f.text(rec)
			}
		}
		keys = append(keys, "="+fold(title))
	}
	return keys
}

func contradictory(a, b map[string]string) bool {
	for name, text := range a {
		if other := b[name]; other != "" && other != text {
			return true
		}
	}
	return false
}

func same(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for name, text := range a {
		if b[name] != text {
			return false
		}
	}
	return true
}
