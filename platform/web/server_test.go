package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"runes.im/platform/web"
)

func TestOnlyAnExactHostReachesATenant(t *testing.T) {
	h := start(t)
	h.Tenant("other") // with one tenant alone, localhost and addresses would mean it
	site, _, _ := strings.Cut(strings.TrimPrefix(h.URL("acme", ""), "http://"), "/")
	_, port, _ := strings.Cut(site, ":")
	tests := []struct {
		name, head string
		want       int
	}{
		{"the tenant's name and port", "Host: acme.localhost:" + port, 303},
		{"without a port", "Host: acme.localhost", 303},
		{"in capitals", "Host: ACME.LocalHost", 303},
		{"the other tenant", "Host: other.localhost", 303},
		{"a name nobody has", "Host: nobody.localhost", 421},
		{"the base domain of several tenants, where people choose", "Host: localhost:" + port, 303},
		{"an address", "Host: 127.0.0.1:" + port, 421},
		{"an address of version 6", "Host: [::1]:" + port, 421},
		{"a name below the tenant's", "Host: x.acme.localhost", 421},
		{"a name that ends in the tenant's", "Host: xacme.localhost", 421},
		{"a name that begins with the tenant's", "Host: acme.localhost.evil.test", 421},
		{"a port that is a name", "Host: acme.localhost:8080.evil.test", 400},
		{"a user", "Host: user@acme.localhost", 400},
		{"a path", "Host: acme.localhost/x", 400},
		{"empty", "Host:", 400},
		{"missing", "X-Nothing: 1", 400},
		{"two lines", "Host: acme.localhost\r\nHost: other.localhost", 400},
		{"two names", "Host: acme.localhost, other.localhost", 400},
		{"a final dot", "Host: acme.localhost.", 400},
		{"port zero", "Host: acme.localhost:0", 400},
		{"port too large", "Host: acme.localhost:65536", 400},
		{"a port with a sign", "Host: acme.localhost:+80", 400},
		{"brackets around a name", "Host: [acme.localhost]", 400},
		{"a blank", "Host: acme .localhost", 400},
		{"an underscore", "Host: ac_me.localhost", 400},
		{"a forwarded host of nobody we trust", "Host: nobody.localhost\r\nX-Forwarded-Host: acme.localhost", 421},
		{"a forwarded header of nobody we trust", "Host: nobody.localhost\r\nForwarded: host=acme.localhost", 421},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			res := raw(t, h, "GET / HTTP/1.1\r\n"+test.head+"\r\nConnection: close\r\n\r\n")
			if res.StatusCode != test.want {
				t.Errorf("got %d, want %d", res.StatusCode, test.want)
			}
		})
	}
	t.Run("an absolute address wins over the header", func(t *testing.T) {
		res := raw(t, h, "GET http://nobody.localhost/ HTTP/1.1\r\nHost: acme.localhost\r\nConnection: close\r\n\r\n")
		if res.StatusCode != 421 {
			t.Errorf("got %d, want 421", res.StatusCode)
		}
		body, _ := io.ReadAll(res.Body)
		if text := string(body); !strings.Contains(text, "--host nobody.localhost") || strings.Contains(text, "acme") {
			t.Errorf("the page does not say how to add the name, or names a tenant:\n%s", text)
		}
	})
}

func TestEveryAnswerCarriesTheHeadersThatProtect(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	visitor := h.Visitor("acme")
	for _, path := range []string{
		"/", "/login", "/probe", "/probe/absent", "/probe/panic", "/probe/broken", "/probe/bad", "/probe/file", "/probe/secret", "/probe/of/7/x",
		"/assets/x/core.js", "/healthz", "/readyz", "/robots.txt", "/favicon.ico", "/probe.php/open", "/probe.php/files/x", "/notifications", "/preferences", "/fault",
	} {
		for who, a := range map[string]http.Header{"signed in": p.Get(path).Header, "visitor": visitor.Get(path).Header} {
			csp := a.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'"} {
				if !strings.Contains(csp, want) {
					t.Errorf("%s %s: policy %q lacks %q", who, path, csp, want)
				}
			}
			if strings.Contains(csp, "unsafe") || !strings.Contains(csp, "sandbox") && !strings.Contains(csp, "script-src 'self';") {
				t.Errorf("%s %s: policy %q lets scripts in", who, path, csp)
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY"} {
				if got := a.Get(name); got != want {
					t.Errorf("%s %s: %s is %q, want %q", who, path, name, got, want)
				}
			}
			if strings.HasPrefix(a.Get("Content-Type"), "text/html") && a.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s: a page may be kept: %q", who, path, a.Get("Cache-Control"))
			}
			if a.Get("Server") != "" || a.Get("X-Powered-By") != "" {
				t.Errorf("%s %s: the answer names its server", who, path)
			}
		}
	}
}

