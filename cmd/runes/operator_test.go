package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"runes.im/platform/config"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/runetest"
)

// operatorPaths are pages that exist for operators alone.
var operatorPaths = []string{"/operator", "/operator/log", "/operator/new", "/operator/tenants/acme", "/operator/domains", "/operator/requests"}

// A1.15: only who runs the appliance sees its pages, and only on its own host, past their second factor.
func TestTheOperatorsPagesAreThereForOperatorsAlone(t *testing.T) {
	h := newTwoHomes(t)
	p := h.atGate(t)
	for _, path := range operatorPaths {
		if a := p.Get(path); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s for somebody else: %s", path, a.Status)
		}
		if a := h.Visitor("").Get(path); a.Header.Get("Location") != "/login" {
			t.Errorf("%s signed out: %s", path, a.Status)
		}
	}
	if a := p.Post("/operator/tenants/globex/suspend", nil); a.StatusCode != http.StatusNotFound {
		t.Errorf("suspending for somebody else: %s", a.Status)
	}
	if a := h.Visitor("").Post("/operator/tenants/globex/suspend", nil); a.StatusCode != http.StatusUnauthorized && a.StatusCode != http.StatusForbidden {
		t.Errorf("suspending signed out: %s", a.Status)
	}
	if err := h.App.People.AddOperator(h.Context(), h.email); err != nil {
		t.Fatal(err)
	}
	if a := p.Get("/operator"); a.Header.Get("Location") != "/login" {
		t.Errorf("with the session of before: %s", a.Status)
	}
	p = h.atGate(t)
	for _, path := range operatorPaths {
		if a := p.Get(path); a.StatusCode != http.StatusOK {
			t.Errorf("%s for the operator: %s", path, a.Status)
		}
	}
	if text := p.Get("/").See(); !strings.Contains(text, "Run this server") {
		t.Errorf("the way there: %s", text)
	}
	// Neither inside an organisation, where she is a member, nor into one where she is none.
	here := h.Visitor("acme")
	arriveAt(here, h.open(t, p, "acme"))
	if a := here.Get("/operator"); a.StatusCode != http.StatusNotFound {
		t.Errorf("on an organisation's host: %s", a.Status)
	}
	if a := p.Post("/organizations/open", url.Values{"tenant": {h.ids["initech"]}}); a.StatusCode != http.StatusNotFound {
		t.Errorf("into an organisation of others: %s", a.Status)
	}
	acme := h.Tenant("acme")
	member, err := h.App.People.MemberByEmail(h.Context(), acme, h.email)
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := identity.NewTOTP("acme", h.email, "")
	if err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(secret, h.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.App.People.AddTOTP(h.Context(), acme, member, secret, code, "Phone"); err != nil {
		t.Fatal(err)
	}
	half := h.Visitor("")
	half.SignIn(h.email, runetest.Password)
	if a := half.Get("/operator"); a.Header.Get("Location") != "/login/second" {
		t.Errorf("before the second factor: %s", a.Status)
	}
	if err := h.App.People.RemoveOperator(h.Context(), h.email); err != nil {
		t.Fatal(err)
	}
	if a := p.Get("/operator"); a.StatusCode != http.StatusNotFound && a.Header.Get("Location") != "/login" {
		t.Errorf("no operator any more: %s", a.Status)
	}
}

var ownerLink = regexp.MustCompile(`http://([a-z-]+)\.localhost:\d+(/join/[A-Za-z0-9_-]+)`)

