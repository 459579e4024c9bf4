package brand

import (
	"context"

	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Limit keeps administrators to the networks, without the question whether they lock themselves out.
func Limit(ctx context.Context, tx *store.Tx, t *tenant.Tenant, networks string) error {
	return (&network{IsPublic: true, Networks: networks}).save(ctx, tx, t)
}
