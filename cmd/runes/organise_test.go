package main

import (
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"runes.im/platform/config"
	"runes.im/platform/runetest"
	"runes.im/platform/tenant"
)

// priced is a price list whose lines all differ.
const priced = `{
	"currencies": ["CHF", "EUR"],
	"base": {"model": "flat", "amounts": {"CHF": 3000, "EUR": 2900}},
	"runes": {"contacts": {"model": "per_user", "amounts": {"CHF": 310}}, "storage": {"model": "flat", "amounts": {"CHF": 930, "EUR": 900}}},
	"packages": [{"id": "all", "names": {"en": "Everything"}, "texts": {"en": "All of it"}, "runes": ["contacts", "storage"], "price": {"model": "per_user", "amounts": {"CHF": 400, "EUR": 390}}}]
}`

// selfService is a house where people make organisations by themselves.
func selfService(t *testing.T, registration ...string) *runetest.House {
	list := filepath.Join(t.TempDir(), "prices.json")
	if err := os.WriteFile(list, []byte(priced), 0o600); err != nil {
		t.Fatal(err)
	}
	return runetest.Start(t, installed(), func(c *config.Config) {
		c.Organisations, c.Registration, c.Prices = config.SelfService, registration, list
	})
}

func registered(t *testing.T, h *runetest.House, name string) *runetest.Person {
	t.Helper()
	p := h.Visitor("")
	p.Get("/register")
	a := p.Post("/register", url.Values{"name": {name}, "email": {name + "@fresh.example"}, "password": {runetest.Password}})
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("register %s: %s %s", name, a.Status, a.See())
	}
	if a := p.Get("/"); a.Header.Get("Location") != "/organizations/new" {
		t.Fatalf("a fresh account lands at %s", a.Header.Get("Location"))
	}
	p.Get("/organizations/new")
	return p
}

var good = url.Values{
	"slug": {"halden"}, "country": {"CH"}, "address": {"Seestrasse 14"}, "postal_code": {"8002"}, "city": {"Zürich"}, "vat": {"che 107 787 577 mwst"},
	"locale": {"de"}, "currency": {"CHF"}, "zone": {"Europe/Zurich"}, "email": {"office@halden.example"}, "phone": {"+41 44 555 01 10"},
}

func with(form url.Values, pairs ...string) url.Values {
	form = maps.Clone(form)
	for n := 0; n < len(pairs); n += 2 {
		form.Set(pairs[n], pairs[n+1])
	}
	return form
}

// step sends a step and wants to be led on.
func step(t *testing.T, p *runetest.Person, path string, form url.Values, to string) {
	t.Helper()
	if a := p.Post("/organizations/new"+path, form); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != to {
		t.Fatalf("%s %v: %s, %q: %s", path, form, a.Status, a.Header.Get("Location"), a.See())
	}
	p.Get(to)
}

// draftOf is the hidden field of the overview.
func draftOf(t *testing.T, p *runetest.Person) string {
	t.Helper()
	text := p.Get("/organizations/new/overview").Text
	_, rest, found := strings.Cut(text, `name="draft" value="`)
	id, _, _ := strings.Cut(rest, `"`)
	if !found || id == "" {
		t.Fatalf("the overview has no draft: %s", text)
	}
	return id
}

