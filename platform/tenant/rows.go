package tenant

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

func tenants(ctx context.Context, r store.Reader) ([]Info, error) {
	rows, err := r.Query(ctx, `SELECT t.id, t.slug, t.name, t.state, t.locale, t.zone, t.brand, t.made_at, coalesce(l.label, ''),
			coalesce(m.storage, 0), coalesce(m.members, 0), coalesce(m.runes, ''), coalesce(d.ends_at, '')
		FROM tenant_tenants t LEFT JOIN tenant_labels l ON l.tenant_id = t.id AND l.until = ''
			LEFT JOIN tenant_limits m ON m.tenant_id = t.id LEFT JOIN tenant_deletions d ON d.tenant_id = t.id
		ORDER BY t.name_key, t.id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Info
	for rows.Next() {
		var i Info
		var madeAt, runes, deleteAt string
		err := rows.Scan(&i.ID, &i.Slug, &i.Name, &i.State, &i.Locale, &i.Zone, &i.Brand, &madeAt, &i.Label,
			&i.Limits.Storage, &i.Limits.Members, &runes, &deleteAt)
		if err == nil {
			i.MadeAt, err = clock.Parse(madeAt)
		}
		if err == nil && runes != "" {
			err = json.Unmarshal([]byte(runes), &i.Limits.Runes)
		}
		if err == nil && deleteAt != "" {
			i.DeleteAt, err = clock.Parse(deleteAt)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, i)
	}
	return list, rows.Err()
}

// vacant refuses an address or a name that another tenant has.
func (r *Registry) vacant(ctx context.Context, n New) error {
	isTaken, err := taken(ctx, r.o.System, n.Slug, "")
	if err != nil {
		return err
	}
	form := fault.Form{}
	form.Need(!isTaken, "slug", "tenant.slug_taken", "slug", n.Slug)
	form.Need(!r.nameTaken(n.Name), "company", "tenant.name_taken", "name", n.Name)
	return form.Err()
}

func insert(ctx context.Context, tx *store.Tx, i Info) error {
	_, err := tx.Exec(ctx, `INSERT INTO tenant_tenants (id, slug, name, name_key, state, locale, zone, brand, made_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		i.ID, i.Slug, i.Name, nameKey(i.Name), i.State, i.Locale, i.Zone, i.Brand, clock.Text(i.MadeAt))
	if err != nil {
		return err
	}
	return note(ctx, tx, "tenant.created", i, nil, nil)
}

// AddHost makes a name of its own lead to the tenant: it was proven, or the operator says so. The name must be spelled as browsers
// send it.
func (r *Registry) AddHost(ctx context.Context, slug, name string) error {
	r.creating.Lock()
	defer r.creating.Unlock()
	return r.addHost(ctx, slug, name)
}

// addHost is AddHost while r.creating is held.
func (r *Registry) addHost(ctx context.Context, slug, name string) error {
	host, err := r.hostForm(name)
	if err != nil {
		return err
	}
	return r.operateHeld(ctx, slug, func(ctx context.Context, tx *store.Tx, i Info) error {
		var owner string
		err := tx.QueryRow(ctx, `INSERT INTO tenant_hosts (host, tenant_id, made_at) VALUES (?, ?, ?)
			ON CONFLICT (host) DO UPDATE SET host = host RETURNING tenant_id`,
			host, i.ID, clock.Text(clock.Now(ctx))).Scan(&owner)
		if err == nil && owner != i.ID {
			err = fault.New(fault.Conflict, "tenant.host_taken", "host", host)
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM tenant_claims WHERE tenant_id = ? AND host = ?`, i.ID, host); err != nil {
			return err
		}
		return note(ctx, tx, "tenant.host_added", i, nil, map[string]any{"host": host})
	})
}

// RemoveHost takes a name of its own away from the tenant.
func (r *Registry) RemoveHost(ctx context.Context, slug, name string) error {
	return r.operate(ctx, slug, func(ctx context.Context, tx *store.Tx, i Info) error {
		done, err := tx.Exec(ctx, `DELETE FROM tenant_hosts WHERE host = ? AND tenant_id = ?`, lower(name), i.ID)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fault.New(fault.NotFound, "tenant.host_missing", "host", name))
		}
		return note(ctx, tx, "tenant.host_removed", i, nil, map[string]any{"host": lower(name)})
	})
}

// Hosts are the tenant's names of its own, sorted.
func (t *Tenant) Hosts() []string {
	r := t.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for name, slug := range r.hosts {
		if slug == t.Slug {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// RemoveHost takes a name of its own away.
func (t *Tenant) RemoveHost(ctx context.Context, name string) error {
	return t.registry.RemoveHost(ctx, t.Slug, name)
}
