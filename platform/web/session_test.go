package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"runes.im/platform/runetest"
	"runes.im/platform/tenant"
)

var tokenField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func tokenOf(t *testing.T, page string) string {
	t.Helper()
	m := tokenField.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no form token on the page:\n%s", page)
	}
	return m[1]
}

// signIn goes through the sign-in page by hand and answers the cookies it was given.
func signIn(t *testing.T, h *runetest.House, email string, more http.Header) []*http.Cookie {
	t.Helper()
	v := h.Visitor("acme")
	token := tokenOf(t, v.Get("/login").Text)
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	for name, values := range more {
		header[name] = values
	}
	form := url.Values{"csrf": {token}, "email": {email}, "password": {runetest.Password}, "keep": {"1"}}
	a := v.Do("POST", "/login", strings.NewReader(form.Encode()), header)
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign in: %d\n%s", a.StatusCode, a.See())
	}
	return a.Cookies()
}

// sessionOf is a fresh session as a Cookie header has it.
func sessionOf(t *testing.T, h *runetest.House, email string) string {
	t.Helper()
	for _, c := range signIn(t, h, email, nil) {
		if c.Name == "__Host-runes" {
			return c.Name + "=" + c.Value
		}
	}
	t.Fatal("no session cookie")
	return ""
}

func TestTheSessionCookieStaysWithThisHost(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	cookies := signIn(t, h, p.Email, nil)
	found := map[string]*http.Cookie{}
	for _, c := range cookies {
		found[c.Name] = c
	}
	for name, path := range map[string]string{"__Host-runes": "/", "__Secure-runes-device": "/login"} {
		c := found[name]
		if c == nil {
			t.Fatalf("no cookie %s among %v", name, cookies)
		}
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Domain != "" || c.Path != path {
			t.Errorf("%s: %s", name, c)
		}
	}
	if age := found["__Host-runes"].MaxAge; age != 30*24*3600 {
		t.Errorf("a kept session lasts %d seconds", age)
	}
	if len(found["__Host-runes"].Value) < 43 {
		t.Errorf("the token %q has fewer than 256 bits", found["__Host-runes"].Value)
	}
}

func TestOverPlainHTTPALANNameStillLetsPeopleIn(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	// acme is the only tenant, so an address means it.
	res := raw(t, h, "GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
	if len(res.Cookies()) != 1 || res.Cookies()[0].Name != "runes-form" || res.Cookies()[0].Secure || !res.Cookies()[0].HttpOnly {
		t.Errorf("cookies on an address: %v", res.Cookies())
	}
	value := strings.TrimPrefix(sessionOf(t, h, p.Email), "__Host-")
	res = raw(t, h, "GET /probe HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: "+value+"\r\nConnection: close\r\n\r\n")
	if res.StatusCode != 200 {
		t.Errorf("with the plain cookie on an address: %d", res.StatusCode)
	}
	res = raw(t, h, "GET /probe HTTP/1.1\r\nHost: acme.localhost\r\nCookie: "+value+"\r\nConnection: close\r\n\r\n")
	if res.StatusCode != 303 {
		t.Errorf("the plain cookie where browsers know the strict one: %d, want 303", res.StatusCode)
	}
}

func TestASessionCannotBeFixed(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	planted := strings.Repeat("A", 43)
	for _, c := range signIn(t, h, p.Email, http.Header{"Cookie": nil}) {
		if c.Value == planted {
			t.Error("a planted token became the session")
		}
	}
	one := sessionOf(t, h, p.Email)
	res := raw(t, h, "GET /probe HTTP/1.1\r\nHost: acme.localhost\r\nCookie: "+one+"; "+one+"\r\nConnection: close\r\n\r\n")
	if res.StatusCode != 303 {
		t.Errorf("a cookie that came twice: %d, want 303", res.StatusCode)
	}
	if two := sessionOf(t, h, p.Email); two == one {
		t.Error("two sign-ins got one token")
	}
}

// S1: a change of rights gives the browser a new token. What it has open, pages and forms, goes on.
func TestAChangeOfRightsRenewsTheCookie(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	ctx := tenant.With(h.Context(), h.Tenant("acme"))
	old := sessionOf(t, h, p.Email)
	ask := func(method, path, cookie string, form url.Values) *runetest.Answer {
		return h.Visitor("acme").Do(method, path, strings.NewReader(form.Encode()), http.Header{"Cookie": {cookie}, "Content-Type": {"application/x-www-form-urlencoded"}})
	}
	before := ask("GET", "/probe", old, nil)
	if before.StatusCode != http.StatusOK || len(before.Cookies()) != 0 {
		t.Fatalf("%d with %v", before.StatusCode, before.Cookies())
	}
	if err := h.App.People.GiveRoles(ctx, h.Tenant("acme"), nil, p.ID, []string{"admin"}); err != nil {
		t.Fatal(err)
	}
	given := ask("GET", "/probe", old, nil).Cookies()
	if len(given) != 1 || given[0].Name != "__Host-runes" || !given[0].HttpOnly || !given[0].Secure || given[0].MaxAge == 0 || len(given[0].Value) != 43 {
		t.Fatalf("the browser gets %v", given)
	}
	fresh := given[0].Name + "=" + given[0].Value
	if fresh == old {
		t.Error("the token is the one of before")
	}
	form := url.Values{"csrf": {tokenOf(t, before.Text)}}
	if a := ask("POST", "/logout", fresh, form); a.StatusCode != http.StatusSeeOther {
		t.Errorf("a form of before, under the new token: %d", a.StatusCode)
	}
	for _, cookie := range []string{old, fresh} {
		if a := ask("GET", "/probe", cookie, nil); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/login?next=%2Fprobe" {
			t.Errorf("after signing out: %d", a.StatusCode)
		}
	}
}