// A1.4–A1.8: a fresh account makes an organisation in four steps, is refused what cannot be, and enters it as its owner.
func TestAFreshAccountMakesAnOrganisation(t *testing.T) {
	h := selfService(t, config.Open)
	p := registered(t, h, "lena")

	// Later steps wait for the earlier ones.
	for _, path := range []string{"/details", "/products", "/quote", "/overview"} {
		if a := p.Get("/organizations/new" + path); a.Header.Get("Location") != "/organizations/new" {
			t.Errorf("%s before its time: %s", path, a.Status)
		}
	}
	for name, want := range map[string]string{"": "needs a name", " ACME ": "already is an organisation", "аcme": "already is an organisation"} { // а of Cyrillic
		if a := p.Post("/organizations/new", url.Values{"company": {name}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.See(), want) {
			t.Errorf("company %q: %s %s", name, a.Status, a.See())
		}
	}
	p.Header.Set("Accept", "application/json")
	if a := p.Post("/organizations/new", url.Values{"company": {"a cme"}, "keep": {"1"}}); !strings.Contains(a.Text, "already is an organisation") {
		t.Errorf("while typing: %s %s", a.Status, a.Text)
	}
	p.Header.Del("Accept")
	step(t, p, "", url.Values{"company": {"Halden & Fjord"}}, "/organizations/new/details")
	if a := p.Get("/organizations/new/details"); !strings.Contains(a.Text, `value="halden-fjord"`) || !strings.Contains(a.Text, `value="lena@fresh.example"`) {
		t.Error("nothing is suggested")
	}
	for _, c := range []struct{ field, value, want string }{
		{"slug", "acme", "acme"},
		{"slug", "login", "reserved"},
		{"slug", "a", "3 to 40"},
		{"slug", "../etc", "3 to 40"},
		{"country", "", "Choose a country"},
		{"country", "XX", "Choose a country"},
		{"vat", "CHE-107.787.578", "CHE-107.787.577 MWST"},
		{"locale", "xx", "Choose one"},
		{"currency", "XAU", "Choose one"},
		{"zone", "Local", "Choose one"},
		{"email", "nobody", ""},
		{"phone", "call me", "digits"},
	} {
		a := p.Post("/organizations/new/details", with(good, c.field, c.value))
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.See(), c.want) || !strings.Contains(a.Text, "Seestrasse 14") {
			t.Errorf("%s %q: %s", c.field, c.value, a.Status)
		}
	}
	step(t, p, "/details", good, "/organizations/new/products")

	// Going back, away and to another browser keeps what was typed.
	step(t, p, "/products", url.Values{"package": {"none"}, "runes": {"contacts"}, "seats": {"4"}, "back": {"1"}}, "/organizations/new/details")
	again := h.Visitor("")
	again.SignIn("lena@fresh.example", runetest.Password)
	if text := again.Get("/organizations/new/details").Text; !strings.Contains(text, "CHE-107.787.577 MWST") || !strings.Contains(text, `value="halden"`) {
		t.Errorf("what was typed is lost: %s", text)
	}
	if text := again.Get("/organizations/new/products").Text; !strings.Contains(text, `value="contacts" data-needs="" checked`) || !strings.Contains(text, `value="4"`) {
		t.Errorf("what was chosen is lost: %s", text)
	}
	step(t, p, "/products", url.Values{"package": {"none"}, "runes": {"contacts", "ghost"}, "seats": {"4"}}, "/organizations/new/overview")
	see := p.Get("/organizations/new/overview").See()
	for _, want := range []string{"Halden & Fjord", "halden.localhost", "Seestrasse 14", "8002 Zürich", "Switzerland", "Deutsch", "4 × CHF", "CHF 42.40", "Invoice"} {
		if !strings.Contains(see, want) {
			t.Errorf("the overview does not show %q: %s", want, see)
		}
	}

	// Sent twelve times at once, it is made once.
	draft := draftOf(t, p)
	var wait sync.WaitGroup
	var mu sync.Mutex
	led := map[string]int{}
	for range 6 {
		wait.Go(func() {
			a := p.Post("/organizations/new/overview", url.Values{"draft": {draft}, "method": {"invoice"}})
			mu.Lock()
			defer mu.Unlock()
			host, _, _ := strings.Cut(a.Header.Get("Refresh"), "/login")
			led[host]++
		})
	}
	wait.Wait()
	if len(led) != 1 || led["0; url="+h.URL("halden", "")] != 6 {
		t.Fatalf("sent six times: %v", led)
	}
	a := p.Post("/organizations/new/overview", url.Values{"draft": {draft}, "method": {"invoice"}})
	m := wayThere.FindStringSubmatch(a.Header.Get("Refresh"))
	if m == nil {
		t.Fatalf("sent once more: %s", a.Status)
	}
	there := h.Visitor("halden")
	arriveAt(there, m[4])
	if a := there.Get("/settings"); a.StatusCode != http.StatusOK {
		t.Errorf("the owner's settings: %s", a.Status)
	}
	profile := there.Get("/brand/profile").See()
	for _, want := range []string{"Halden & Fjord", "Seestrasse 14", "8002", "Zürich", "CHE-107.787.577 MWST", "office@halden.example", "+41 44 555 01 10"} {
		if !strings.Contains(profile, want) {
			t.Errorf("the company profile does not know %q", want)
		}
	}
	if a := there.Get("/contacts"); a.StatusCode != http.StatusOK {
		t.Errorf("a rune that was chosen: %s", a.Status)
	}
	if a := there.Get("/storage"); a.StatusCode != http.StatusNotFound {
		t.Errorf("a rune that was not: %s", a.Status)
	}
	tn := h.Tenant("halden")
	if tn.Locale != "de" || tn.Zone != "Europe/Zurich" || tn.Name != "Halden & Fjord" {
		t.Errorf("it is %s, %s, %s", tn.Locale, tn.Zone, tn.Name)
	}
	members, err := h.App.People.Members(tenant.With(h.Context(), tn), tn)
	if err != nil || len(members) != 1 || !members[0].Owner {
		t.Errorf("its people are %v, %v", members, err)
	}
	// The draft is gone: the next one begins empty, and inside an organisation as well.
	if text := there.Get("/organizations/new").Text; strings.Contains(text, "Halden") && strings.Contains(text, `value="Halden`) {
		t.Error("the draft is still there")
	}
	if text := there.Get("/organizations").See(); !strings.Contains(text, "Create New Organization") {
		t.Errorf("no button in the list: %s", text)
	}
}

