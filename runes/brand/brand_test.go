package brand_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

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

// Who comes to the address that was left is led to the new one, with the path kept; nothing that was typed is sent on, no
// session holds there, and after the days it means nobody.
func TestTheOldAddressLeadsToTheNewOne(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{brand.Rune})
	p := h.Person("manage_network_governance")
	a := p.Post("/brand/network/subdomain", url.Values{"slug": {"harbour"}, "days": {"30"}})
	there := h.URL("harbour", "/brand/network")
	if a.StatusCode != 200 || a.Header.Get("Refresh") != "4; url="+there || !strings.Contains(a.Text, `href="`+there+`"`) {
		t.Fatalf("moving: %d, Refresh %q", a.StatusCode, a.Header.Get("Refresh"))
	}
	for path, want := range map[string]string{
		"/": "/", "/brand/network?a=b%20c": "/brand/network?a=b%20c", "/login?next=%2Fbrand": "/login?next=%2Fbrand",
		"//evil.example/x": "//evil.example/x", "/brand/asset%2Fs": "/brand/asset%2Fs",
	} {
		a := p.Get(path)
		if a.StatusCode != 308 || a.Header.Get("Location") != h.URL("harbour", want) || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s at the old address: %d to %s (%s)", path, a.StatusCode, a.Header.Get("Location"), a.Header.Get("Cache-Control"))
		}
	}
	if a := p.Do("REPORT", "/c/abc", nil, nil); a.StatusCode != 308 || a.Header.Get("Location") != h.URL("harbour", "/c/abc") {
		t.Errorf("a program at the old address: %d", a.StatusCode)
	}
	if a := p.Do("POST", "/brand/network", strings.NewReader("is_public=1"), nil); a.StatusCode != 421 || !strings.Contains(a.Text, "harbour.") || strings.Contains(a.Text, "--host") {
		t.Errorf("a form at the old address: %d", a.StatusCode)
	}
	if a := h.Visitor("harbour").Get("/login"); a.StatusCode != 200 {
		t.Errorf("the new address: %d", a.StatusCode)
	}
	h.Clock.Add(31 * 24 * time.Hour)
	if a := p.Get("/"); a.StatusCode != 421 {
		t.Errorf("after its days the old address still answers: %d", a.StatusCode)
	}
	var before, after string
	err := h.Tenant("acme").DB.QueryRow(h.Context(), `SELECT before, after FROM audit_lines WHERE action = 'brand.subdomain_changed'`).Scan(&before, &after)
	if err != nil || !strings.Contains(before, "acme.") || !strings.Contains(after, "harbour.") || !strings.Contains(after, "30") {
		t.Errorf("the log says %q → %q, %v", before, after, err)
	}
}
