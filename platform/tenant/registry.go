package tenant

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/secret"
	"runes.im/platform/store"
)

//go:embed migrations
var migrations embed.FS

// Words are the sentences of this room.
//
//go:embed words
var Words embed.FS

// Options say where the tenants lie and which names reach them.
type Options struct {
	Dir    string         // the data directory
	System *store.DB      // system.db; Open migrates the tables of this room in it
	Master *secret.Master // opens each tenant's secrets
	// Schemas are the tables of a tenant in which these runes are active; with nil the house's own, which hold the
	// answer to what is active.
	Schemas func(active map[string]bool) []store.Schema
	// BaseDomain makes SLUG.BaseDomain a name of every tenant, or the subdomain that it chose later.
	BaseDomain string
	// ExtraHosts are further names of the only tenant, beside localhost, addresses and the machine's own name.
	ExtraHosts []string
	// Several says that people choose an organisation on the base domain, even while there is one alone.
	Several bool
	// PersonQuota is how many bytes a person may store where the tenant decides nothing; 0: no limit.
	PersonQuota int64
	// Outside is where proofs of names are looked for; nil: nowhere, the operator's word counts.
	Outside Outside
}

// Info is a tenant as it stands in the list, open or not.
type Info struct {
	ID, Slug, Name      string
	State               string // active, suspended
	Locale, Zone, Brand string
	MadeAt              time.Time
	Label               string // the first part of its address, where that is not Slug
	Limits              Limits
	DeleteAt            time.Time // it is closed and goes then; zero: it stays
}

// Registry is every tenant of the appliance.
type Registry struct {
	o        Options
	own      map[string]bool // names that mean the only tenant
	onOpen   []func(ctx context.Context, t *Tenant) error
	onClose  []func(t *Tenant)
	creating sync.Mutex // one Create, Suspend or Delete at a time

	mu     sync.Mutex
	tick   int64           // counts Enters, to know which tenant rested longest
	known  map[string]Info // by slug, as in system.db
	hosts  map[string]string
	labels map[string]label // by name under the base domain
	seats  map[string]*seat // open, opening or closing
	broken map[string]Ill
	closed bool
}

// Open reads the tenants of system.db and clears what an interrupted Create left behind.
func Open(ctx context.Context, o Options) (*Registry, error) {
	if err := o.System.Migrate(ctx, audit.Schema, store.Embedded("tenant_system", migrations, "migrations")); err != nil {
		return nil, err
	}
	o.BaseDomain = strings.Trim(lower(o.BaseDomain), ".")
	if !isName(o.BaseDomain) {
		return nil, fault.New(fault.Invalid, "tenant.base_domain", "domain", o.BaseDomain)
	}
	r := &Registry{o: o, seats: map[string]*seat{}, broken: map[string]Ill{}}
	if err := r.nameMachine(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(r.folder(), 0o700); err != nil {
		return nil, err
	}
	if err := r.reload(ctx); err != nil {
		return nil, err
	}
	return r, r.clearLeftovers()
}

// OnOpen runs fn for every tenant that gets opened, before anybody enters it. Its ctx ends with the opening. Call it
// before the first Enter.
func (r *Registry) OnOpen(fn func(ctx context.Context, t *Tenant) error) {
	r.onOpen = append(r.onOpen, fn)
}

// OnClose runs fn before a tenant's files are closed, the last one registered first, also when opening failed half way.
// It must not wait for work that holds the tenant: by then nobody does.
func (r *Registry) OnClose(fn func(t *Tenant)) { r.onClose = append(r.onClose, fn) }

// List is every tenant by name.
func (r *Registry) List(ctx context.Context) ([]Info, error) { return tenants(ctx, r.o.System) }

// Empty reports whether there is no tenant yet: then the appliance is to be set up.
func (r *Registry) Empty() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.known) == 0
}

// ByHost is the slug that a Host header means, exactly; fault.Misdirected when it means none.
func (r *Registry) ByHost(_ context.Context, header string) (slug string, err error) {
	h, ok := parseHost(header)
	if !ok {
		return "", fault.New(fault.Misdirected, "tenant.host_malformed")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if slug, ok := r.hosts[h.name]; ok {
		return slug, nil
	}
	if name, under := strings.CutSuffix(h.name, "."+r.o.BaseDomain); under {
		if l, ok := r.labels[name]; ok && l.until.IsZero() {
			return l.slug, nil
		}
	}
	if (h.address || r.own[h.name]) && !(r.o.Several && h.name == r.o.BaseDomain) {
		return r.only()
	}
	return "", fault.New(fault.Misdirected, "tenant.host_unknown", "host", h.name)
}

func (r *Registry) only() (string, error) {
	if len(r.known) == 0 {
		return "", fault.New(fault.Misdirected, "tenant.none")
	}
	if len(r.known) > 1 {
		return "", fault.New(fault.Misdirected, "tenant.several")
	}
	for slug := range r.known {
		return slug, nil
	}
	return "", nil
}

// nameMachine gathers the names that mean the only tenant.
func (r *Registry) nameMachine() error {
	r.own = map[string]bool{"localhost": true, r.o.BaseDomain: true}
	if machine, err := os.Hostname(); err == nil {
		machine = lower(machine)
		first, _, _ := strings.Cut(machine, ".")
		r.own[machine], r.own[first] = true, true
	}
	for _, name := range r.o.ExtraHosts {
		h, ok := parseHost(name)
		if !ok {
			return fault.New(fault.Invalid, "tenant.extra_host", "host", name)
		}
		r.own[h.name] = true
	}
	return nil
}

// reload reads the host table and the list of tenants anew.
func (r *Registry) reload(ctx context.Context) error {
	list, err := tenants(ctx, r.o.System)
	if err != nil {
		return err
	}
	known := map[string]Info{}
	for _, info := range list {
		known[info.Slug] = info
	}
	hosts := map[string]string{}
	rows, err := r.o.System.Query(ctx, `SELECT h.host, t.slug FROM tenant_hosts h
		JOIN tenant_tenants t ON t.id = h.tenant_id ORDER BY h.host`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, slug string
		if err := rows.Scan(&name, &slug); err != nil {
			return err
		}
		hosts[name] = slug
	}
	if err := rows.Err(); err != nil {
		return err
	}
	led, err := labels(ctx, r.o.System, known)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known, r.hosts, r.labels = known, hosts, led
	return nil
}

func (r *Registry) folder() string { return filepath.Join(r.o.Dir, "tenants") }

// home is the folder of a tenant. A slug that could lead elsewhere is a programmer's mistake.
func (r *Registry) home(slug string) string {
	if !isSlug(slug) {
		panic(fmt.Sprintf("tenant: %q is no slug", slug))
	}
	return filepath.Join(r.folder(), slug)
}
