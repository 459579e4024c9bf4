// Package tenant knows the organisations of the appliance: which one a host name means, where its database lies, and
// how many of them are open at once.
package tenant

import (
	"context"

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
	DB             *store.DB
	Blobs          *blob.Store
	Secrets        *secret.Box
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