func TestAPageBelongsToThoseWithItsPermission(t *testing.T) {
	h := start(t)
	reader, nobody, visitor := h.Person("view_probe"), h.Person(), h.Visitor("acme")
	if a := reader.Get("/probe"); a.StatusCode != 200 || !strings.Contains(a.Text, "&lt;b&gt;hello&lt;/b&gt;") {
		t.Errorf("a reader sees %d %s", a.StatusCode, a.Text)
	}
	absent, forbidden := reader.Get("/probe/absent"), reader.Get("/probe/secret")
	if absent.StatusCode != 404 || forbidden.StatusCode != 404 {
		t.Errorf("absent %d, forbidden %d, want 404 twice", absent.StatusCode, forbidden.StatusCode)
	}
	same := func(page, path string) string {
		page = strings.ReplaceAll(strings.ReplaceAll(page, path, ""), url.QueryEscape(path), "")
		return regexp.MustCompile(`"[A-Za-z0-9_-]{80,}"`).ReplaceAllString(page, "token")
	}
	if same(absent.Text, "/probe/absent") != same(forbidden.Text, "/probe/secret") {
		t.Error("what is forbidden can be told from what is absent")
	}
	if a := reader.Post("/probe/secret", url.Values{}); a.StatusCode != 404 {
		t.Errorf("the wrong method on a forbidden page: %d, want 404", a.StatusCode)
	}
	if a := reader.Post("/probe/of/1/x", url.Values{}); a.StatusCode != 405 || a.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("the wrong method: %d, Allow %q", a.StatusCode, a.Header.Get("Allow"))
	}
	if a := nobody.Get("/probe"); a.StatusCode != 404 {
		t.Errorf("without the permission: %d, want 404", a.StatusCode)
	}
	if a := visitor.Get("/probe?a=b"); a.StatusCode != 303 || a.Header.Get("Location") != "/login?next=%2Fprobe%3Fa%3Db" {
		t.Errorf("a visitor: %d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	if a := visitor.Do("GET", "/probe", nil, http.Header{"Accept": {"application/json"}}); a.StatusCode != 401 {
		t.Errorf("a script that is not signed in: %d, want 401", a.StatusCode)
	}
	if a := visitor.Post("/probe", url.Values{"name": {"x"}}); a.StatusCode != 401 {
		t.Errorf("a form of somebody who is not signed in: %d, want 401", a.StatusCode)
	}
	if a := reader.Do("HEAD", "/probe", nil, nil); a.StatusCode != 200 || a.Text != "" {
		t.Errorf("HEAD: %d with %d bytes", a.StatusCode, len(a.Text))
	}
	if a := reader.Get("/probe/of/a%2Fb%25c/x"); a.Text != `"a/b%c"` {
		t.Errorf("a part of the path reads %s", a.Text)
	}
	if a := h.PersonOf("other", "view_probe").Get("/probe"); a.StatusCode != 200 {
		t.Errorf("the other tenant: %d", a.StatusCode)
	}
}

