package brand_test

import (
	"context"
	"testing"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/runes/brand"
)

func TestStories(t *testing.T) { runetest.Stories(t, []runekit.Rune{brand.Rune}) }

// Whoever comes from elsewhere cannot tell the pages of administrators from pages that do not exist.
func TestPagesOfAdministratorsAreClosedToOtherNetworks(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{brand.Rune})
	acme := h.Tenant("acme")
	err := acme.DB.Write(tenant.With(h.Context(), acme), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO brand_network (one, is_indexed, is_closed, networks) VALUES (1, 0, 0, '203.0.113.0/24')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p := h.Person("manage_tenant_identity", "manage_network_governance", "manage_tenant_assets")
	for path, want := range map[string]int{
		"/brand/profile": 404, "/brand/settings": 404, "/brand/network": 404, "/brand/login": 404, "/brand/assets": 200, "/": 200,
	} {
		if a := p.Get(path); a.StatusCode != want {
			t.Errorf("%s from another network: %d, want %d", path, a.StatusCode, want)
		}
	}
}
