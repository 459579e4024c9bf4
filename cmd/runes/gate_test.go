package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"runes.im/platform/identity"
	"runes.im/platform/runetest"
	"runes.im/platform/tenant"
)

// twoHomes is a house where one account belongs to acme and globex, and another to globex alone.
type twoHomes struct {
	*runetest.House
	email string
	ids   map[string]string // of the tenants
}

func newTwoHomes(t *testing.T) *twoHomes {
	h := runetest.Start(t, installed())
	home := &twoHomes{House: h, email: "lena@both.example", ids: map[string]string{}}
	for _, slug := range []string{"acme", "globex"} {
		tn := h.Tenant(slug)
		home.ids[slug] = tn.ID
		n := identity.NewMember{Email: home.email, Name: "Lena Both", Role: "employee", Locale: "en"}
		if slug == "acme" {
			n.Password = runetest.Password
		}
		if _, err := h.App.People.AddMember(tenant.With(h.Context(), tn), tn, n); err != nil {
			t.Fatal(err)
		}
	}
	h.PersonOf("globex", "owner")
	h.Tenant("initech")
	return home
}

// atGate is somebody signed in on the appliance's own host.
func (h *twoHomes) atGate(t *testing.T) *runetest.Person {
	t.Helper()
	p := h.Visitor("")
	if a := p.SignIn(h.email, runetest.Password); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign-in at the gate: %s", a.Status)
	}
	return p
}

var wayThere = regexp.MustCompile(`^0; url=(http://([a-z]+)\.localhost:\d+)(/login/arrive\?token=(\S+))$`)

// open presses Open and answers the token that the browser is sent off with.
func (h *twoHomes) open(t *testing.T, p *runetest.Person, slug string) string {
	t.Helper()
	a := p.Post("/organizations/open", url.Values{"tenant": {h.ids[slug]}})
	m := wayThere.FindStringSubmatch(a.Header.Get("Refresh"))
	if a.StatusCode != http.StatusOK || m == nil || m[2] != slug {
		t.Fatalf("open %s: %s, Refresh %q", slug, a.Status, a.Header.Get("Refresh"))
	}
	return m[4]
}

func arriveAt(p *runetest.Person, token string) *runetest.Answer {
	p.Get("/login/arrive?token=" + token)
	return p.Post("/login/arrive", url.Values{"token": {token}})
}

// A1.10, A1.9: one sign-in on the appliance's host shows the organisations one belongs to, and leads into each.
func TestPeopleChooseAnOrganisationOnTheAppliancesHost(t *testing.T) {
	h := newTwoHomes(t)
	p := h.Visitor("")
	if a := p.Get("/"); a.Header.Get("Location") != "/login" {
		t.Fatalf("signed out: %s %s", a.Status, a.Header.Get("Location"))
	}
	if a := p.SignIn(h.email, "not the password at all"); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("wrong password: %s", a.Status)
	}
	if a := p.SignIn("nobody@both.example", "not the password at all"); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("unknown address: %s", a.Status)
	}
	p = h.atGate(t)
	text := p.Get("/").See()
	if !strings.Contains(text, "acme.localhost") || !strings.Contains(text, "globex.localhost") || strings.Contains(text, "initech") {
		t.Errorf("the list: %s", text)
	}
	// What is signed in here opens nothing of any organisation, and no page of one is here.
	for _, path := range []string{"/storage", "/preferences", "/setup", "/api/openapi.json", "/dav/", "/organizations"} {
		if a := p.Get(path); a.StatusCode != http.StatusNotFound && a.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s at the gate: %s", path, a.Status)
		}
	}
	there := h.Visitor("globex")
	token := h.open(t, p, "globex")
	if a := there.Get("/login/arrive?token=" + token); !strings.Contains(a.See(), "You enter globex as Lena Both") {
		t.Errorf("the door: %s", a.See())
	}
	if a := arriveAt(there, token); a.Header.Get("Location") != "/" {
		t.Fatalf("arriving: %s", a.Status)
	}
	if a := there.Get("/organizations"); a.StatusCode != http.StatusOK || !strings.Contains(a.See(), "You are here") {
		t.Errorf("the list inside: %s", a.Status)
	}
	// From inside one to the other.
	here := h.Visitor("acme")
	if a := arriveAt(here, h.open(t, there, "acme")); a.Header.Get("Location") != "/" {
		t.Errorf("from one to the other: %s", a.Status)
	}
	if a := p.Post("/organizations/open", url.Values{"tenant": {h.Tenant("initech").ID}}); a.StatusCode != http.StatusNotFound {
		t.Errorf("an organisation of others: %s", a.Status)
	}
	p.Post("/logout", nil)
	if a := p.Get("/"); a.Header.Get("Location") != "/login" {
		t.Errorf("after signing out: %s", a.Status)
	}
}