// A1.15: an organisation is made for an owner who comes by link, limited, closed, taken back and deleted when its days are over.
func TestTheOperatorRunsOrganisationsInTheBrowser(t *testing.T) {
	h := newTwoHomes(t)
	h.App.Config.Organisations = config.Operator
	if err := h.App.People.AddOperator(h.Context(), h.email); err != nil {
		t.Fatal(err)
	}
	p := h.atGate(t)
	post := func(path string, status int, fields url.Values) *runetest.Answer {
		t.Helper()
		p.Get("/operator")
		a := p.Post(path, fields)
		if a.StatusCode != status {
			t.Fatalf("%s: %s, want %d\n%s", path, a.Status, status, a.See())
		}
		return a
	}
	form := url.Values{"company": {"acme"}, "slug": {"nordlicht"}, "name": {"Ida"}, "email": {"not an address"}, "locale": {"de"}, "zone": {"UTC"}}
	post("/operator/new", http.StatusUnprocessableEntity, form)
	form.Set("email", "ida@nordlicht.example")
	h.App.Config.Organisations = config.Single
	if a := post("/operator/new", http.StatusUnprocessableEntity, with(form, "company", "Nordlicht")); !strings.Contains(a.See(), "for one organisation") {
		t.Errorf("a further one where the settings speak of one: %s", a.See())
	}
	h.App.Config.Organisations = config.Operator
	if a := post("/operator/new", http.StatusUnprocessableEntity, form); !strings.Contains(a.See(), "ida@nordlicht.example") {
		t.Errorf("what was typed is gone: %s", a.See())
	}
	form.Set("company", "Nordlicht Reederei")
	a := post("/operator/new", http.StatusOK, form)
	link := ownerLink.FindStringSubmatch(a.See())
	if link == nil || link[1] != "nordlicht" {
		t.Fatalf("the link: %s", a.See())
	}
	ida := h.Visitor("nordlicht")
	ida.Get(link[2])
	if a := ida.Post(link[2], url.Values{"first_name": {"Ida"}, "last_name": {"Ek"}, "password": {runetest.Password}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("the owner joins: %s\n%s", a.Status, a.See())
	}
	if a := ida.Get("/settings"); a.StatusCode != http.StatusOK {
		t.Errorf("the owner's settings: %s", a.Status)
	}

	at := "/operator/tenants/nordlicht"
	post(at+"/limits", http.StatusUnprocessableEntity, url.Values{"storage": {"many"}})
	post(at+"/limits", http.StatusSeeOther, url.Values{"storage": {"0,5"}, "members": {"3"}, "runes": {"storage"}})
	nordlicht, err := h.App.Tenants.Enter(h.Context(), "nordlicht")
	if err != nil {
		t.Fatal(err)
	}
	l := nordlicht.Limits()
	nordlicht.Leave() // who holds it keeps a suspension from ending
	if l.Storage != 500_000_000 || l.Members != 3 || l.Allows("contacts") || !l.Allows("storage") {
		t.Errorf("limits: %+v", l)
	}
	if a := ida.Get("/contacts"); a.StatusCode != http.StatusNotFound {
		t.Errorf("a module that is not allowed: %s", a.Status)
	}

	// A domain that nobody can look up works by the operator's word.
	nordlicht, err = h.App.Tenants.Enter(h.Context(), "nordlicht")
	if err != nil {
		t.Fatal(err)
	}
	err = nordlicht.Claim(h.Context(), "work.nordlicht.example")
	nordlicht.Leave()
	if err != nil {
		t.Fatal(err)
	}
	if text := p.Get("/operator/domains").See(); !strings.Contains(text, "work.nordlicht.example") {
		t.Errorf("domains: %s", text)
	}
	post("/operator/domains", http.StatusNotFound, url.Values{"host": {"work.nordlicht.example"}, "slug": {"acme"}})
	post("/operator/domains", http.StatusSeeOther, url.Values{"host": {"work.nordlicht.example"}, "slug": {"nordlicht"}})
	if slug, err := h.App.Tenants.ByHost(h.Context(), "work.nordlicht.example"); slug != "nordlicht" {
		t.Errorf("the domain leads to %q, %v", slug, err)
	}

	post(at+"/suspend", http.StatusSeeOther, nil)
	if a := ida.Get("/"); a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("suspended: %s", a.Status)
	}
	post(at+"/resume", http.StatusSeeOther, nil)
	if a := ida.Get("/"); a.StatusCode != http.StatusOK {
		t.Errorf("open again, with the session of before: %s", a.Status)
	}

	post(at+"/delete", http.StatusUnprocessableEntity, url.Values{"days": {"30"}, "typed": {"nordlicht"}})
	post(at+"/delete", http.StatusSeeOther, url.Values{"days": {"30"}, "typed": {"Nordlicht Reederei"}})
	if a := ida.Get("/"); a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("waiting for its deletion: %s", a.Status)
	}
	post(at+"/keep", http.StatusSeeOther, nil)
	if a := ida.Get("/"); a.StatusCode != http.StatusOK {
		t.Errorf("kept: %s", a.Status)
	}
	if due := h.App.Tenants.Overdue(h.Context()); len(due) != 0 {
		t.Errorf("due: %+v", due)
	}
	post(at+"/delete", http.StatusSeeOther, url.Values{"days": {"1"}, "typed": {"Nordlicht Reederei"}})
	h.Clock.Add(25 * time.Hour)
	if due := h.App.Tenants.Overdue(h.Context()); len(due) != 1 || due[0].Slug != "nordlicht" {
		t.Errorf("due: %+v", due)
	}
	if _, err := h.App.Tenants.Enter(h.Context(), "nordlicht"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("entering: %v", err)
	}
	p = h.atGate(t)
	text := p.Get("/operator/log").See()
	for _, want := range []string{"Limits set", "Suspended", "Opened again", "Deletion planned", "Deletion taken back", "Lena Both (operator)"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %q: %s", want, text)
		}
	}
}
