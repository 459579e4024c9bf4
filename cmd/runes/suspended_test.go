package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"runes.im/platform/app"
	"runes.im/platform/identity"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/tenant"
)

// switched is a house in which runes come and go.
type switched struct {
	*lived
	t     *testing.T
	token http.Header // of an API token that holds everything
}

func newSwitched(t *testing.T) *switched {
	t.Helper()
	s := &switched{lived: newLived(t), t: t}
	acme := s.Tenant("acme")
	owner := s.Person("owner")
	var all []string
	for _, p := range runekit.Permissions(s.App.Runes) {
		all = append(all, p.Key)
	}
	_, secret, err := s.App.People.MakeAPIToken(s.Context(), acme, owner.ID, identity.NewToken{Name: "everything", Scopes: all, Lasts: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	s.token = http.Header{"Authorization": {"Bearer " + secret}}
	s.owner, s.device = owner, owner.Device("sync")
	if a := owner.Post("/contacts/new", url.Values{"legal_name": {"Nordlicht AG"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("a company: %s", a.Status)
	}
	if a := s.device.Do("PUT", "/dav/Nordlicht.txt", strings.NewReader("north"), nil); a.StatusCode != http.StatusCreated {
		t.Fatalf("a file: %s", a.Status)
	}
	return s
}

func (s *switched) turn(do func(context.Context, *tenant.Tenant, *runekit.Installed) error, in *runekit.Installed) {
	s.t.Helper()
	acme := s.Tenant("acme")
	if err := do(tenant.With(s.Context(), acme), acme, in); err != nil {
		s.t.Fatal(err)
	}
}

// asks is one way to ask for a place of a rune.
func (s *switched) asks(p place) *runetest.Answer {
	switch {
	case p.Scope == "api":
		return s.Visitor("acme").Do(http.MethodGet, p.path, nil, s.token)
	case p.Method == "*":
		return s.device.Do("PROPFIND", p.path, nil, http.Header{"Depth": {"0"}})
	case p.Method == http.MethodPost:
		return s.owner.Post(p.path, url.Values{})
	case p.Method == http.MethodPut:
		return s.owner.Put(p.path, strings.NewReader("x"))
	}
	return s.owner.Get(p.path)
}

// shows is what people who use nothing of the rune come across: every page of the house, what leads to it and what is
// found.
func (s *switched) shows() map[string]string {
	found := map[string]string{}
	crawl(s.owner, func(path string, a *runetest.Answer) { found[path] = a.Text }, "/", "/preferences", "/notifications", "/search?q=nordlicht")
	for _, query := range []string{"q=nordlicht", "q=nord&kind=file", "q=nord&kind=contacts.company"} {
		found["/palette?"+query] = s.owner.Get("/palette?" + query).Text
	}
	found["/api/openapi.json"] = s.Visitor("acme").Do(http.MethodGet, "/api/openapi.json", nil, s.token).Text
	return found
}

// A suspended rune is nowhere: no address of it answers, no page of the house leads to it or names it, nothing of it is
// found. Activated again it is as it was.
func TestASuspendedRuneIsNowhere(t *testing.T) {
	t.Parallel()
	s := newSwitched(t)
	pages, doors := places(t, s.House)
	for _, in := range s.App.Runes {
		if in.Core || needed(s.App, in) {
			continue
		}
		t.Run(in.ID, func(t *testing.T) {
			s.t = t
			before := map[string]int{}
			for _, p := range append(append([]place{}, pages...), doors...) {
				if p.Rune == in.ID && p.Method == http.MethodGet {
					before[p.path] = s.asks(p).StatusCode
				}
			}
			named := s.owner.Get("/").Text
			if name := `href="/` + in.ID; !strings.Contains(named, name) {
				t.Fatalf("Home does not lead to the rune while it is active, so the rest proves nothing")
			}
			s.turn(s.App.Suspend, in)
			asked := 0
			for _, p := range append(append([]place{}, pages...), doors...) {
				if p.Rune != in.ID {
					continue
				}
				asked++
				if a := s.asks(p); a.StatusCode != http.StatusNotFound {
					t.Errorf("%s %s: %s, want 404", p.Method, p.Pattern, a.Status)
				}
			}
			if asked < 5 {
				t.Errorf("only %d addresses were asked", asked)
			}
			for path, text := range s.shows() {
				for _, trace := range []string{`"/` + in.ID + `/`, `"/` + in.ID + `"`, in.Manifest.DisplayName, "/api/v1/" + in.ID, `"kind":"` + in.ID + "."} {
					if strings.HasPrefix(path, "/"+in.ID) || path == "/gallery" || strings.HasPrefix(path, "/assets/") || !strings.Contains(text, trace) {
						continue
					}
					// Where another rune would show something of it, the page says which rune would bring that.
					if trace == in.Manifest.DisplayName && (strings.HasPrefix(path, "/get/") || strings.HasPrefix(path, "/contacts/")) {
						continue
					}
					at := strings.Index(text, trace)
					t.Errorf("%s still has %s: …%s…", path, trace, text[max(0, at-80):min(len(text), at+80)])
				}
			}
			s.turn(s.App.Activate, in)
			for path, want := range before {
				if a := s.owner.Get(path); a.StatusCode != want {
					t.Errorf("%s: %s after it came back, want %d as before", path, a.Status, want)
				}
			}
		})
	}
	hits := s.owner.Get("/palette?q=nordlicht").Text
	for _, want := range []string{"Nordlicht AG", "Nordlicht.txt"} {
		if !strings.Contains(hits, want) {
			t.Errorf("%s is not found any more: %s", want, hits)
		}
	}
}

func needed(a *app.App, in *runekit.Installed) bool {
	for _, other := range a.Runes {
		for _, need := range other.Manifest.Dependencies {
			if need == in.ID {
				return true
			}
		}
	}
	return false
}

// What a client sends or receives at the moment of the suspension ends there.
func TestASuspensionBreaksOffTransfers(t *testing.T) {
	t.Parallel()
	s := newSwitched(t)
	var storage *runekit.Installed
	for _, in := range s.App.Runes {
		if in.ID == "storage" {
			storage = in
		}
	}
	film := bytes.Repeat([]byte("film"), 12<<20) // more than the kernel holds between two sockets
	if a := s.device.Do("PUT", "/dav/film", bytes.NewReader(film), nil); a.StatusCode != http.StatusCreated {
		t.Fatal(a.Status)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		at, _ := url.Parse(s.URL("acme", ""))
		return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+at.Port())
	}}}
	ask := func(method, path string, body io.Reader) (*http.Response, error) {
		req, err := http.NewRequest(method, s.URL("acme", path), body)
		if err != nil {
			return nil, err
		}
		req.SetBasicAuth(s.device.Email, s.device.Secret())
		return client.Do(req)
	}
	down, err := ask(http.MethodGet, "/dav/film", nil)
	if err != nil || down.StatusCode != http.StatusOK {
		t.Fatal(down, err)
	}
	defer down.Body.Close()
	if _, err := io.ReadFull(down.Body, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	read, write := io.Pipe()
	up := make(chan error, 1)
	go func() {
		res, err := ask(http.MethodPut, "/dav/half", read)
		if err == nil && res.StatusCode >= 300 {
			err = fmt.Errorf("status %s", res.Status)
		}
		up <- err
	}()
	if _, err := write.Write(film[:1<<20]); err != nil {
		t.Fatal(err)
	}
	s.turn(s.App.Suspend, storage)
	if n, err := io.Copy(io.Discard, down.Body); err == nil {
		t.Errorf("the download went on for %d bytes to its end", n)
	}
	for end := time.Now().Add(time.Minute); err == nil; _, err = write.Write(film[:1<<10]) {
		if time.Now().After(end) {
			t.Error("the upload goes on")
			write.Close()
			break
		}
	}
	if err := <-up; err == nil {
		t.Error("the upload was taken")
	}
	s.turn(s.App.Activate, storage)
	if a := s.device.Do("PROPFIND", "/dav/", nil, http.Header{"Depth": {"1"}}); strings.Contains(a.Text, "/dav/half") || !strings.Contains(a.Text, "/dav/film") {
		t.Errorf("afterwards there is %s", a.Text)
	}
}
