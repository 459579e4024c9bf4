package tenant

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// label is a name under the base domain. The folder of a tenant keeps the name it was made with, and so does the command
// line; the address that people use can change.
type label struct {
	slug  string
	until time.Time // zero: the address of today; else it was left and leads there until then
}

func (l label) leads(now time.Time) bool { return l.until.IsZero() || now.Before(l.until) }

// mostLeft is how many addresses that were left lead to one tenant: they are names that others might want.
const mostLeft = 5

// MostDays is how long an address that was left can lead to the new one.
const MostDays = 365

// Left is an address that leads to the one of today.
type Left struct {
	Label, Host string
	Until       time.Time
}

// Moved is the host, with the port of the header, to which a tenant went that had the header's address before.
func (r *Registry) Moved(ctx context.Context, header string) (to string, moved bool) {
	h, ok := parseHost(header)
	if !ok || h.address {
		return "", false
	}
	name, under := strings.CutSuffix(h.name, "."+r.o.BaseDomain)
	r.mu.Lock()
	defer r.mu.Unlock()
	l, known := r.labels[name]
	if !under || !known || l.until.IsZero() || !l.leads(clock.Now(ctx)) {
		return "", false
	}
	return r.address(l.slug) + header[len(h.name):], true
}

// address is the name that always leads to the tenant. r.mu is held.
func (r *Registry) address(slug string) string {
	return cmp.Or(r.known[slug].Label, slug) + "." + r.o.BaseDomain
}

// Address is the name that always leads to the tenant of that folder.
func (r *Registry) Address(slug string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.address(slug)
}

// Address is the name that always leads to the tenant.
func (t *Tenant) Address() string { return t.registry.Address(t.Slug) }

// Label is its first part.
func (t *Tenant) Label() string {
	name, _ := strings.CutSuffix(t.Address(), "."+t.Base())
	return name
}

// Base is what follows it.
func (t *Tenant) Base() string { return t.registry.o.BaseDomain }

// Left are the addresses that lead to the one of today, the one that ends first in front.
func (t *Tenant) Left(ctx context.Context) []Left {
	r := t.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Left
	for name, l := range r.labels {
		if l.slug == t.Slug && !l.until.IsZero() && l.leads(clock.Now(ctx)) {
			all = append(all, Left{Label: name, Host: name + "." + r.o.BaseDomain, Until: l.until})
		}
	}
	slices.SortFunc(all, func(a, b Left) int { return cmp.Or(a.Until.Compare(b.Until), cmp.Compare(a.Label, b.Label)) })
	return all
}

// MayMove says what speaks against the address, under the field slug: what would speak against it for a new tenant.
func (t *Tenant) MayMove(ctx context.Context, to string) error {
	return t.registry.mayMove(ctx, t.registry.o.System, t, to)
}

func (r *Registry) mayMove(ctx context.Context, db store.Reader, t *Tenant, to string) error {
	form := fault.Form{}
	form.Need(isSlug(to), "slug", "tenant.slug_form")
	form.Need(!isReserved(to), "slug", "tenant.slug_reserved")
	if err := form.Err(); err != nil {
		return err
	}
	form.Need(to != t.Label(), "slug", "tenant.slug_same", "slug", to)
	isTaken, err := taken(ctx, db, to, t.ID)
	if err != nil {
		return err
	}
	form.Need(!isTaken, "slug", "tenant.slug_taken", "slug", to)
	return form.Err()
}

// Move gives the tenant another address under the base domain. The one it has leads there for so many days, then it is free.
func (t *Tenant) Move(ctx context.Context, to string, days int) error {
	if days < 0 || days > MostDays {
		return fault.New(fault.Invalid, "tenant.move_days", "max", MostDays)
	}
	r := t.registry
	r.creating.Lock()
	defer r.creating.Unlock()
	now := clock.Now(ctx)
	err := r.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := r.mayMove(ctx, tx, t, to); err != nil {
			return err
		}
		// What has ended goes; so does the mark of an address that becomes that of today again.
		_, err := tx.Exec(ctx, `DELETE FROM tenant_labels WHERE until <> '' AND until <= ? OR label = ?`, clock.Text(now), to)
		if err != nil {
			return err
		}
		var left int
		err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM tenant_labels WHERE tenant_id = ? AND until <> ''`, t.ID).Scan(&left)
		if err != nil {
			return err
		}
		if left >= mostLeft {
			return fault.New(fault.Conflict, "tenant.move_often", "max", mostLeft)
		}
		_, err = tx.Exec(ctx, `INSERT INTO tenant_labels (label, tenant_id, until, made_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (label) DO UPDATE SET until = excluded.until`, t.Label(), t.ID, clock.Text(now.AddDate(0, 0, days)), clock.Text(now))
		if err != nil {
			return err
		}
		return insertLabel(ctx, tx, t.ID, to)
	})
	if err != nil {
		return err
	}
	return r.reload(ctx)
}

// Release frees an address that was left before its time.
func (t *Tenant) Release(ctx context.Context, name string) error {
	r := t.registry
	r.creating.Lock()
	defer r.creating.Unlock()
	now := clock.Text(clock.Now(ctx))
	err := r.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		done, err := tx.Exec(ctx, `UPDATE tenant_labels SET until = ? WHERE label = ? AND tenant_id = ? AND until > ?`, now, name, t.ID, now)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); n > 0 || err != nil {
			return err
		}
		return fault.New(fault.NotFound, "tenant.host_missing", "host", name)
	})
	if err != nil {
		return err
	}
	return r.reload(ctx)
}

// insertLabel makes the name the address of today; one that ended before may be written over.
func insertLabel(ctx context.Context, tx *store.Tx, tenantID, name string) error {
	_, err := tx.Exec(ctx, `INSERT INTO tenant_labels (label, tenant_id, until, made_at) VALUES (?, ?, '', ?)
		ON CONFLICT (label) DO UPDATE SET tenant_id = excluded.tenant_id, until = '', made_at = excluded.made_at`,
		name, tenantID, clock.Text(clock.Now(ctx)))
	return err
}

// taken reports whether the name is, or still leads to, the address of another tenant than this one.
func taken(ctx context.Context, r store.Reader, name, tenantID string) (is bool, err error) {
	err = r.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM tenant_labels WHERE label = ? AND tenant_id <> ? AND (until = '' OR until > ?))
		OR EXISTS (SELECT 1 FROM tenant_tenants t WHERE t.slug = ? AND t.id <> ?
			AND NOT EXISTS (SELECT 1 FROM tenant_labels l WHERE l.tenant_id = t.id AND l.until = ''))`,
		name, tenantID, clock.Text(clock.Now(ctx)), name, tenantID).Scan(&is)
	return is, err
}

// labels are the names under the base domain with the tenants they lead to.
func labels(ctx context.Context, r store.Reader, known map[string]Info) (map[string]label, error) {
	rows, err := r.Query(ctx, `SELECT l.label, t.slug, l.until FROM tenant_labels l JOIN tenant_tenants t ON t.id = l.tenant_id
		WHERE l.until <> ''`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]label{}
	for rows.Next() {
		var name, until string
		var l label
		if err := rows.Scan(&name, &l.slug, &until); err != nil {
			return nil, err
		}
		if l.until, err = clock.Parse(until); err != nil {
			return nil, err
		}
		all[name] = l
	}
	for slug, info := range known {
		all[cmp.Or(info.Label, slug)] = label{slug: slug} // over one that was left here and has ended
	}
	return all, rows.Err()
}
