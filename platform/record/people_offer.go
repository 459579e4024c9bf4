package record

import (
	"context"

	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/store"
)

// owned is what people are answerable for, of a noun whose records have an owner.
func (k *kind) owned() slot.Owned {
	column := k.ownerField().Name
	return slot.Owned{
		Kind: k.key, Title: k.words + "list_short", Icon: k.icon, Permission: k.view,
		Count: func(ctx context.Context, r store.Reader, person string) (int, error) {
			return k.count(ctx, r, nil, Query{Where: column + " = ?", Args: []any{person}})
		},
		HandOver: func(ctx context.Context, tx *store.Tx, from, to string) error {
			return k.handOver(ctx, tx, column, from, to)
		},
	}
}

// scoped is how much of the noun a member sees, and where that is decided.
func (k *kind) scoped() slot.Scoped {
	return slot.Scoped{
		Kind: k.key, Title: k.words + "list_short", Icon: k.icon, Permissions: []string{grants, k.view},
		Link: func(member string) string { return k.at("/scope/member:" + member) },
		Said: func(ctx context.Context, r store.Reader, p *identity.Person) (string, error) {
			e, err := k.extentOf(ctx, r, p)
			return "record.scope_" + e.reach, err
		},
	}
}

// handOver changes the owner of every record, each as if somebody had done it: with its line in the log and its news.
func (k *kind) handOver(ctx context.Context, tx *store.Tx, column, from, to string) error {
	if from == to {
		return nil
	}
	k, err := k.whole(ctx, tx, nil)
	if err != nil {
		return err
	}
	for {
		theirs, err := k.list(ctx, tx, nil, Query{Where: column + " = ?", Args: []any{from}, Limit: bite})
		if err != nil {
			return err
		}
		for _, rec := range theirs {
			changed := k.copyOf(rec)
			k.field(column).put(changed, to)
			if err := k.change(ctx, tx, rec, changed); err != nil {
				return err
			}
		}
		if len(theirs) < bite {
			break
		}
	}
	// What lies in the bin has nobody to hear of it; it comes back to somebody who is there.
	_, err = tx.Exec(ctx, "UPDATE "+k.table+" SET "+column+" = ? WHERE "+column+" = ? AND deleted_at IS NOT NULL", to, from)
	return err
}

// PersonalBy offers the records of a noun as what is known about the person whose address stands in the field: each is
// about that person alone, and ends with them.
func PersonalBy[T any](n *Noun[T], field string) slot.Offer {
	k := n.kind
	f := k.field(field)
	if f == nil || f.Sort != "email" {
		k.wrong("%s is no email field", field)
	}
	about := func(s slot.Subject, bin bool) Query {
		return Query{Where: f.Name + " <> '' AND lower(" + f.Name + ") = lower(?)", Args: []any{s.Email}, Bin: bin, Limit: 1000}
	}
	return slot.PersonalData.Offer(slot.Personal{
		Title: k.words + "list_short",
		Export: func(ctx context.Context, r store.Reader, s slot.Subject) (any, error) {
			k, err := k.whole(ctx, r, nil)
			if err != nil {
				return nil, err
			}
			var all []map[string]any
			for _, bin := range []bool{false, true} {
				found, err := k.list(ctx, r, nil, about(s, bin))
				if err != nil {
					return nil, err
				}
				for _, rec := range found {
					one, b := k.values(rec), k.of(rec)
					one["id"], one["created_at"], one["updated_at"] = b.ID, b.CreatedAt, b.UpdatedAt
					if bin {
						one["deleted_at"] = b.DeletedAt
					}
					all = append(all, one)
				}
			}
			if all == nil {
				return nil, nil
			}
			return all, nil
		},
		Erase: func(ctx context.Context, tx *store.Tx, s slot.Subject) error {
			k, err := k.whole(ctx, tx, nil)
			if err != nil {
				return err
			}
			found, err := k.list(ctx, tx, nil, about(s, false))
			if err != nil {
				return err
			}
			for _, rec := range found {
				if err := k.remove(ctx, tx, rec, ""); err != nil {
					return err
				}
			}
			return k.eachBinned(ctx, tx, about(s, true), k.purge)
		},
	})
}
