package tenant

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
)

// Arrival is a tenant that comes from an archive.
type Arrival struct {
	Info           // as it was where it comes from
	Hosts []string // names of its own that it had
	// Unpack puts its files into the folder.
	Unpack func(ctx context.Context, home string) error
	// Furnish fits its database to this appliance. copied says that the tenant it was taken from is here, too.
	Furnish func(ctx context.Context, t *Tenant, copied bool) error
	// Register writes to system.db in the transaction that makes the tenant exist.
	Register func(ctx context.Context, tx *store.Tx, t *Tenant) error
}

// Import makes a tenant of what was exported elsewhere, all or nothing. An address or a name that is taken gets a number; names of
// its own that lead elsewhere by now are left out.
func (r *Registry) Import(ctx context.Context, a Arrival) (Info, error) {
	n := New{Slug: a.Slug, Name: a.Name, Locale: a.Locale, Zone: a.Zone}
	if err := n.check(); err != nil {
		return Info{}, err
	}
	r.creating.Lock()
	defer r.creating.Unlock()
	here, err := r.List(ctx)
	if err != nil {
		return Info{}, err
	}
	a.Info.Name, a.Info.Locale, a.Info.Zone, a.Info.State = n.Name, n.Locale, n.Zone, "active"
	names, copied := map[string]bool{}, false
	for _, i := range here {
		names[nameKey(i.Name)] = true
		copied = copied || i.ID == a.ID
	}
	if copied || a.Info.ID == "" {
		a.Info.ID = id.New()
	}
	r.mu.Lock()
	a.Info.Slug = r.vacantFolder(n.Slug)
	r.mu.Unlock()
	a.Info.Name = numbered(n.Name, func(name string) bool { return names[nameKey(name)] }, func(i int) string {
		return fmt.Sprintf("%s (%d)", n.Name, i)
	})
	err = r.found(ctx, a.Info, a.Unpack, Founding{
		Furnish:  func(ctx context.Context, t *Tenant) error { return a.Furnish(ctx, t, copied) },
		Register: a.Register,
	})
	if err != nil {
		return Info{}, err
	}
	for _, host := range a.Hosts {
		if err := r.addHost(ctx, a.Info.Slug, host); err != nil && fault.Of(err) == nil {
			return Info{}, err
		}
	}
	return a.Info, nil
}

// numbered is the wish itself, else the first of its numbered forms that nobody has.
func numbered(wish string, taken func(string) bool, form func(n int) string) string {
	name := wish
	for n := 2; taken(name); n++ {
		name = form(n)
	}
	return name
}

// vacantFolder is the wish, else a numbered form of it, that is neither a folder nor anybody's address. r.mu is held.
func (r *Registry) vacantFolder(wish string) string {
	taken := func(slug string) bool {
		_, isKnown := r.known[slug]
		_, leads := r.labels[slug]
		return isKnown || leads || r.occupied(slug)
	}
	return numbered(wish, taken, func(n int) string {
		tail := "-" + strconv.Itoa(n)
		return strings.Trim(wish[:min(len(wish), 40-len(tail))], "-") + tail
	})
}

// occupied reports whether something lies where the tenant's folder would be.
func (r *Registry) occupied(slug string) bool {
	_, err := os.Lstat(r.home(slug))
	return err == nil && !isUnfinished(r.home(slug))
}

// Beside does one thing for the operator in a tenant, also in a suspended one, which nobody else enters meanwhile.
func (r *Registry) Beside(ctx context.Context, slug string, do func(ctx context.Context, t *Tenant) error) error {
	t, err := r.Enter(ctx, slug)
	if err == nil {
		defer t.Leave()
		return do(With(ctx, t), t)
	}
	r.mu.Lock()
	info, known := r.known[slug]
	r.mu.Unlock()
	if !known || info.State == "active" {
		return err
	}
	if err := r.wait(ctx, slug); err != nil {
		return err
	}
	r.creating.Lock() // against a Resume
	defer r.creating.Unlock()
	r.mu.Lock()
	info = r.known[slug]
	r.mu.Unlock()
	if info.State != "suspended" {
		return fault.New(fault.Conflict, "tenant.busy", "slug", slug)
	}
	if err := examine(r.home(slug)); err != nil {
		return err
	}
	t = &Tenant{
		ID: info.ID, Slug: info.Slug, Name: info.Name, Locale: info.Locale, Zone: info.Zone, Brand: info.Brand,
		PersonQuota: r.o.PersonQuota, registry: r,
	}
	err = r.openFiles(ctx, t, r.home(slug))
	if err == nil {
		err = do(With(ctx, t), t)
	}
	if t.Blobs != nil {
		err = errors.Join(err, t.Blobs.Close())
	}
	if t.DB != nil {
		err = errors.Join(err, t.DB.Close())
	}
	return err
}

// Folder is where the tenant's files lie.
func (t *Tenant) Folder() string { return t.registry.home(t.Slug) }

// Info is how the tenant stands in the list.
func (t *Tenant) Info() Info {
	t.registry.mu.Lock()
	defer t.registry.mu.Unlock()
	return t.registry.known[t.Slug]
}
