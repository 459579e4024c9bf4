package web_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"runes.im/platform/runetest"
	"runes.im/platform/tenant"
)

// A8: whoever is shut out gets nothing more of what is being sent to them, at whichever door.
func TestADownloadIsCutWhenItsPersonIsShutOut(t *testing.T) {
	h := start(t)
	acme := h.Tenant("acme")
	ctx := tenant.With(h.Context(), acme)
	people := h.App.People
	tests := map[string]func(p *runetest.Person, program string) error{
		"suspended":   func(p *runetest.Person, _ string) error { return people.Suspend(ctx, acme, nil, p.ID) },
		"deactivated": func(p *runetest.Person, _ string) error { return people.Deactivate(ctx, acme, nil, p.ID) },
		"signed out":  func(p *runetest.Person, _ string) error { return people.SignOutMember(ctx, acme, nil, p.ID, true) },
		"a new password": func(p *runetest.Person, _ string) error {
			return people.SetPassword(ctx, acme, p.ID, "another horse battery")
		},
		"the session ended": func(p *runetest.Person, _ string) error {
			sessions, err := people.Sessions(ctx, acme, p.ID)
			for _, s := range sessions {
				if err == nil {
					err = people.EndSession(ctx, acme, p.ID, s.ID)
				}
			}
			return err
		},
		"the program let go": func(p *runetest.Person, program string) error {
			return people.RevokeAppPassword(ctx, acme, p.ID, program)
		},
	}
	site, err := url.Parse(h.URL("acme", ""))
	if err != nil {
		t.Fatal(err)
	}
	line := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+site.Port())
	}}
	for name, shutOut := range tests {
		for _, door := range []string{"/probe/endless", "/probe.php/endless"} {
			atPage := door == "/probe/endless"
			if strings.HasPrefix(name, "the program") && atPage || !atPage && (name == "the session ended" || name == "a new password") {
				continue // that closes the other door
			}
			t.Run(name+door, func(t *testing.T) {
				p := h.Person("view_probe")
				header := http.Header{"Cookie": {sessionOf(t, h, p.Email)}}
				if !atPage {
					header = basic(p.Email, p.Device("sync").Secret())
				}
				programs, err := people.AppPasswords(ctx, acme, p.ID)
				if err != nil {
					t.Fatal(err)
				}
				program := ""
				if len(programs) > 0 {
					program = programs[0].ID
				}
				req, err := http.NewRequest("GET", h.URL("acme", door), strings.NewReader(""))
				if err != nil {
					t.Fatal(err)
				}
				req.Header = header
				res, err := line.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				if _, err := io.CopyN(io.Discard, res.Body, 1<<20); err != nil {
					t.Fatalf("%s: %v", res.Status, err)
				}
				if err := shutOut(p, program); err != nil {
					t.Fatal(err)
				}
				defer restore(t, h, p)
				// What lay in the buffers of the line still comes.
				if n, err := io.CopyN(io.Discard, res.Body, 1<<30); err == nil {
					t.Errorf("%d bytes after the end", n)
				}
			})
		}
	}
}

// restore undoes whatever shut the person out, for the next case.
func restore(t *testing.T, h *runetest.House, p *runetest.Person) {
	t.Helper()
	acme := h.Tenant("acme")
	ctx := tenant.With(h.Context(), acme)
	member, err := h.App.People.Member(ctx, acme, p.ID)
	if err == nil && member.State() != "active" {
		err = h.App.People.Resume(ctx, acme, nil, p.ID)
	}
	if err == nil {
		err = h.App.People.SetPassword(ctx, acme, p.ID, runetest.Password)
	}
	if err != nil {
		t.Fatal(err)
	}
}
