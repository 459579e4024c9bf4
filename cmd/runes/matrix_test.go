package main

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"runes.im/platform/identity"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// keyring is everything that one person can come with, made while they might: what a thief would have copied.
type keyring struct {
	*runetest.Person
	h                            *runetest.House
	role                         string
	device                       *runetest.Person // an app password of every scope
	token, service               http.Header      // of the API; the service belongs to the organisation
	sent, handover, flow, poller string
}

// theirs is the password of the person's account; each door of guesses is asked from a place of its own, see from.
const theirs = runetest.Password

func newKeyring(t *testing.T, h *runetest.House, name string) *keyring {
	t.Helper()
	acme := h.Tenant("acme")
	ctx := tenant.With(h.Context(), acme)
	var all []string
	for _, p := range runekit.Permissions(h.App.Runes) {
		all = append(all, p.Key)
	}
	people := h.App.People
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	k := &keyring{Person: h.Visitor("acme"), h: h, role: "of " + name}
	check(people.SaveRole(ctx, acme, k.role, all))
	who, err := people.AddMember(ctx, acme, identity.NewMember{Email: strings.ReplaceAll(name, " ", ".") + "@doors.example", Name: name, Password: theirs, Locale: "en", Role: k.role})
	check(err)
	k.Person.Person = who
	k.SignIn(who.Email, theirs)
	k.device = k.Device("sync", "contacts", "smtp")
	bearer := func(owner string) http.Header {
		_, secret, err := people.MakeAPIToken(ctx, acme, owner, identity.NewToken{Name: name, Scopes: all, Lasts: 300 * 24 * time.Hour})
		check(err)
		return http.Header{"Authorization": {"Bearer " + secret}}
	}
	k.token = bearer(who.ID)
	by := h.Person("owner").Person
	service, err := people.AddService(ctx, acme, by, name, all)
	check(err)
	k.service = bearer(service)
	by, err = people.Member(ctx, acme, who.ID)
	check(err)
	_, k.sent, err = people.Invite(ctx, acme, by, identity.Invitee{Email: "by." + who.Email, Roles: []string{"guest"}})
	check(err)
	if k.handover, err = people.HandOver(ctx, by.Calling(), acme.ID); err != nil {
		t.Fatal(err)
	}
	a := h.Visitor("acme").Do(http.MethodPost, "/index.php/login/v2", nil, http.Header{"User-Agent": {"a program of " + name}})
	k.poller, k.flow = match(t, `"token":"([^"]+)"`, a.Text), match(t, `"login":"[^"]*(/storage/connect/[^"]+)"`, a.Text)
	return k
}

// Doors of the matrix. Of each the table says whether it is open to the person in that state.
const (
	pages        = "pages"       // of every permission, looked at and posted to
	common       = "common"      // pages that need no permission but to be signed in
	stream       = "stream"      // of events
	byToken      = "API token"   // of the person
	byService    = "API service" // a token of an account for programs
	byPlainToken = "API alone"   // what a token opens that holds nothing
	programs     = "programs"    // WebDAV, OCS, CardDAV, uploads in pieces, by app password
	flow         = "login flow"  // the page on which somebody lets a program in
	signIn       = "sign-in"     // with the right password
	handOver     = "hand-over"   // a token that was on its way
	invited      = "invitation"  // a link that the person sent
)

// condition is what became of the person, and which doors are open then. All others are closed, at every address of the site map.
type condition struct {
	become func(t *testing.T, k *keyring)
	open   string
}

