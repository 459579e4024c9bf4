package web_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"runes.im/platform/runetest"
)

func basic(login, secret string) http.Header {
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(login+":"+secret))}}
}

func TestADoorOpensToAnAppPasswordOnly(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	sync, mail := p.Device("sync"), p.Device("smtp")
	stranger := h.Person().Device("sync")
	v := h.Visitor("acme")
	session := http.Header{"Cookie": {sessionOf(t, h, p.Email)}}
	tests := []struct {
		name   string
		header http.Header
		want   int
	}{
		{"the app password", basic(p.Email, sync.Secret()), 200},
		{"with the member's id", basic(p.ID, sync.Secret()), 200},
		{"nothing", http.Header{}, 401},
		{"the password of the person", basic(p.Email, runetest.Password), 401},
		{"a session", session, 401},
		{"an app password of another scope", basic(p.Email, mail.Secret()), 401},
		{"the app password of somebody else", basic(p.Email, stranger.Secret()), 401},
		{"somebody without the permission", basic(stranger.Email, stranger.Secret()), 403},
		{"a bearer", http.Header{"Authorization": {"Bearer " + sync.Secret()}}, 401},
		{"two headers", http.Header{"Authorization": {basic(p.Email, sync.Secret()).Get("Authorization"), "Basic eDp5"}}, 401},
		{"no base64", http.Header{"Authorization": {"Basic ???"}}, 401},
		{"a form token instead", http.Header{"X-Csrf-Token": {sync.Secret()}}, 401},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := v.Do("PROPFIND", "/probe.php/files/a%2Fb%20c", nil, test.header)
			if a.StatusCode != test.want {
				t.Fatalf("got %d, want %d: %s", a.StatusCode, test.want, a.Text)
			}
			if got := a.Header.Get("WWW-Authenticate"); (test.want == 401) != (got == `Basic realm="Probe", charset="UTF-8"`) {
				t.Errorf("challenge %q", got)
			}
			if test.want == 200 && a.Text != "PROPFIND /probe.php/files/a%2Fb%20c "+p.Name {
				t.Errorf("got %q", a.Text)
			}
			if test.want != 200 && !strings.HasPrefix(a.Text, "<error>") {
				t.Errorf("the refusal is not in the door's own form: %s", a.Text)
			}
			if len(a.Cookies()) > 0 {
				t.Errorf("a door set cookies: %v", a.Cookies())
			}
		})
	}
}

func TestAnAppPasswordOpensNoPage(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	v := h.Visitor("acme")
	header := basic(p.Email, p.Device("sync").Secret())
	for _, path := range []string{"/", "/probe", "/preferences", "/notifications", "/live"} {
		if a := v.Do("GET", path, nil, header); a.StatusCode != 303 || len(a.Cookies()) > 0 {
			t.Errorf("%s: %d with cookies %v", path, a.StatusCode, a.Cookies())
		}
	}
}

func TestADoorTakesEveryMethod(t *testing.T) {
	h := start(t)
	d := h.Person("view_probe").Device("sync")
	for _, method := range strings.Fields("GET HEAD POST PUT DELETE OPTIONS PATCH PROPFIND PROPPATCH MKCOL MOVE COPY LOCK UNLOCK REPORT SEARCH MKCALENDAR FOO") {
		a := d.Do(method, "/probe.php/files/x", nil, nil)
		if a.StatusCode != 200 || method != "HEAD" && !strings.HasPrefix(a.Text, method+" ") {
			t.Errorf("%s: %d %s", method, a.StatusCode, a.Text)
		}
	}
}

func TestAnOptionalDoorKnowsNobodyOrSomebody(t *testing.T) {
	h := start(t)
	p := h.Person("view_probe")
	d := p.Device("sync")
	v := h.Visitor("acme")
	if a := v.Get("/probe.php/maybe"); a.Text != "GET /probe.php/maybe " {
		t.Errorf("without a header: %d %q", a.StatusCode, a.Text)
	}
	if a := d.Get("/probe.php/maybe"); a.Text != "GET /probe.php/maybe "+p.Name {
		t.Errorf("with the app password: %d %q", a.StatusCode, a.Text)
	}
	if a := v.Do("GET", "/probe.php/maybe", nil, basic(p.Email, "wrong")); a.StatusCode != 401 {
		t.Errorf("with a wrong one: %d, want 401", a.StatusCode)
	}
	if a := v.Get("/probe.php/open"); a.StatusCode != 200 {
		t.Errorf("an open door: %d", a.StatusCode)
	}
}