// Someone else's draft opens nothing, and one account makes only so many organisations a day.
func TestDraftsAreOnesOwnAndOrganisationsAreCounted(t *testing.T) {
	h := selfService(t, config.Open)
	p, other := registered(t, h, "lena"), registered(t, h, "amir")
	make := func(name string) string {
		t.Helper()
		step(t, p, "", url.Values{"company": {name}}, "/organizations/new/details")
		step(t, p, "/details", with(good, "slug", name, "vat", ""), "/organizations/new/products")
		step(t, p, "/products", url.Values{"package": {"all"}, "seats": {"2"}}, "/organizations/new/overview")
		return draftOf(t, p)
	}
	draft := make("first")
	if text := other.Get("/organizations/new").Text; strings.Contains(text, "first") {
		t.Error("a draft of somebody else is shown")
	}
	if a := p.Post("/organizations/new/overview", url.Values{"draft": {draft}, "method": {"bribe"}}); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a way to pay that is none: %s", a.Status)
	}
	p.Post("/organizations/new/overview", url.Values{"draft": {draft}, "method": {"invoice"}})
	if a := other.Post("/organizations/new/overview", url.Values{"draft": {draft}}); a.StatusCode != http.StatusSeeOther || a.Header.Get("Refresh") != "" {
		t.Errorf("the draft of somebody else: %s %s", a.Status, a.Header.Get("Refresh"))
	}
	// Somebody took the name meanwhile: the step says so, and nothing is half there.
	draft = make("second")
	h.Tenant("second")
	if a := p.Post("/organizations/new/overview", url.Values{"draft": {draft}, "method": {"invoice"}}); a.Header.Get("Location") != "/organizations/new" {
		t.Errorf("a name that was taken meanwhile: %s", a.Status)
	}
	for _, name := range []string{"third", "fourth"} {
		p.Post("/organizations/new/overview", url.Values{"draft": {make(name)}, "method": {"invoice"}})
	}
	a := p.Post("/organizations/new/overview", url.Values{"draft": {make("fifth")}, "method": {"invoice"}})
	if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.See(), "Tomorrow") {
		t.Errorf("a fourth in one day: %s %s", a.Status, a.See())
	}
	h.Clock.Add(25 * time.Hour)
	p = h.Visitor("")
	p.SignIn("lena@fresh.example", runetest.Password)
	if a := p.Post("/organizations/new/overview", url.Values{"draft": {draftOf(t, p)}, "method": {"invoice"}}); a.Header.Get("Refresh") == "" {
		t.Errorf("the day after: %s %s", a.Status, a.See())
	}
}

