package cert

import (
	"context"

	"runes.im/platform/clock"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Ending is a certificate in use that somebody should replace.
type Ending struct {
	Info
	Holders []tenant.Holder // of the names that have it as their own; those that the appliance's own serves cannot replace it
}

// Ending are those that nobody was told about yet.
func (k *Keeper) Ending(ctx context.Context) ([]Ending, error) {
	told, err := k.told(ctx)
	if err != nil {
		return nil, err
	}
	var all []Ending
	found := map[string]int{}
	for _, i := range k.List(ctx) {
		if !i.Fits || !i.Ends && !i.Ended || told[i.Fingerprint] {
			continue
		}
		n, seen := found[i.Fingerprint]
		if !seen {
			n = len(all)
			found[i.Fingerprint], all = n, append(all, Ending{Info: i})
		}
		if whose, ok := k.o.Tenants.Holder(ctx, i.Host); ok && (i.Source == ACME || i.Source == Upload && i.Uploaded) {
			all[n].Holders = append(all[n].Holders, whose)
		}
	}
	return all, nil
}

// Told notes that people know of the end of a certificate.
func (k *Keeper) Told(ctx context.Context, fingerprint string) error {
	return k.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO cert_told (fingerprint, told_at) VALUES (?, ?) ON CONFLICT DO NOTHING`, fingerprint, clock.Text(clock.Now(ctx)))
		return err
	})
}

func (k *Keeper) told(ctx context.Context) (map[string]bool, error) {
	rows, err := k.o.System.Query(ctx, `SELECT fingerprint FROM cert_told`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	known := map[string]bool{}
	for rows.Next() {
		var print string
		if err := rows.Scan(&print); err != nil {
			return nil, err
		}
		known[print] = true
	}
	return known, rows.Err()
}