func TestFailuresShowAReferenceAndNothingElse(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	for _, path := range []string{"/probe/panic", "/probe/broken", "/probe/bad"} {
		a := p.Get(path)
		if a.StatusCode != 500 || !strings.Contains(a.Text, "Reference") {
			t.Errorf("%s: %d\n%s", path, a.StatusCode, a.See())
		}
		for _, secret := range []string{"the cause", "/home/me", "SELECT", "goroutine", "half of it", ".go:"} {
			if strings.Contains(a.Text, secret) {
				t.Errorf("%s shows %q", path, secret)
			}
		}
	}
	if n := strings.Count(h.Log(), `"request failed"`); n != 3 {
		t.Errorf("the log has %d reports, want one for each failure", n)
	}
	var report struct {
		ID    string
		Error string
	}
	a := p.Do("GET", "/probe/broken", nil, http.Header{"Accept": {"application/json"}})
	if err := json.Unmarshal([]byte(a.Text), &report); err != nil || report.ID == "" || !strings.Contains(report.Error, report.ID) {
		t.Errorf("JSON: %v %s", err, a.Text)
	}
	if !strings.Contains(h.Log(), `"id":"`+report.ID+`"`) {
		t.Error("the reference does not stand in the log")
	}
	if a := p.Get("/probe"); a.StatusCode != 200 {
		t.Errorf("after the panic: %d", a.StatusCode)
	}
	if a := p.Get("/probe.php/panic"); a.StatusCode != 500 || a.Text != "<error>fault.broken</error>" {
		t.Errorf("a door that panics: %d %s", a.StatusCode, a.Text)
	}
}

func TestHalfAnAnswerIsCutOff(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	cookie := "Cookie: " + sessionOf(t, h, p.Email)
	res := raw(t, h, "GET /probe/cut HTTP/1.1\r\nHost: acme.localhost\r\n"+cookie+"\r\nConnection: close\r\n\r\n")
	if _, err := io.ReadAll(res.Body); res.StatusCode != 200 || err == nil {
		t.Errorf("got %d and %v, want an answer that breaks off", res.StatusCode, err)
	}
}

func TestKindsOfFaultsBecomeStatuses(t *testing.T) {
	p := start(t).Person("view_probe")
	for name, want := range map[string]int{"forbidden": 403, "absent": 404, "conflict": 409, "many": 429, "full": 507, "later": 503} {
		a := p.Get("/probe/fault/" + name)
		if a.StatusCode != want || !strings.Contains(a.Text, "Give it a name.") {
			t.Errorf("%s: %d, want %d with the sentence", name, a.StatusCode, want)
		}
		if got := a.Header.Get("Retry-After"); (want == 429 || want == 503) && got != "7" {
			t.Errorf("%s: Retry-After %q, want 7", name, got)
		}
	}
}

func TestWhoCanGrantStandsOnTheForbiddenPage(t *testing.T) {
	h := start(t)
	h.Person("owner")
	if a := h.Person("view_probe").Get("/probe/fault/forbidden"); !strings.Contains(a.Text, "<li>owner</li>") {
		t.Errorf("nobody to ask:\n%s", a.See())
	}
}

