package shell_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"runes.im/platform/config"
	"runes.im/platform/live"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/slot"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

const manifest = `{"name": "notebook", "display_name": "Notebook", "version": "1.0.0", "author": "Tests", "dependencies": [],
	"ui_hooks": {"icon": "box", "block": "runes", "order": 1, "sidebar": {
		"pages": {"icon": "box", "label": "Pages", "route": "/notebook", "permission": "view_notebook"},
		"shelf": {"icon": "lock", "label": "Shelf", "route": "/notebook/shelf", "permission": "view_notebook"},
		"locks": {"icon": "lock", "label": "Locks", "route": "/notebook/locks", "permission": "manage_notebook"}}},
	"provided_permissions": {"view_notebook": "see it", "manage_notebook": "change it"},
	"marketing": {"tagline": "", "long_description": "", "features": [], "media": []}, "author_contact": ""}`

// notebook is a rune with a card on Home, one that fails, and an action for those who manage it.
func notebook() runekit.Rune {
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	page := func(v *web.Visit) error { return v.Page("notebook_page", nil) }
	card := func(err error) func(context.Context, slot.Asker) (any, error) {
		return func(_ context.Context, a slot.Asker) (any, error) { return a.Person.Name, err }
	}
	return runekit.Rune{
		Files: fstest.MapFS{
			"manifest.json": text(manifest),
			"words/en.json": text(`{"notebook.name": "Notebook", "notebook.nav.pages": "Pages", "notebook.nav.shelf": "Shelf", "notebook.nav.locks": "Locks",
				"notebook.recent": "Recent pages", "notebook.open": "Open notebook", "notebook.broken": "Broken card", "notebook.new": "New page"}`),
			"words/de.json": text(`{"notebook.name": "Notizbuch"}`),
			"guide/en.md": text("## Overview\nKeeps pages together. Each **page** is one <script>alert(1)</script> sheet.\n" +
				"## Setup & Configuration\nPut it on a shelf.\n## Step-by-Step Usage Guide\n1. Open it.\n## Advanced Features & Integrations\nNone.\n"),
			"templates/page.html": text(`{{define "notebook_page"}}<h1>Pages</h1>{{end}}{{define "notebook_card"}}Written by {{.}}{{end}}`),
		},
		Routes: func(r *web.Router) {
			r.Get("/", "view_notebook", page)
			r.Get("/shelf", "view_notebook", page)
			r.Get("/locks", "manage_notebook", page)
		},
		Offers: []slot.Offer{
			slot.Widgets.Offer(slot.Widget{
				ID: "notebook.recent", Title: "notebook.recent", Icon: "clock", Link: "/notebook", LinkText: "notebook.open",
				Permission: "view_notebook", Template: "notebook_card", Data: card(nil),
			}),
			slot.Widgets.Offer(slot.Widget{
				ID: "notebook.broken", Title: "notebook.broken", LinkText: "notebook.open",
				Permission: "view_notebook", Template: "notebook_card", Data: card(io.ErrUnexpectedEOF),
			}),
			slot.Actions.Offer(slot.Action{ID: "notebook.new", Title: "notebook.new", Icon: "plus", Permission: "manage_notebook", Link: "/notebook?new=1"}),
		},
	}
}

func TestStories(t *testing.T) { runetest.Stories(t, []runekit.Rune{notebook()}) }

// stream is one open /live.
type stream struct {
	*http.Response
	lines chan string // closed when the stream ends
}

// open signs in by hand, because the helper's answers are read to their end and a stream has none.
func open(t *testing.T, h *runetest.House, cookie string) *stream {
	t.Helper()
	return openPath(t, h, cookie, "/live")
}

func openPath(t *testing.T, h *runetest.House, cookie, path string) *stream {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, h.URL("acme", path), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", cookie)
	req.Header.Set("Accept", "text/event-stream")
	res, err := toHouse(h).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	s := &stream{Response: res, lines: make(chan string, 100)}
	go func() {
		defer close(s.lines)
		for in := bufio.NewScanner(res.Body); in.Scan(); {
			if line := in.Text(); line != "" {
				s.lines <- line
			}
		}
	}()
	return s
}

// next is the next event with its data; "" when the stream ends.
func (s *stream) next(t *testing.T) string {
	t.Helper()
	var event []string
	for len(event) < 2 {
		select {
		case line, ok := <-s.lines:
			if !ok {
				return strings.Join(event, " ")
			}
			event = append(event, line)
		case <-time.After(time.Minute):
			t.Fatal("nothing came within a minute")
		}
	}
	return strings.Join(event, " ")
}

func toHouse(h *runetest.House) *http.Client {
	site, _ := url.Parse(h.URL("acme", ""))
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+site.Port())
		}},
	}
}

