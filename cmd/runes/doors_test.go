package main

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"runes.im/platform/config"
	"runes.im/platform/runetest"
	"runes.im/platform/web"
)

// place is one address to try, with something plausible for every parameter.
type place struct {
	web.Route
	path string
}

var parameter = regexp.MustCompile(`\{[^}]+\}`)

// places is every way in, as the house itself lists them.
func places(t *testing.T, h *runetest.House) (pages, doors []place) {
	t.Helper()
	site, _, err := h.App.Site()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range site.Routes() {
		path := strings.ReplaceAll(parameter.ReplaceAllString(r.Pattern, "1"), "*", "x")
		switch {
		case r.Method == "*":
			doors = append(doors, place{r, path})
		case r.Permission != web.Public && r.Permission != web.NoTenant && r.Permission != web.AtGate && r.Permission != web.Operator:
			pages = append(pages, place{r, path})
		}
	}
	if len(pages) < 20 || len(doors) < 5 {
		t.Fatalf("found %d pages and %d doors, want all of them", len(pages), len(doors))
	}
	return pages, doors
}

func granted(a *runetest.Answer) bool {
	return a.StatusCode < 400 && !strings.HasPrefix(a.Header.Get("Location"), "/login")
}

// A9, A10: an app password opens the doors of its scope and nothing else, however it is sent.
func TestAppPasswordOpensNoPage(t *testing.T) {
	t.Parallel()
	h := runetest.Start(t, installed(), func(c *config.Config) { c.Dev = true })
	device := h.Person("owner").Device("sync")
	if a := device.Do("PROPFIND", "/remote.php/webdav/", nil, http.Header{"Depth": {"0"}}); a.StatusCode != http.StatusMultiStatus {
		t.Fatalf("its own door answers %s, so the rest proves nothing", a.Status)
	}
	secret, visitor := device.Secret(), h.Visitor("acme")
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(device.Email+":"+secret))
	names := http.Header{} // of people, as proxies before a server send them: A10
	for _, name := range []string{
		"Remote-User", "X-Remote-User", "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Preferred-Username", "X-Auth-Request-User", "X-Auth-Request-Email",
		"X-Webauth-User", "X-Goog-Authenticated-User-Email", "X-Ms-Client-Principal-Name", "Ssl-Client-S-Dn", "Cf-Access-Authenticated-User-Email",
	} {
		names.Set(name, device.Email)
	}
	ways := map[string]http.Header{
		"Basic":       {"Authorization": {basic}},
		"Bearer":      {"Authorization": {"Bearer " + secret}},
		"a header":    {"X-Auth-Token": {secret}, "X-Requested-With": {"XMLHttpRequest"}, "Ocs-Apirequest": {"true"}},
		"the cookie":  {"Cookie": {"__Host-runes=" + secret + "; runes=" + secret}},
		"proxy names": names,
	}
	pages, _ := places(t, h)
	for _, p := range pages {
		for name, header := range ways {
			for _, method := range []string{p.Method, http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, "PROPFIND"} {
				if a := visitor.Do(method, p.path, nil, header); granted(a) {
					t.Errorf("%s %s with %s: %s", method, p.path, name, a.Status)
				}
			}
		}
		form := url.Values{"token": {secret}, "password": {secret}, "access_token": {secret}}
		if a := visitor.Post(p.path, form); granted(a) {
			t.Errorf("POST %s with a form: %s", p.path, a.Status)
		}
		if a := visitor.Get(p.path + "?" + form.Encode()); granted(a) {
			t.Errorf("GET %s with a query: %s", p.path, a.Status)
		}
	}
	if a := visitor.SignIn(device.Email, secret); granted(a) {
		t.Errorf("the sign-in page took an app password: %s", a.Status)
	}
}

