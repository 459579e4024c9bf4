package storage

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
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
	if err := h.App.People.Suspend(h.Context(), h.Tenant("acme"), nil, p.ID); err != nil {
		t.Fatal(err)
	}
	gone.ask(404, gone.token)
}

func TestNotEverybodyCanWaitAtOnce(t *testing.T) {
	h := newHouse(t)
	w := beginLogin(t, h)
	err := h.Tenant("acme").DB.Write(h.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?)
			INSERT INTO storage_flows (poll, page, client, server, made_at) SELECT 'poll' || i, 'page' || i, '', '', ? FROM c`,
			maxFlows-1, clock.Text(h.Clock.Now()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.want(429, "POST", "/index.php/login/v2", "")
	h.Clock.Add(flowFor + time.Second)
	beginLogin(t, h)
}

// One visitor cannot keep everybody's programs out by beginning what nobody ends.
func TestOneNetworkCannotKeepTheOthersWaiting(t *testing.T) {
	h := newHouse(t)
	w := beginLogin(t, h)
	for range maxCalls - 1 {
		w.want(200, "POST", "/index.php/login/v2", "")
	}
	w.want(429, "POST", "/index.php/login/v2", "")
	h.Clock.Add(flowFor + time.Second)
	w.want(200, "POST", "/index.php/login/v2", "")

	c, now := &callers{}, h.Clock.Now()
	for address, want := range map[string]bool{"192.0.2.1": true, "192.0.2.2": true, "2001:db8::1": true, "2001:db8:0:1::1": true, "fe80::1%eth0": true, "": true} {
		if got := c.admit(address, now, 1, time.Minute); got != want || c.admit(address, now, 1, time.Minute) {
			t.Errorf("%s: %v, want %v once", address, got, want)
		}
	}
	if c.admit("2001:db8::2", now, 1, time.Minute) {
		t.Error("one subscriber has many addresses and counts once")
	}
	if c.admit("192.0.2.9", now.Add(time.Hour), 1, time.Minute); len(c.from) != 1 {
		t.Errorf("%d networks are remembered after an hour", len(c.from))
	}
}

func TestClientNames(t *testing.T) {
	for agent, want := range map[string]string{"": "?", " a\r\nb ": "ab", "\xff": "?", strings.Repeat("ü", 100): strings.Repeat("ü", maxClient)} {
		if got := clientName(agent); got != want {
			t.Errorf("%q: got %q, want %q", agent, got, want)
		}
	}
}
