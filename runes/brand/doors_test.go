package brand_test

import (
	"context"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
	"runes.im/runes/brand"
)

const probeManifest = `{"name": "probe", "display_name": "Probe", "version": "1.0.0", "author": "Tests", "dependencies": [],
	"ui_hooks": {"icon": "box", "block": "runes", "order": 1, "sidebar": {}},
	"provided_permissions": {"view_probe": "see it"},
	"marketing": {"tagline": "", "long_description": "", "features": [], "media": []}, "author_contact": ""}`

// probe has a door for programs of both kinds, with an administrator's permission and with another.
func probe() runekit.Rune {
	yes := func(v *web.Visit) error { return v.JSON(http.StatusOK, v.Can("manage_tenant_identity")) }
	fail := func(v *web.Visit, status int, _ *fault.Fault, _ string) { v.Writer.WriteHeader(status) }
	return runekit.Rune{
		Files: fstest.MapFS{
			"manifest.json": {Data: []byte(probeManifest)},
			"words/en.json": {Data: []byte(`{"probe.name": "Probe", "probe.permission.view_probe": "see it"}`)},
		},
		Doors: func(d *web.Doors) {
			for path, right := range map[string]string{"/probe/roles": "manage_tenant_identity", "/probe/open": "manage_tenant_assets"} {
				d.Open(path+"/token", web.Door{Scope: "api", Bearer: true, Realm: "probe", Permission: right, Handle: yes, Fail: fail})
				d.Open(path+"/password", web.Door{Scope: "sync", Realm: "probe", Permission: right, Handle: yes, Fail: fail})
			}
		},
	}
}

// The networks of administrators hold for programs as well: whatever lets somebody in, those permissions are not there elsewhere.
func TestProgramsOfAdministratorsWorkFromTheirNetworksOnly(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{brand.Rune, probe()})
	acme := h.Tenant("acme")
	p := h.Person("manage_tenant_identity", "manage_tenant_assets")
	_, secret, err := h.App.People.MakeAPIToken(h.Context(), acme, p.ID, identity.NewToken{
		Name: "test", Scopes: []string{"manage_tenant_identity", "manage_tenant_assets"}, Lasts: 24 * time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	token, device := h.Visitor("acme"), p.Device("sync")
	token.Header.Set("Authorization", "Bearer "+secret)
	check := func(where string, roles, passwordRoles int, can string) {
		t.Helper()
		for path, want := range map[string]int{"/probe/roles/token": roles, "/probe/open/token": 200} {
			if a := token.Get(path); a.StatusCode != want || want == 200 && a.Text != can {
				t.Errorf("%s with a token from %s: %d %s, want %d %s", path, where, a.StatusCode, a.Text, want, can)
			}
		}
		for path, want := range map[string]int{"/probe/roles/password": passwordRoles, "/probe/open/password": 200} {
			if a := device.Get(path); a.StatusCode != want || want == 200 && a.Text != can {
				t.Errorf("%s with an app password from %s: %d %s, want %d %s", path, where, a.StatusCode, a.Text, want, can)
			}
		}
	}
	check("everywhere", 200, 200, "true")
	limit(t, h, "203.0.113.0/24")
	check("another network", 404, 403, "false")
}

func limit(t *testing.T, h *runetest.House, networks string) {
	t.Helper()
	acme := h.Tenant("acme")
	err := acme.DB.Write(tenant.With(h.Context(), acme), func(ctx context.Context, tx *store.Tx) error {
		return brand.Limit(ctx, tx, acme, networks)
	})
	if err != nil {
		t.Fatal(err)
	}
}