// A1.7: who asks for a price goes on without paying, and is shown as waiting until the operator answered.
func TestAQuoteIsAskedForAndAnswered(t *testing.T) {
	h := selfService(t, config.Open)
	operator := h.Person("owner")
	if err := h.App.People.AddOperator(h.Context(), operator.Email); err != nil {
		t.Fatal(err)
	}
	p := registered(t, h, "lena")
	step(t, p, "", url.Values{"company": {"Halden"}}, "/organizations/new/details")
	step(t, p, "/details", with(good, "currency", "EUR", "vat", ""), "/organizations/new/products")
	// Contact Hub has no price in euros.
	step(t, p, "/products", url.Values{"package": {"none"}, "runes": {"contacts"}, "seats": {"9"}}, "/organizations/new/overview")
	draft := draftOf(t, p)
	if a := p.Post("/organizations/new/overview", url.Values{"draft": {draft}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.See(), "on request") {
		t.Errorf("without a price: %s %s", a.Status, a.See())
	}
	step(t, p, "/products", url.Values{"package": {"none"}, "runes": {"contacts"}, "seats": {"9"}, "quote": {"1"}}, "/organizations/new/quote")
	if a := p.Post("/organizations/new/quote", url.Values{"name": {""}, "email": {"lena"}, "message": {"For nine"}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "For nine") {
		t.Errorf("a question of nobody: %s", a.Status)
	}
	step(t, p, "/quote", url.Values{"name": {"Lena"}, "email": {"lena@fresh.example"}, "message": {"For nine"}}, "/organizations/new/overview")
	if see := p.Get("/organizations/new/overview").See(); !strings.Contains(see, "Quote pending") || strings.Contains(see, "Invoice") {
		t.Errorf("the overview: %s", see)
	}
	a := p.Post("/organizations/new/overview", url.Values{"draft": {draft}})
	if a.Header.Get("Refresh") == "" {
		t.Fatalf("without paying: %s %s", a.Status, a.See())
	}
	if see := p.Get("/?all").See(); !strings.Contains(see, "Quote pending") {
		t.Errorf("the list: %s", see)
	}
	quotes, err := h.App.Tenants.Quotes(h.Context())
	if err != nil || len(quotes) != 1 || quotes[0].Message != "For nine" || quotes[0].Tenant != "halden" || quotes[0].Choice.Seats != 9 {
		t.Fatalf("the operator sees %+v, %v", quotes, err)
	}
	if see := operator.Get("/notifications").See(); !strings.Contains(see, "Lena asks for a price for Halden.") {
		t.Errorf("the operator's bell: %s", see)
	}
	if err := h.App.Tenants.AnswerQuote(h.Context(), quotes[0].ID, "Three euros each"); err != nil {
		t.Fatal(err)
	}
	if see := p.Get("/?all").See(); strings.Contains(see, "Quote pending") {
		t.Errorf("after the answer: %s", see)
	}
}

// A1.13: where the operator keeps organisations and accounts to themselves there is neither a button nor a page.
func TestClosedDoorsAreNotThere(t *testing.T) {
	paths := []string{"/organizations/new", "/organizations/new/details", "/organizations/new/products", "/organizations/new/quote", "/organizations/new/overview"}
	for _, mode := range []string{config.Single, config.Operator} {
		h := runetest.Start(t, installed(), func(c *config.Config) { c.Organisations = mode })
		owner := h.Person("owner")
		for _, path := range paths {
			if a := owner.Get(path); a.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s inside: %s", mode, path, a.Status)
			}
			if a := owner.Post(path, url.Values{"company": {"Halden"}}); a.StatusCode != http.StatusNotFound {
				t.Errorf("%s POST %s inside: %s", mode, path, a.Status)
			}
		}
		if see := owner.Get("/organizations").See(); strings.Contains(see, "Create New Organization") {
			t.Errorf("%s: %s", mode, see)
		}
		base := h.Visitor("")
		// The base host is the organisation in single mode, and nobody's in the other.
		if a := base.Get("/login"); strings.Contains(a.See(), "acme") != (mode == config.Single) || strings.Contains(a.See(), "Create account") {
			t.Errorf("%s: the base host is %s", mode, a.See())
		}
		for _, path := range append(paths, "/register") {
			if a := base.Get(path); mode == config.Operator && a.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s outside: %s", mode, path, a.Status)
			}
		}
	}
	h := selfService(t, config.Invitation)
	base := h.Visitor("")
	if a := base.Get("/register"); a.StatusCode != http.StatusNotFound {
		t.Errorf("registration by invitation: %s", a.Status)
	}
	if a := base.Get("/organizations/new"); a.Header.Get("Location") != "/login" {
		t.Errorf("the wizard, signed out: %s", a.Status)
	}
}
