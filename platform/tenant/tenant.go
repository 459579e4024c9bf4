// Package tenant knows the organisations of the appliance: which one a host name means, where its database lies, and
// how many of them are open at once.
package tenant

import (
	"context"
	"sync"

	"runes.im/platform/blob"
	"runes.im/platform/secret"
	"runes.im/platform/store"
)

// Tenant is one open organisation. It is a handle: whoever got it from Registry.Enter calls Leave.
type Tenant struct {
	ID, Slug, Name string
	Locale         string // default language of its people: en, de, fr, it
	Zone           string // default IANA time zone
	Brand          string // #rrggbb
	PersonQuota    int64  // bytes a person may store where the tenant decides nothing; 0: no limit
	DB             *store.DB
	Blobs          *blob.Store
	Secrets        *secret.Box

	registry *Registry
	seat     *seat
	gone     chan struct{}
	mu       sync.Mutex
	held     map[any]any
}

type tenantKey struct{}

// With puts the tenant into ctx, for listeners and jobs.
func With(ctx context.Context, t *Tenant) context.Context {
	return context.WithValue(ctx, tenantKey{}, t)
}

// From is the tenant of ctx, nil when there is none.
func From(ctx context.Context) *Tenant {
	t, _ := ctx.Value(tenantKey{}).(*Tenant)
	return t
}

// Leave ends what Enter or Hold began. The tenant stays open for a while, for the next one.
func (t *Tenant) Leave() { t.registry.leave(t.seat) }

// Hold lets work outlive the Enter it came from; it needs its own Leave.
func (t *Tenant) Hold() { t.registry.hold(t.seat) }

// Gone is closed when the tenant is to be let go (suspended, deleted, shutting down): long streams end then.
func (t *Tenant) Gone() <-chan struct{} { return t.gone }

// Held is the value that was made under key since this tenant was opened, made now when there is none. It goes when
// the tenant is closed, so that a cache never outlives or crosses its tenant.
func (t *Tenant) Held(key any, make func() any) any {
	t.mu.Lock()
	defer t.mu.Unlock()
	value, ok := t.held[key]
	if !ok {
		if t.held == nil {
			t.held = map[any]any{}
		}
		value = make()
		t.held[key] = value
	}
	return value
}