// TestDoorMatrix asks at every address that the router knows, by every key, in every state. T2, A4, A5, A8, A11.
func TestDoorMatrix(t *testing.T) {
	t.Parallel()
	h := runetest.Start(t, installed())
	h.PersonOf("beta", "owner")
	acme := h.Tenant("acme")
	ctx := tenant.With(h.Context(), acme)
	people := h.App.People
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	all := strings.Join([]string{pages, common, stream, byToken, byPlainToken, byService, programs, flow, signIn, handOver, invited}, ",")
	later := strings.Join([]string{byService, byToken, byPlainToken, programs, invited}, ",") // what a forgotten password takes from nobody
	half := strings.Join([]string{byService, programs, invited}, ",")                         // the API is asked with what stands for the sign-in that waits
	states := map[string]condition{
		"active":      {func(*testing.T, *keyring) {}, all},
		"suspended":   {func(t *testing.T, k *keyring) { must(t, people.Suspend(ctx, acme, nil, k.ID)) }, byService},
		"deactivated": {func(t *testing.T, k *keyring) { must(t, people.Deactivate(ctx, acme, nil, k.ID)) }, byService},
		"left": {func(t *testing.T, k *keyring) {
			must(t, people.Quit(ctx, acme, k.Person.Person, theirs, 0, identity.Source{Address: "192.0.2.2"}))
		}, byService},
		"account suspended": {func(t *testing.T, k *keyring) {
			_, err := people.Member(ctx, acme, k.ID)
			must(t, err)
			must(t, h.App.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE identity_accounts SET state = 'suspended' WHERE id = ?`, k.AccountID)
				return err
			}))
			must(t, people.SavePreferences(ctx, k.Person.Person, identity.Preferences{Locale: "en", Zone: "UTC", Theme: "light", Density: "compact"})) // memory looks anew
		}, byService + "," + invited},
		"signed out by others":    {func(t *testing.T, k *keyring) { must(t, people.SignOutMember(ctx, acme, nil, k.ID, true)) }, byService + "," + signIn + "," + invited},
		"signed out":              {func(t *testing.T, k *keyring) { k.Post("/logout", nil) }, later + "," + signIn + "," + handOver},
		"a new password demanded": {func(t *testing.T, k *keyring) { _, err := people.DemandReset(ctx, acme, nil, k.ID); must(t, err) }, later},
		"a new password": {func(t *testing.T, k *keyring) {
			must(t, people.SetPassword(ctx, acme, k.ID, "something else entirely"))
		}, later},
		"not me": {func(t *testing.T, k *keyring) {
			p, err := people.Member(ctx, acme, k.ID)
			must(t, err)
			_, err = people.NotMe(ctx, acme, p, theirs, identity.Source{Address: "192.0.2.1"})
			must(t, err)
		}, byService + "," + invited},
		"half signed in": {func(t *testing.T, k *keyring) {
			key, _, err := identity.NewTOTP("acme", k.Email, "")
			must(t, err)
			code, err := totp.GenerateCode(key, h.Clock.Now())
			must(t, err)
			_, err = people.AddTOTP(ctx, acme, k.Person.Person, key, code, "Phone")
			must(t, err)
			k.half(t)
		}, half},
		"a second factor demanded": {func(t *testing.T, k *keyring) {
			roles, err := people.Roles(ctx, acme)
			must(t, err)
			at := slices.IndexFunc(roles, func(o identity.Role) bool { return o.Name == k.role })
			must(t, people.SaveFactorRule(ctx, acme, identity.FactorRule{Role: roles[at].ID, Mode: identity.FactorsRequired}))
			k.half(t)
		}, half},
		"rights removed": {func(t *testing.T, k *keyring) { must(t, people.SaveRole(ctx, acme, k.role, nil)) }, strings.Join([]string{common, stream, byPlainToken, byService, signIn, handOver, invited}, ",")},
		"role removed": {func(t *testing.T, k *keyring) {
			must(t, people.GiveRoles(ctx, acme, nil, k.ID, []string{"guest"}))
			roles, err := people.Roles(ctx, acme)
			must(t, err)
			for _, o := range roles {
				if o.Name == k.role {
					must(t, people.RemoveRole(ctx, acme, nil, o.ID, ""))
				}
			}
		}, strings.Join([]string{common, stream, byPlainToken, byService, signIn, handOver, invited}, ",")},
		"a guest whose time is over": {func(t *testing.T, k *keyring) {
			must(t, people.Host(ctx, acme, nil, k.ID, identity.Guest{Sponsor: h.Person("owner").ID, Ends: h.Clock.Now().Add(time.Second)}))
			h.Clock.Add(2 * time.Second)
		}, byService + "," + invited},
		"at another organisation": {func(t *testing.T, k *keyring) { k.move("beta") }, ""},
		"nobody": {func(t *testing.T, k *keyring) {
			*k = keyring{Person: h.Visitor("acme"), h: h, device: h.Visitor("acme")}
		}, ""},
	}
	site, doors := places(t, h)
	for _, name := range slices.Sorted(maps.Keys(states)) {
		k := newKeyring(t, h, name)
		states[name].become(t, k)
		open := map[string]bool{}
		for _, door := range strings.Split(states[name].open, ",") {
			open[door] = true
		}
		k.walk(t, name, open, site, doors)
	}

	k := newKeyring(t, h, "in a suspended organisation")
	must(t, h.App.Tenants.Suspend(ctx, "acme"))
	k.walk(t, "in a suspended organisation", nil, site, doors)
}

// half begins a new sign-in, which does not end, and forgets the session of before.
func (k *keyring) half(t *testing.T) {
	t.Helper()
	who := k.Person.Person
	k.Person = k.h.Visitor("acme")
	a := k.SignIn(who.Email, theirs)
	if !strings.HasPrefix(a.Header.Get("Location"), "/login/second") {
		t.Fatalf("signing in: %s %s", a.Status, a.Header.Get("Location"))
	}
	// What stands in the browser for the sign-in that waits goes along everywhere, as the session's cookie and as a bearer, too.
	cookies := k.Cookies()
	step := match(t, `runes-step=([^; ]+)`, cookies)
	k.Person = k.h.Visitor("acme")
	k.Header.Set("Cookie", cookies+"; __Host-runes="+step+"; runes="+step)
	k.Person.Person = who
	k.token = http.Header{"Authorization": {"Bearer " + step}}
}

// move carries every key to the other organisation.
func (k *keyring) move(slug string) {
	cookies, who, device := k.Cookies(), k.Person.Person, k.device
	k.Person = k.h.Visitor(slug)
	k.Header.Set("Cookie", cookies)
	k.Person.Person = who
	k.device = k.h.Visitor(slug).WithPassword(device.Email, device.Secret())
}

// walk tries every door, and reports each that is not as the table says.
func (k *keyring) walk(t *testing.T, name string, open map[string]bool, site, doors []place) {
	t.Helper()
	is := func(door, what string, a *runetest.Answer) {
		t.Helper()
		if granted(a) != open[door] {
			t.Errorf("%s: %s: %s %s (%s), open should be %v", name, door, what, a.Status, a.Header.Get("Location"), open[door])
		}
	}
	visitor := func() *runetest.Person { return k.h.Visitor(k.Slug) }
	is(common, "/", k.Get("/"))
	is(pages, "/storage", k.Get("/storage"))
	is(pages, "/contacts as JSON", k.Do(http.MethodGet, "/contacts", nil, http.Header{"Accept": {"application/json"}}))
	is(stream, "/live", k.listen())
	for _, p := range site {
		door := pages
		if p.Permission == web.SignedIn {
			door = common
		}
		if open[door] || p.path == "/live" || k.Person.Person == nil && p.Method != http.MethodGet {
			continue
		}
		switch p.Method {
		case http.MethodGet:
			is(door, "GET "+p.path, k.Get(p.path))
		case http.MethodPost:
			is(door, "POST "+p.path, k.Post(p.path, url.Values{"name": {"x"}}))
		case http.MethodPut:
			is(door, "PUT "+p.path, k.Put(p.path, strings.NewReader("x")))
		}
	}
	k.walkDoors(t, name, open, doors)
	if k.flow == "" {
		return // nobody has nothing else
	}
	is(flow, k.flow, k.Get(k.flow))
	is(handOver, "arriving", arriveAt(visitor(), k.handover))
	is(invited, "the link", visitor().Get("/join/"+k.sent))
	k.forget(t)
	in := visitor()
	in.Get("/login")
	a := in.Post("/login", url.Values{"email": {k.Email}, "password": {theirs}})
	if to := a.Header.Get("Location"); open[signIn] != (a.StatusCode == http.StatusSeeOther && to == "/") {
		t.Errorf("%s: sign-in: %s %s, open should be %v", name, a.Status, to, open[signIn])
	}
	if a := in.Get("/"); granted(a) != open[signIn] {
		t.Errorf("%s: after the sign-in: %s", name, a.Status)
	}
}

// walkDoors tries the doors of programs.
func (k *keyring) walkDoors(t *testing.T, name string, open map[string]bool, doors []place) {
	t.Helper()
	is := func(door, what string, a *runetest.Answer) {
		t.Helper()
		if granted(a) != open[door] {
			t.Errorf("%s: %s: %s %s, open should be %v", name, door, what, a.Status, open[door])
		}
	}
	for _, d := range doors {
		switch {
		case d.Scope == web.Public || d.Optional:
		case d.Scope != "api":
			for _, method := range []string{"PROPFIND", http.MethodGet, http.MethodPut} {
				if k.forget(t); !open[programs] {
					is(programs, method+" "+d.path, k.device.Do(method, d.path, nil, http.Header{"Depth": {"0"}}))
				}
			}
		default:
			k.forget(t)
			door, known := byToken, d.Pattern == "/api/v1/contacts/companies"
			if d.Permission == web.SignedIn {
				door, known = byPlainToken, d.Pattern == "/api/openapi.json"
			}
			if known || !open[door] {
				is(door, d.path, k.h.Visitor(k.Slug).Do(http.MethodGet, d.path, nil, k.token))
			}
			if known || !open[byService] {
				is(byService, d.path, k.h.Visitor(k.Slug).Do(http.MethodGet, d.path, nil, k.service))
			}
		}
	}
	k.forget(t)
	is(programs, "WebDAV", k.device.Do("PROPFIND", "/remote.php/webdav/", nil, http.Header{"Depth": {"0"}}))
	is(programs, "OCS", k.device.Do(http.MethodGet, "/ocs/v2.php/cloud/user", nil, http.Header{"Ocs-Apirequest": {"true"}}))
	is(programs, "CardDAV", k.device.Do("PROPFIND", "/remote.php/dav/principals/", nil, http.Header{"Depth": {"0"}}))
	if k.Person.Person != nil {
		is(programs, "an upload in pieces", k.device.Do("MKCOL", "/remote.php/dav/uploads/"+k.ID+"/piece", nil, nil))
	}
}

// forget takes back what was counted against guessing: the matrix asks what is open, not how often somebody may ask.
func (k *keyring) forget(t *testing.T) {
	t.Helper()
	for _, slug := range []string{"acme", "beta"} {
		in, err := k.h.App.Tenants.Enter(k.h.Context(), slug)
		if err != nil {
			continue // suspended
		}
		err = in.DB.Write(k.h.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM identity_throttle`)
			return err
		})
		if in.Leave(); err != nil {
			t.Fatal(err)
		}
	}
}

// listen asks for the stream of events and hangs up.
func (k *keyring) listen() *runetest.Answer {
	a := k.Open("/live")
	a.Body.Close()
	return a
}
