package record

import (
	"context"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// Introduce lets the nouns of one rune know each other, so that an import of people can add their companies.
func Introduce(nouns []Kind) {
	byKey := map[string]*kind{}
	for _, n := range nouns {
		byKey[n.kindOf().key] = n.kindOf()
	}
	for _, k := range byKey {
		k.nouns.Store(&byKey)
	}
}

// makeable is the noun that the field points at, when a name is all that a record of it needs; else nil.
func (k *kind) makeable(f *Field) *kind {
	known := k.nouns.Load()
	if f.Ref == "" || known == nil || (*known)[f.Ref] == nil {
		return nil
	}
	if to := (*known)[f.Ref]; to.nameOnly() != nil && to.manage == k.manage {
		return to
	}
	return nil
}

// makeNamed adds a record of that name.
func (k *kind) makeNamed(ctx context.Context, tx *store.Tx, name string) (id string, err error) {
	err = k.settled(ctx, tx, func(k *kind) error {
		rec, form := k.fresh(), fault.Form{}
		f := k.nameOnly()
		if f == nil {
			return fault.New(fault.Invalid, "record.import_makes_no_more")
		}
		f.put(rec, f.clean(name, &form))
		if err := form.Err(); err != nil {
			return err
		}
		err := k.create(ctx, tx, rec)
		id = k.of(rec).ID
		return err
	})
	return id, err
}

// unmake takes a record away that an import has added, unless somebody has changed it or points at it.
func (k *kind) unmake(ctx context.Context, tx *store.Tx, id string) error {
	return k.settled(ctx, tx, func(k *kind) error {
		rec, err := k.one(ctx, tx, nil, id, false)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil || k.of(rec).Version != 1 {
			return err
		}
		for _, other := range *k.nouns.Load() {
			for _, f := range other.fields {
				if f.Ref != k.key {
					continue
				}
				n, err := other.count(ctx, tx, nil, Query{Where: f.column + " = ?", Args: []any{id}})
				if err != nil || n > 0 {
					return err
				}
			}
		}
		return k.remove(ctx, tx, rec, "")
	})
}