// T2: a hand-over token opens one organisation, once, for half a minute, and only while the account may.
func TestAHandOverTokenOpensOneDoorOnce(t *testing.T) {
	h := newTwoHomes(t)
	p := h.atGate(t)
	refused := func(why, slug, token string) {
		t.Helper()
		if a := arriveAt(h.Visitor(slug), token); a.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %s", why, a.Status)
		}
	}
	token := h.open(t, p, "globex")
	refused("at another organisation", "acme", token)
	refused("made up", "globex", strings.Repeat("a", len(token)))
	if a := arriveAt(h.Visitor("globex"), token); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("the right door: %s", a.Status)
	}
	refused("a second time", "globex", token)

	// Many at once: one gets in.
	token = h.open(t, p, "globex")
	var mu sync.Mutex
	var wait sync.WaitGroup
	in := 0
	for range 12 {
		v := h.Visitor("globex")
		v.Get("/login/arrive?token=" + token)
		wait.Go(func() {
			if a := v.Post("/login/arrive", url.Values{"token": {token}}); a.StatusCode == http.StatusSeeOther {
				mu.Lock()
				in++
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if in != 1 {
		t.Errorf("%d of 12 got in", in)
	}

	token = h.open(t, p, "globex")
	h.Clock.Add(31 * time.Second)
	refused("after half a minute", "globex", token)

	globex := h.Tenant("globex")
	member, err := h.App.People.MemberByEmail(h.Context(), globex, h.email)
	if err != nil {
		t.Fatal(err)
	}
	token = h.open(t, p, "globex")
	if err := h.App.People.Suspend(h.Context(), globex, nil, member.ID); err != nil {
		t.Fatal(err)
	}
	refused("after a suspension", "globex", token)
	if a := p.Get("/"); !strings.Contains(a.See(), "Your access is suspended") {
		t.Errorf("the list after a suspension: %s", a.See())
	}
	// A new password ends what was signed in before, and what was on its way.
	token = h.open(t, p, "acme")
	acme := h.Tenant("acme")
	if member, err = h.App.People.MemberByEmail(h.Context(), acme, h.email); err != nil {
		t.Fatal(err)
	}
	if err := h.App.People.SetPassword(h.Context(), acme, member.ID, "a password of later days"); err != nil {
		t.Fatal(err)
	}
	refused("after a new password", "acme", token)
	if a := p.Get("/"); a.Header.Get("Location") != "/login" {
		t.Errorf("the gate after a new password: %s", a.Status)
	}
}

// A4, A5: an account with a second factor sees nothing at the gate before it, and a tenant's rule holds for whoever arrives.
func TestTheGateAsksForTheSecondFactor(t *testing.T) {
	h := newTwoHomes(t)
	acme, globex := h.Tenant("acme"), h.Tenant("globex")
	p := h.atGate(t)
	rule := identity.FactorRule{Mode: identity.FactorsRequired}
	if err := h.App.People.SaveFactorRule(h.Context(), globex, rule); err != nil {
		t.Fatal(err)
	}
	if a := arriveAt(h.Visitor("globex"), h.open(t, p, "globex")); !strings.HasPrefix(a.Header.Get("Location"), "/login/second") {
		t.Errorf("arriving without a factor where one is required: %s %s", a.Status, a.Header.Get("Location"))
	}
	member, err := h.App.People.MemberByEmail(h.Context(), acme, h.email)
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := identity.NewTOTP("acme", h.email, "")
	if err != nil {
		t.Fatal(err)
	}
	code := func() string {
		h.Clock.Add(time.Minute)
		code, err := totp.GenerateCode(secret, h.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	if _, err := h.App.People.AddTOTP(h.Context(), acme, member, secret, code(), "Phone"); err != nil {
		t.Fatal(err)
	}
	half := h.Visitor("")
	if a := half.SignIn(h.email, runetest.Password); a.Header.Get("Location") != "/login/second" {
		t.Fatalf("sign-in with a factor: %s %s", a.Status, a.Header.Get("Location"))
	}
	if a := half.Get("/"); a.Header.Get("Location") != "/login/second" || strings.Contains(a.See(), "globex") {
		t.Errorf("half-way: %s", a.Status)
	}
	half.Get("/login/second")
	if a := half.Post("/organizations/open", url.Values{"tenant": {globex.ID}}); a.Header.Get("Refresh") != "" {
		t.Errorf("half-way through a door: %s", a.Header.Get("Refresh"))
	}
	if a := half.Post("/login/second", url.Values{"code": {"000000"}}); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: %s", a.Status)
	}
	if a := half.Post("/login/second", url.Values{"code": {code()}}); a.Header.Get("Location") != "/" {
		t.Fatalf("the right code: %s", a.Status)
	}
	// Proven once is proven; a rule that wants a passkey still asks.
	if a := arriveAt(h.Visitor("globex"), h.open(t, half, "globex")); a.Header.Get("Location") != "/" {
		t.Errorf("arriving after the factor: %s %s", a.Status, a.Header.Get("Location"))
	}
	rule.PasskeyOnly = true
	if err := h.App.People.SaveFactorRule(h.Context(), globex, rule); err != nil {
		t.Fatal(err)
	}
	if a := arriveAt(h.Visitor("globex"), h.open(t, half, "globex")); !strings.HasPrefix(a.Header.Get("Location"), "/login/second") {
		t.Errorf("arriving with a code where a passkey is wanted: %s %s", a.Status, a.Header.Get("Location"))
	}
}

// A2 at the gate: guesses are slowed down and then refused, whatever address they claim to come from.
func TestGuessingAtTheGateIsThrottled(t *testing.T) {
	h := newTwoHomes(t)
	p := h.Visitor("")
	p.Get("/login")
	last := 0
	for n := range 31 {
		email := "nobody" + strings.Repeat("x", n) + "@both.example"
		last = p.Post("/login", url.Values{"email": {email}, "password": {"a guess of many"}}).StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("after 31 guesses: %d", last)
	}
}