func TestAFormKeepsWhatWasTyped(t *testing.T) {
	p := start(t).Person("view_probe")
	a := p.Post("/probe", url.Values{"name": {"  "}})
	if a.StatusCode != 422 || !strings.Contains(a.Text, "Give it a name.") || !strings.Contains(a.Text, "Please look at the marked fields.") {
		t.Errorf("got %d\n%s", a.StatusCode, a.See())
	}
	a = p.Do("POST", "/probe", strings.NewReader("name="), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}, "X-Csrf-Token": {tokenOf(t, p.Get("/probe").Text)},
	})
	if a.StatusCode != 422 || !strings.Contains(a.Text, `"problems":{"name":"Give it a name."}`) {
		t.Errorf("a script gets %d %s", a.StatusCode, a.Text)
	}
	if a := p.Post("/probe", url.Values{"name": {" Anna "}}); a.StatusCode != 303 || a.Header.Get("Location") != "/probe" {
		t.Fatalf("got %d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	a = p.Do("GET", "/probe", nil, http.Header{"X-Sec-Purpose": {"prefetch"}})
	if strings.Contains(a.Text, "Saved Anna") {
		t.Error("a page that is fetched in advance took the message")
	}
	if a := p.Get("/probe"); !strings.Contains(a.Text, `data-text="Saved Anna" data-undo="/probe/undo"`) {
		t.Errorf("no message on the next page:\n%s", a.Text)
	}
	if a := p.Get("/probe"); strings.Contains(a.Text, "Saved Anna") {
		t.Error("the message came twice")
	}
}

func TestStoredFilesDoNothing(t *testing.T) {
	p := start(t).Person("view_probe")
	a := p.Get("/probe/file")
	for name, want := range map[string]string{
		"Content-Type":            "application/octet-stream",
		"Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
		"Content-Disposition":     `attachment; filename="Pr_fung _1_.html"; filename*=UTF-8''Pr%C3%BCfung%20%221%22.html`,
		"Etag":                    `"v1"`,
		"Accept-Ranges":           "bytes",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if a := p.Do("GET", "/probe/file", nil, http.Header{"Range": {"bytes=1-6"}}); a.StatusCode != 206 || a.Text != "script" {
		t.Errorf("a range: %d %q", a.StatusCode, a.Text)
	}
	if a := p.Do("GET", "/probe/file", nil, http.Header{"If-None-Match": {`"v1"`}}); a.StatusCode != 304 {
		t.Errorf("known already: %d", a.StatusCode)
	}
	if got := web.FileType("PHOTO.JPG"); got != "image/jpeg" {
		t.Errorf("a photo is %q", got)
	}
}

func TestBodiesAndNULAreLimited(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	if a := p.Post("/probe", url.Values{"name": {strings.Repeat("x", 1<<20)}}); a.StatusCode != 413 {
		t.Errorf("a form of 1 MiB and more: %d, want 413", a.StatusCode)
	}
	many := url.Values{}
	for n := range 1001 {
		many.Set("f"+strconv.Itoa(n), "")
	}
	if a := p.Post("/probe", many); a.StatusCode != 413 {
		t.Errorf("1,001 fields: %d, want 413", a.StatusCode)
	}
	if a := p.Put("/probe/raw", strings.NewReader(strings.Repeat("x", 3<<20))); a.StatusCode != 200 || a.Text != "3145728" {
		t.Errorf("an upload: %d %s", a.StatusCode, a.Text)
	}
	if a := p.Post("/probe", url.Values{"name": {"a\x00b"}}); a.StatusCode != 400 {
		t.Errorf("NUL in a form: %d, want 400", a.StatusCode)
	}
	for _, path := range []string{"/probe?x=%00", "/probe/of/%00/x", "/probe.php/open%00", "/probe?x=%zz"} {
		if a := p.Get(path); a.StatusCode != 400 {
			t.Errorf("%s: %d, want 400", path, a.StatusCode)
		}
	}
	res := raw(t, h, "GET / HTTP/1.1\r\nHost: acme.localhost\r\nX-Large: "+strings.Repeat("x", 70<<10)+"\r\n\r\n")
	if res.StatusCode != 431 {
		t.Errorf("a header of 70 KiB: %d, want 431", res.StatusCode)
	}
}

func TestHealthNeedsNoTenant(t *testing.T) {
	h := start(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		res := raw(t, h, "GET "+path+" HTTP/1.1\r\nHost: nobody.example\r\nConnection: close\r\n\r\n")
		if body, _ := io.ReadAll(res.Body); res.StatusCode != 200 || string(body) != "ok\n" {
			t.Errorf("%s: %d %q", path, res.StatusCode, body)
		}
	}
}

func TestTheLogKeepsSecretsToItself(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	p.Get("/probe?token=canary-query")
	p.Get("/probe/of/canary-path/x")
	p.Get("/canary-" + strings.Repeat("y", 60) + "%E2%80%A8%1b[31m")
	p.Post("/probe", url.Values{"name": {"canary-form"}})
	p.Do("GET", "/probe.php/files/canary-file", nil, http.Header{"Authorization": {"Basic Y2FuYXJ5OmNhbmFyeQ=="}})
	for _, canary := range []string{"canary-query", "canary-path", "canary-form", "canary-file", "Y2FuYXJ5", "correct horse", "\x1b", strings.Repeat("y", 50)} {
		if strings.Contains(h.Log(), canary) {
			t.Errorf("the log holds %q", canary)
		}
	}
	for _, want := range []string{`"route":"/probe/of/{id}/x"`, `"route":"/probe"`, `"tenant":"acme"`, `"person":"` + p.ID + `"`} {
		if !strings.Contains(h.Log(), want) {
			t.Errorf("the log lacks %s", want)
		}
	}
}