func TestSignOutEndsTheSessionOnTheServer(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	cookie := http.Header{"Cookie": {sessionOf(t, h, p.Email)}}
	v := h.Visitor("acme")
	page := v.Do("GET", "/", nil, cookie)
	form := strings.NewReader(url.Values{"csrf": {tokenOf(t, page.Text)}}.Encode())
	header := cookie.Clone()
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	if a := v.Do("POST", "/logout", form, header); a.StatusCode != 303 || a.Header.Get("Location") != "/login" {
		t.Fatalf("sign out: %d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	if a := v.Do("GET", "/", nil, cookie); a.StatusCode != 303 {
		t.Errorf("the old cookie: %d, want to be sent to sign in", a.StatusCode)
	}
}

func TestAForeignSiteChangesNothing(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	cookie := sessionOf(t, h, p.Email)
	v := h.Visitor("acme")
	token := tokenOf(t, v.Do("GET", "/probe", nil, http.Header{"Cookie": {cookie}}).Text)
	own := strings.TrimSuffix(h.URL("acme", "/"), "/")
	origins := map[string]http.Header{
		"another site":             {"Origin": {"https://evil.test"}},
		"another site, as fetched": {"Origin": {"https://evil.test"}, "Sec-Fetch-Site": {"cross-site"}},
		"a site beside us":         {"Origin": {"http://other.localhost"}, "Sec-Fetch-Site": {"same-site"}},
		"our name at another port": {"Origin": {"http://acme.localhost:1"}},
		"our name as a beginning":  {"Origin": {own + ".evil.test"}},
		"nobody":                   {"Origin": {"null"}},
	}
	bodies := map[string]string{
		"application/x-www-form-urlencoded": "name=Evil&csrf=" + token,
		"text/plain":                        "name=Evil&csrf=" + token,
		"application/json":                  `{"name":"Evil"}`,
	}
	send := func(origin http.Header, kind, body, token string) int {
		header := origin.Clone()
		header.Set("Cookie", cookie)
		header.Set("Content-Type", kind)
		if token != "" {
			header.Set("X-Csrf-Token", token)
		}
		return v.Do("POST", "/probe", strings.NewReader(body), header).StatusCode
	}
	for site, origin := range origins {
		for kind, body := range bodies {
			if got := send(origin, kind, body, token); got != 403 {
				t.Errorf("%s, %s, with the right token: %d, want 403", site, kind, got)
			}
		}
	}
	ours := http.Header{"Origin": {own}, "Sec-Fetch-Site": {"same-origin"}}
	for kind, body := range map[string]string{"application/x-www-form-urlencoded": "name=Evil", "text/plain": "name=Evil", "application/json": "{}"} {
		if got := send(ours, kind, body, ""); got != 403 {
			t.Errorf("our own page without a token, %s: %d, want 403", kind, got)
		}
		if got := send(ours, kind, body, "AAAA"+token[4:]); got != 403 {
			t.Errorf("our own page with a wrong token, %s: %d, want 403", kind, got)
		}
	}
	if got := send(ours, "application/x-www-form-urlencoded", "name=Anna&csrf="+token, ""); got != 303 {
		t.Errorf("our own form: %d, want 303", got)
	}
	if got := send(ours, "application/x-www-form-urlencoded", "name=Anna", token); got != 303 {
		t.Errorf("our own script: %d, want 303", got)
	}
	header := http.Header{"Cookie": {cookie}, "Origin": {own}}
	if got := v.Do("PUT", "/probe/raw", strings.NewReader("x"), header).StatusCode; got != 403 {
		t.Errorf("an upload without a token: %d, want 403", got)
	}
	header.Set("X-Csrf-Token", token)
	if got := v.Do("PUT", "/probe/raw", strings.NewReader("x"), header).StatusCode; got != 200 {
		t.Errorf("an upload of our own script: %d, want 200", got)
	}
	other := tokenOf(t, h.PersonOf("acme", "manage_probe").Get("/probe").Text)
	if got := send(ours, "text/plain", "", other); got != 403 {
		t.Errorf("the token of somebody else: %d, want 403", got)
	}
}

func TestTheSignInFormHasATokenOfItsBrowser(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	mine, theirs := h.Visitor("acme"), h.Visitor("acme")
	mine.Get("/login")
	token := tokenOf(t, theirs.Get("/login").Text)
	form := url.Values{"csrf": {token}, "email": {p.Email}, "password": {runetest.Password}}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if a := mine.Do("POST", "/login", strings.NewReader(form.Encode()), header); a.StatusCode != 403 {
		t.Errorf("sign in with the form of another browser: %d, want 403", a.StatusCode)
	}
}

func TestATokenLooksDifferentOnEveryPage(t *testing.T) {
	p := start(t).Person("view_probe")
	one, two := tokenOf(t, p.Get("/probe").Text), tokenOf(t, p.Get("/probe").Text)
	if one == two {
		t.Error("two pages carry the same token")
	}
	for _, token := range []string{one, two} {
		a := p.Do("PUT", "/probe/raw", strings.NewReader("x"), http.Header{"X-Csrf-Token": {token}})
		if a.StatusCode != 200 {
			t.Errorf("the token of a page: %d", a.StatusCode)
		}
	}
	a := p.Do("GET", "/probe", nil, http.Header{"Accept-Encoding": {"gzip"}})
	if a.Header.Get("Content-Encoding") != "gzip" || len(a.Text) > 8_000 {
		t.Errorf("a page comes as %q with %d bytes", a.Header.Get("Content-Encoding"), len(a.Text))
	}
}
