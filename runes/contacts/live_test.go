package contacts

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"runes.im/platform/live"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

// listen opens the event stream of a page that this person has open, and answers its lines.
func listen(t *testing.T, h *runetest.House, p *runetest.Person) <-chan string {
	t.Helper()
	site, err := url.Parse(h.URL("acme", "/live"))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+site.Port())
	}}}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, site.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", p.Cookies())
	answer, err := client.Do(req)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("the stream of %s: %v %v", p.Email, answer, err)
	}
	lines := make(chan string, 64)
	go func() {
		defer answer.Body.Close()
		defer close(lines)
		for s := bufio.NewScanner(answer.Body); s.Scan(); {
			if strings.HasPrefix(s.Text(), "event: ") || strings.HasPrefix(s.Text(), "data: ") {
				lines <- s.Text()
			}
		}
	}()
	return lines
}

// until reads lines up to the one with that text.
func until(t *testing.T, lines <-chan string, text string) (seen string) {
	t.Helper()
	for {
		select {
		case line, open := <-lines:
			if seen += line + "\n"; strings.Contains(line, text) {
				return seen
			}
			if !open {
				t.Fatalf("the stream ended after %s", seen)
			}
		case <-time.After(time.Minute):
			t.Fatalf("nothing with %q came, only %s", text, seen)
		}
	}
}

// T6: pages of those who may see the directory follow its changes; others learn nothing, not even an id.
func TestOpenPagesFollowForThoseWhoMaySee(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	reader, nobody := h.Person("view_contacts"), h.Person()
	seen, unseen := listen(t, h, reader), listen(t, h, nobody)
	until(t, seen, "unread")
	until(t, unseen, "unread")
	owner := h.Person("manage_contacts")
	made := owner.Post("/contacts/new", url.Values{"legal_name": {"Acme AG"}})
	id := strings.TrimPrefix(made.Header.Get("Location"), "/contacts/")
	if got := until(t, seen, id); !strings.Contains(got, "event: record") || !strings.Contains(got, "contacts.company") {
		t.Errorf("a reader's page hears %s, want the company", got)
	}
	h.App.Hub.Send(h.Tenant("acme").ID, "", live.Message{Name: "toast", Data: map[string]string{"text": "for everybody"}})
	if got := until(t, unseen, "for everybody"); strings.Contains(got, "record") || strings.Contains(got, id) {
		t.Errorf("somebody without the right hears %s", got)
	}
}

// Without view_contacts nothing of the rune exists anywhere; with it alone nothing can be changed.
func TestNothingExistsWithoutTheRight(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	owner, reader, nobody := h.Person("manage_contacts"), h.Person("view_contacts"), h.Person()
	made := owner.Post("/contacts/new", url.Values{"legal_name": {"Acme AG"}}).Header.Get("Location")
	for _, path := range []string{"", "/people", "/lists", "/export?format=csv", "/people/export?format=xlsx", strings.TrimPrefix(made, "/contacts")} {
		if a := nobody.Get("/contacts" + path); a.StatusCode != 404 || strings.Contains(a.Text, "Acme") {
			t.Errorf("somebody without rights gets %d at %s", a.StatusCode, path)
		}
		if a := reader.Get("/contacts" + path); a.StatusCode != 200 {
			t.Errorf("a reader gets %d at %s", a.StatusCode, path)
		}
	}
	id := strings.TrimPrefix(made, "/contacts/")
	for _, path := range []string{
		"/new", "/bin", "/roles", "/people/new", "/remove?id=" + id, "/purge?id=" + id, "/lists/new", "/lists/put/companies",
		"/" + id + "/edit", "/" + id + "/remove",
	} {
		for who, p := range map[string]*runetest.Person{"a reader": reader, "somebody without rights": nobody} {
			if a := p.Get("/contacts" + path); a.StatusCode != 404 {
				t.Errorf("%s gets %d at %s", who, a.StatusCode, path)
			}
		}
		if a := owner.Get("/contacts" + path); a.StatusCode != 200 && !strings.Contains(path, "purge") {
			t.Errorf("whoever manages gets %d at %s", a.StatusCode, path)
		}
	}
	for _, page := range []string{"/", "/search?q=acme", "/palette?q=acme"} {
		if a := nobody.Get(page); strings.Contains(a.See(), "Acme AG") || strings.Contains(a.Text, "/contacts") {
			t.Errorf("%s tells somebody without rights of the directory", page)
		}
	}
	if a := reader.Get("/search?q=acme"); !strings.Contains(a.See(), "Acme AG") {
		t.Errorf("a reader does not find the company: %s", a.See())
	}
}
