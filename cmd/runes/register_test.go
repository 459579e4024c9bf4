package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"runes.im/platform/config"
	"runes.im/platform/identity"
	"runes.im/platform/runetest"
	"runes.im/platform/tenant"
)

// Registration: the list of domains holds, and an address with an account is refused in the words of one that may not register.
func TestOnlyAddressesOfTheListRegister(t *testing.T) {
	h := selfService(t, "fresh.example")
	h.Person("owner")
	registered(t, h, "lena")
	var said []string
	for _, email := range []string{"lena@fresh.example", "LENA@Fresh.example", "noor@elsewhere.example", "owner@acme.example", "noor@notfresh.example"} {
		p := h.Visitor("")
		p.Get("/register")
		a := p.Post("/register", url.Values{"name": {"Noor"}, "email": {email}, "password": {runetest.Password}})
		if a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %s", email, a.Status)
		}
		said = append(said, strings.ReplaceAll(a.See(), email, ""))
	}
	for _, s := range said[1:] {
		if s != said[0] {
			t.Errorf("the answers differ: %s, %s", said[0], s)
		}
	}
	// Trying out addresses ends soon.
	p := h.Visitor("")
	p.Get("/register")
	for n := 0; ; n++ {
		if a := p.Post("/register", url.Values{"name": {"Noor"}, "email": {"x@elsewhere.example"}, "password": {runetest.Password}}); a.StatusCode == http.StatusTooManyRequests {
			break
		}
		if n > 20 {
			t.Fatal("nobody counts")
		}
	}
}

// A7, A1.9: an invitation shows in the list of an account whose address somebody vouches for, and is taken up or declined there. An
// account that registered by itself with the invited address sees nothing and gets nothing.
func TestInvitationsFindVouchedAddressesAlone(t *testing.T) {
	h := selfService(t, config.Open)
	acme := h.Tenant("acme")
	ctx := tenant.With(h.Context(), acme)
	h.Person("owner")
	lena := h.PersonOf("globex", "owner") // made by the operator
	thief := registered(t, h, "mallory")
	for _, email := range []string{lena.Email, "mallory@fresh.example"} {
		if _, _, err := h.App.People.Invite(ctx, acme, nil, identity.Invitee{Email: email, Roles: []string{"employee"}}); err != nil {
			t.Fatal(err)
		}
	}
	form := url.Values{"tenant": {acme.ID}}
	if see := thief.Get("/?all").See(); strings.Contains(see, "acme") {
		t.Errorf("an address nobody vouches for sees %s", see)
	}
	for _, path := range []string{"/organizations/accept", "/organizations/decline", "/organizations/open"} {
		if a := thief.Post(path, form); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, a.Status)
		}
	}
	if a := thief.Get("/organizations/" + acme.ID + "/logo"); a.StatusCode != http.StatusNotFound {
		t.Errorf("the logo: %s", a.Status)
	}
	see := lena.Get("/organizations").See()
	if !strings.Contains(see, "acme") || !strings.Contains(see, "Invited") || !strings.Contains(see, "Accept") {
		t.Fatalf("the list: %s", see)
	}
	if a := lena.Post("/organizations/accept", form); a.Header.Get("Location") != "/organizations" {
		t.Fatalf("accept: %s", a.Status)
	}
	if a := lena.Post("/organizations/accept", form); a.StatusCode != http.StatusNotFound {
		t.Errorf("a second time: %s", a.Status)
	}
	if see := lena.Get("/organizations").See(); strings.Contains(see, "Invited") || !strings.Contains(see, "Employee") {
		t.Errorf("afterwards: %s", see)
	}
	// Declining ends the invitation for its link as well.
	h.PersonOf("initech", "owner")
	initech := h.Tenant("initech")
	inside := tenant.With(h.Context(), initech)
	_, token, err := h.App.People.Invite(inside, initech, nil, identity.Invitee{Email: lena.Email, Roles: []string{"guest"}})
	if err != nil {
		t.Fatal(err)
	}
	if a := lena.Post("/organizations/decline", url.Values{"tenant": {initech.ID}}); a.Header.Get("Location") != "/organizations" {
		t.Errorf("decline: %s", a.Status)
	}
	if a := h.Visitor("initech").Get("/join/" + token); a.StatusCode != http.StatusNotFound {
		t.Errorf("the link of what was declined: %s", a.Status)
	}
}