var csrf = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// session signs the person in once more and answers the cookie.
func session(t *testing.T, h *runetest.House, email string) string {
	t.Helper()
	v := h.Visitor("acme")
	form := url.Values{"email": {email}, "password": {runetest.Password}, "csrf": {csrf.FindStringSubmatch(v.Get("/login").Text)[1]}}
	a := v.Do("POST", "/login", strings.NewReader(form.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	for _, c := range a.Cookies() {
		if c.Name == "__Host-runes" {
			return c.Name + "=" + c.Value
		}
	}
	t.Fatalf("no session: %s\n%s", a.Status, a.See())
	return ""
}

func TestAnOpenPageHearsItsOwnNewsOnly(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{notebook()})
	p, other := h.Person("view_notebook"), h.Person("manage_notebook")
	s := open(t, h, session(t, h, p.Email))
	if got := s.Header.Get("Content-Type"); s.StatusCode != 200 || got != "text/event-stream" {
		t.Fatalf("got %s, %q", s.Status, got)
	}
	if got := s.next(t); !strings.HasPrefix(got, `event: bell data: {"unread":`) {
		t.Errorf("first comes %q", got)
	}
	acme, beta := h.Tenant("acme").ID, h.Tenant("beta").ID
	h.App.Hub.Send(beta, p.ID, live.Message{Name: "toast", Data: "of another tenant"})
	h.App.Hub.Send(acme, other.ID, live.Message{Name: "toast", Data: "of somebody else"})
	h.App.Hub.Send(acme, p.ID, live.Message{Name: "toast", Data: map[string]string{"text": "one\ntwo"}})
	if got := s.next(t); got != `event: toast data: {"text":"one\ntwo"}` {
		t.Errorf("then comes %q", got)
	}
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{notebook()})
	p := h.Person("view_notebook")
	ctx := tenant.With(h.Context(), h.Tenant("acme"))
	ends := map[string]func(cookie string) error{
		"signed out": func(cookie string) error {
			header := http.Header{"Cookie": {cookie}}
			v := h.Visitor("acme")
			form := url.Values{"csrf": {csrf.FindStringSubmatch(v.Do("GET", "/", nil, header).Text)[1]}}
			header.Set("Content-Type", "application/x-www-form-urlencoded")
			if a := v.Do("POST", "/logout", strings.NewReader(form.Encode()), header); a.StatusCode != http.StatusSeeOther {
				return fmt.Errorf("sign out: %s", a.Status)
			}
			return nil
		},
		"suspended": func(string) error { return h.App.People.Suspend(ctx, h.Tenant("acme"), nil, p.ID) },
	}
	for _, name := range []string{"signed out", "suspended"} {
		t.Run(name, func(t *testing.T) {
			cookie := session(t, h, p.Email)
			s := open(t, h, cookie)
			s.next(t)
			if err := ends[name](cookie); err != nil {
				t.Fatal(err)
			}
			if got := s.next(t); got != `event: gone data: {}` {
				t.Errorf("the page hears %q", got)
			}
			if got := s.next(t); got != "" {
				t.Errorf("the stream goes on with %q", got)
			}
		})
	}
}

func TestAPersonHasTenStreams(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{notebook()})
	p := h.Person("view_notebook")
	cookie := session(t, h, p.Email)
	var first *stream
	for n := range 10 {
		s := open(t, h, cookie)
		s.next(t)
		if n == 0 {
			first = s
		}
	}
	if s := open(t, h, cookie); s.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the eleventh: %s", s.Status)
	}
	first.Body.Close()
	for range first.lines {
	}
	// The server learns of it with its next look; a new page waits no longer than that.
	deadline := time.Now().Add(time.Minute)
	for h.App.Hub.Count() == 10 && time.Now().Before(deadline) {
		h.App.Hub.Send(h.Tenant("acme").ID, p.ID, live.Message{Name: "toast", Data: "x"})
	}
	if s := open(t, h, cookie); s.StatusCode != http.StatusOK {
		t.Errorf("after one was closed: %s", s.Status)
	}
}

func TestTheGalleryIsForDevelopersOnly(t *testing.T) {
	for dev, want := range map[bool]int{true: http.StatusOK, false: http.StatusNotFound} {
		h := runetest.Start(t, []runekit.Rune{notebook()}, func(c *config.Config) { c.Dev = dev })
		if a := h.Person().Get("/gallery"); a.StatusCode != want {
			t.Errorf("with dev %t: %s, want %d", dev, a.Status, want)
		}
	}
}

func TestASilentStreamIsToldOfTheEndByItsTenant(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{notebook()})
	p := h.Person("view_notebook")
	s := open(t, h, session(t, h, p.Email))
	s.next(t)
	if err := h.App.Tenants.Suspend(h.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	if got := s.next(t); got != "" && got != "event: gone data: {}" {
		t.Errorf("the stream goes on with %q", got)
	}
}
