package storage

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"runes.im/platform/runetest"
)

// waiting is a client program in the middle of Login Flow v2.
type waiting struct {
	*client
	token, poll, page string
}

func beginLogin(t *testing.T, h *runetest.House) *waiting {
	t.Helper()
	w := &waiting{client: &client{Person: h.Visitor("acme"), t: t}}
	a := w.want(200, "POST", "/index.php/login/v2", "", "User-Agent", "Mozilla/5.0 (Linux) mirall/3.7.3")
	var answer struct {
		Poll  struct{ Token, Endpoint string }
		Login string
	}
	if err := json.Unmarshal([]byte(a.Text), &answer); err != nil {
		t.Fatalf("%v in %s", err, a.Text)
	}
	site := h.URL("acme", "")
	if len(answer.Poll.Token) != 128 || !strings.HasPrefix(answer.Poll.Endpoint, site+"/") || !strings.HasPrefix(answer.Login, site+"/") {
		t.Fatalf("flow: %+v", answer)
	}
	w.token, w.poll, w.page = answer.Poll.Token, strings.TrimPrefix(answer.Poll.Endpoint, site), strings.TrimPrefix(answer.Login, site)
	return w
}

func (w *waiting) ask(status int, token string) map[string]string {
	w.t.Helper()
	a := w.want(status, "POST", w.poll, url.Values{"token": {token}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if status != 200 {
		if strings.TrimSpace(a.Text) != "[]" {
			w.t.Fatalf("poll: %s", a.Text)
		}
		return nil
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(a.Text), &got); err != nil {
		w.t.Fatal(err)
	}
	return got
}

func TestAPersonLetsAProgramIn(t *testing.T) {
	h := newHouse(t)
	p := h.Person("view_storage", "desktop_sync")
	w := beginLogin(t, h)
	w.ask(404, w.token)
	ask := p.Get(w.page + "?user=somebody")
	if ask.StatusCode != 200 || !strings.Contains(ask.Text, "mirall/3.7.3") || !strings.Contains(ask.Text, p.Email) {
		t.Fatalf("page: %d %s", ask.StatusCode, ask.Text)
	}
	w.ask(404, w.token) // looking is not agreeing
	if a := p.Post(w.page, url.Values{"answer": {"grant"}}); a.StatusCode != 200 {
		t.Fatalf("grant: %d %s", a.StatusCode, a.Text)
	}
	w.ask(404, "another token")
	got := w.ask(200, w.token)
	if got["server"] != h.URL("acme", "") || got["loginName"] != p.Email {
		t.Fatalf("granted: %v", got)
	}
	w.ask(404, w.token) // exactly once
	if a := p.Post(w.page, url.Values{"answer": {"grant"}}); a.StatusCode != 404 {
		t.Errorf("granted twice: %d", a.StatusCode)
	}
	w.want(207, "PROPFIND", filesRoot+p.ID+"/", "", "Authorization", basicOf(got["loginName"], got["appPassword"]))
	all, err := h.App.People.AppPasswords(h.Context(), h.Tenant("acme"), p.ID)
	if err != nil || len(all) != 1 || !strings.Contains(all[0].Label, "mirall") {
		t.Errorf("app passwords: %+v %v", all, err)
	}
}

func TestNobodyGetsInByTheFlowAlone(t *testing.T) {
	h := newHouse(t)
	p, guest := h.Person("view_storage", "desktop_sync"), h.Person("view_storage")
	w := beginLogin(t, h)
	if a := h.Visitor("acme").Get(w.page); a.StatusCode != http.StatusSeeOther || !strings.Contains(a.Header.Get("Location"), "/login") {
		t.Errorf("signed out: %d %v", a.StatusCode, a.Header)
	}
	if a := guest.Get(w.page); a.StatusCode != 404 {
		t.Errorf("without the permission: %d", a.StatusCode)
	}
	if a := guest.Post(w.page, url.Values{"answer": {"grant"}}); a.StatusCode != 404 {
		t.Errorf("granted without the permission: %d", a.StatusCode)
	}
	forged := p.Do("POST", w.page, strings.NewReader("answer=grant"), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {"http://elsewhere.example"}, "Sec-Fetch-Site": {"cross-site"},
	})
	if forged.StatusCode != 403 {
		t.Errorf("granted by another site: %d", forged.StatusCode)
	}
	w.ask(404, w.token)
	if a := p.Post(w.page, url.Values{"answer": {"refuse"}}); a.StatusCode != 200 {
		t.Errorf("refuse: %d", a.StatusCode)
	}
	if a := p.Post(w.page, url.Values{"answer": {"grant"}}); a.StatusCode != 404 {
		t.Errorf("granted after it was refused: %d", a.StatusCode)
	}
	w.ask(404, w.token)
	w.want(405, "GET", "/index.php/login/v2", "")
	w.want(405, "GET", "/index.php/login/v2/poll", "")

	old := beginLogin(t, h)
	h.Clock.Add(flowFor + time.Second)
	if a := p.Post(old.page, url.Values{"answer": {"grant"}}); a.StatusCode != 404 {
		t.Errorf("granted after 20 minutes: %d", a.StatusCode)
	}
	late := beginLogin(t, h)
	p.Post(late.page, url.Values{"answer": {"grant"}})
	h.Clock.Add(flowFor + time.Second)
	late.ask(404, late.token)

	gone := beginLogin(t, h)
	p.Post(gone.page, url.Values{"answer": {"grant"}})
	if err := h.App.People.Suspend(h.Context(), h.Tenant("acme"), p.ID); err != nil {
		t.Fatal(err)
	}
	gone.ask(404, gone.token)
}

func TestNotEverybodyCanWaitAtOnce(t *testing.T) {
	h := newHouse(t)
	w := beginLogin(t, h)
	for range maxFlows - 1 {
		if _, _, err := newFlow(h.Context(), h.Tenant("acme").DB, "x", "y"); err != nil {
			t.Fatal(err)
		}
	}
	w.want(429, "POST", "/index.php/login/v2", "")
	h.Clock.Add(flowFor + time.Second)
	beginLogin(t, h)
}

func TestClientNames(t *testing.T) {
	for agent, want := range map[string]string{"": "?", " a\r\nb ": "ab", "\xff": "?", strings.Repeat("ü", 100): strings.Repeat("ü", maxClient)} {
		if got := clientName(agent); got != want {
			t.Errorf("%q: got %q, want %q", agent, got, want)
		}
	}
}
