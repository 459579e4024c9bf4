package tenant

import (
	"context"

	"runes.im/platform/secret"
	"runes.im/platform/store"
)

// Options say where the tenants lie and which names reach them.
type Options struct {
	Dir     string         // the data directory
	System  *store.DB      // system.db; Open migrates the tables of this room in it
	Master  *secret.Master // opens each tenant's secrets
	Schemas func(active map[string]bool) []store.Schema
	// BaseDomain makes SLUG.BaseDomain a name of every tenant.
	BaseDomain string
	// ExtraHosts are further names of the only tenant, beside localhost, addresses and the machine's own name.
	ExtraHosts []string
}

// Registry is every tenant of the appliance.
type Registry struct{}

// Open reads the tenants of system.db and clears what an interrupted Create left behind.
func Open(ctx context.Context, o Options) (*Registry, error) { panic("tenant") }

// OnOpen runs fn for every tenant that gets opened, before anybody enters it. Call it before the first Enter.
func (r *Registry) OnOpen(fn func(ctx context.Context, t *Tenant) error) { panic("tenant") }

// OnClose runs fn before a tenant's files are closed, in reverse order of registration.
func (r *Registry) OnClose(fn func(t *Tenant)) { panic("tenant") }

// ByHost is the slug that a Host header means, exactly; fault.Misdirected when it means none.
func (r *Registry) ByHost(ctx context.Context, host string) (slug string, err error) { panic("tenant") }

// Enter opens the tenant, or joins those who have it open. Every Enter needs a Leave.
func (r *Registry) Enter(ctx context.Context, slug string) (*Tenant, error) { panic("tenant") }

// Leave ends what Enter or Hold began. The tenant stays open for a while, for the next one.
func (t *Tenant) Leave() { panic("tenant") }

// Hold lets work outlive the Enter it came from; it needs its own Leave.
func (t *Tenant) Hold() { panic("tenant") }

// Gone is closed when the tenant is to be let go (suspended, deleted, shutting down): long streams end then.
func (t *Tenant) Gone() <-chan struct{} { panic("tenant") }

// Held is the value that was made under key since this tenant was opened, made now when there is none. It goes when
// the tenant is closed, so that a cache never outlives or crosses its tenant.
func (t *Tenant) Held(key any, make func() any) any { panic("tenant") }

// New is what a new tenant is called. Empty Locale and Zone mean en and UTC.
type New struct{ Slug, Name, Locale, Zone string }

// Info is a tenant as it stands in the list, open or not.
type Info struct {
	ID, Slug, Name      string
	State               string // active, suspended
	Locale, Zone, Brand string
}

// Create makes a tenant with all its tables, all or nothing.
func (r *Registry) Create(ctx context.Context, n New) (*Tenant, error) { panic("tenant") }

// List is every tenant by name.
func (r *Registry) List(ctx context.Context) ([]Info, error) { panic("tenant") }

// Empty reports whether there is no tenant yet: then the appliance is to be set up.
func (r *Registry) Empty() bool { panic("tenant") }

// Suspend closes a tenant to everybody and keeps its data.
func (r *Registry) Suspend(ctx context.Context, slug string) error { panic("tenant") }

// Resume undoes Suspend.
func (r *Registry) Resume(ctx context.Context, slug string) error { panic("tenant") }

// Close closes every tenant.
func (r *Registry) Close() { panic("tenant") }
