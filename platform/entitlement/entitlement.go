// Package entitlement says which runes are active in a tenant.
package entitlement

import (
	"context"

	"runes.im/platform/store"
)

// Schema holds one row per rune that was ever activated.
var Schema store.Schema

// Active is the set of active runes of the tenant, from memory after the first call.
func Active(ctx context.Context, db *store.DB) (map[string]bool, error) { panic("entitlement") }

// Activate makes a rune active; its migrations have run before.
func Activate(ctx context.Context, tx *store.Tx, rune string) error { panic("entitlement") }

// Suspend takes a rune out of reach and keeps its data.
func Suspend(ctx context.Context, tx *store.Tx, rune string) error { panic("entitlement") }
