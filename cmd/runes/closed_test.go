package main

import (
	"net/http"
	"net/netip"
	"net/url"
	"testing"

	"runes.im/platform/config"
	"runes.im/platform/runetest"
)

// A13.7: what only administrators do is closed to other networks, whichever module it belongs to, behind a proxy too.
func TestNoPageOfAdministratorsIsOpenToOtherNetworks(t *testing.T) {
	h := runetest.Start(t, installed(), func(c *config.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} })
	owner := h.Person("owner")
	from := func(address string) { owner.Header.Set("X-Forwarded-For", address) }
	from("192.0.2.7")
	if a := owner.Post("/brand/network", url.Values{"is_public": {"1"}, "networks": {"192.0.2.0/24"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%s\n%s", a.Status, a.See())
	}
	for _, page := range []string{
		"/brand/network", "/brand/profile", "/brand/settings", "/brand/login", "/brand/cards", "/team/roles", "/team/invite", "/account/services",
		"/contacts/scope", "/contacts/fields", "/preferences/notifications/all",
	} {
		from("192.0.2.7")
		if a := owner.Get(page); a.StatusCode != http.StatusOK {
			t.Errorf("inside, %s: %s", page, a.Status)
		}
		for _, address := range []string{"203.0.113.9", "192.0.2.7, 203.0.113.9", "2001:db8::1"} {
			from(address)
			if a := owner.Get(page); a.StatusCode != http.StatusNotFound {
				t.Errorf("from %s, %s: %s", address, page, a.Status)
			}
		}
	}
	from("203.0.113.9")
	for _, page := range []string{"/", "/contacts", "/storage"} {
		if a := owner.Get(page); a.StatusCode >= 400 {
			t.Errorf("everybody's %s: %s", page, a.Status)
		}
	}
}