// A5, A9: a session or the login password opens no door of programs.
func TestSessionOpensNoDoor(t *testing.T) {
	t.Parallel()
	h := runetest.Start(t, installed())
	owner := h.Person("owner")
	_, doors := places(t, h)
	login, guesses := h.Visitor("acme").WithPassword(owner.Email, runetest.Password), 0
	for _, d := range doors {
		if d.Scope == web.Public || d.Optional {
			continue
		}
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, "PROPFIND", "MKCOL", "MOVE", "REPORT"} {
			if a := owner.Do(method, d.path, nil, nil); a.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s %s with a session: %s, want 401", method, d.path, a.Status)
			}
		}
		if guesses++; guesses > 5 {
			continue // the next ones would be slowed down and then refused unheard
		}
		if a := login.Do("PROPFIND", d.path, nil, nil); a.StatusCode != http.StatusUnauthorized {
			t.Errorf("PROPFIND %s with the login password: %s, want 401", d.path, a.Status)
		}
	}
}

// T2: what lets somebody into one organisation is unknown in the other, where they are even a member.
func TestKeysOfOneTenantOpenNothingInAnother(t *testing.T) {
	t.Parallel()
	h := runetest.Start(t, installed())
	a, device := h.Person("owner"), h.Person("owner").Device("sync")
	h.PersonOf("beta", "owner")
	jar := a.Get("/")
	if !granted(jar) {
		t.Fatalf("at home: %s", jar.Status)
	}
	pages, doors := places(t, h)
	stranger := h.Visitor("beta")
	stranger.Header.Set("Cookie", a.Cookies())
	for _, p := range pages {
		if got := stranger.Do(p.Method, p.path, nil, nil); granted(got) {
			t.Errorf("session: %s %s: %s", p.Method, p.path, got.Status)
		}
	}
	guest := h.Visitor("beta").WithPassword(device.Email, device.Secret())
	for n, d := range doors {
		if d.Scope == web.Public || n > 8 {
			continue // as above
		}
		if got := guest.Do("PROPFIND", d.path, nil, nil); got.StatusCode != http.StatusUnauthorized && got.StatusCode != http.StatusTooManyRequests {
			t.Errorf("app password: %s: %s, want 401", d.path, got.Status)
		}
	}
}

// K3: nothing that lets somebody in stands in the log, whichever door it was shown to.
func TestLogKeepsSecrets(t *testing.T) {
	t.Parallel()
	h := runetest.Start(t, installed())
	const canary = "canary-7f3a91-tweets"
	owner := h.Person("owner")
	device := owner.Device("sync")
	visitor := h.Visitor("acme")
	visitor.SignIn(owner.Email, canary)
	visitor.SignIn(canary, canary)
	visitor.Get("/login?next=" + url.QueryEscape("/storage?token="+canary))
	visitor.Get("/nowhere/" + "x?password=" + canary)
	visitor.Do(http.MethodGet, "/", nil, http.Header{
		"Cookie": {"__Host-runes=" + canary}, "Authorization": {"Bearer " + canary}, "Referer": {"http://acme.localhost/?" + canary},
	})
	owner.Post("/preferences/password", url.Values{"old": {canary}, "new": {canary}, "password": {canary}})
	_, doors := places(t, h)
	wrong := h.Visitor("acme").WithPassword(owner.Email, canary)
	for n, d := range doors {
		device.Do("PROPFIND", d.path, nil, nil)
		if n > 4 {
			continue
		}
		wrong.Do(http.MethodGet, d.path, nil, nil)
		wrong.Do(http.MethodPost, d.path+"?password="+canary, strings.NewReader("token="+canary), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	}
	log := h.Log()
	if strings.Count(log, "\n") < 10 {
		t.Fatalf("the log is too short to prove anything:\n%s", log)
	}
	secrets := map[string]string{"canary": canary, "login password": runetest.Password, "app password": device.Secret()}
	for _, pair := range strings.Split(owner.Cookies(), "; ") {
		name, value, _ := strings.Cut(pair, "=")
		secrets["cookie "+name] = value
	}
	for name, s := range secrets {
		for form, text := range map[string]string{"plain": s, "base64": base64.StdEncoding.EncodeToString([]byte(s))[:len(s)], "hex": hex.EncodeToString([]byte(s))} {
			if at := strings.Index(log, text); at >= 0 {
				t.Errorf("the %s stands in the log in %s: …%s…", name, form, log[max(0, at-200):min(len(log), at+60)])
			}
		}
	}
}
