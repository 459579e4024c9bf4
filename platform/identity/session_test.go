package identity

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/live"
	"runes.im/platform/tenant"
)

func (s *site) isIn(t *testing.T, in *tenant.Tenant, token string) bool {
	t.Helper()
	p, err := s.BySession(s.ctx, in, token)
	if err != nil && !fault.Is(err, fault.SignedOut) {
		t.Fatal(err)
	}
	return p != nil
}

func TestSignInOpensASessionOfOneTenant(t *testing.T) {
	s := build(t)
	token := s.signIn(t, " ADA@Acme.Example ", desk)
	p, err := s.BySession(s.ctx, s.a, token)
	must(t, err)
	if p.ID != s.owner.ID || p.Name != "Ada Lovelace" || p.Locale != "de" || p.Zone != "Europe/Zurich" || p.Theme != "system" || !p.Owner {
		t.Errorf("the session is of %+v", p)
	}
	if len(token) != 43 || token == s.signIn(t, ada, desk) {
		t.Errorf("token %q is short or came twice", token)
	}
	for _, other := range []string{"", "x", token + "x", token[1:], p.Session} {
		if s.isIn(t, s.a, other) {
			t.Errorf("the token %q lets somebody in", other)
		}
	}
	if s.isIn(t, s.b, token) {
		t.Error("a session of acme opens globex")
	}
	if _, err := s.SignIn(s.ctx, s.b, ada, password, false, desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("somebody of acme signed in at globex: %v", err)
	}
	if n := s.lines(t, "identity.signed_in"); n != 2 {
		t.Errorf("%d lines about signing in, want 2", n)
	}
}

func TestTokensAreStoredHashed(t *testing.T) {
	s := build(t)
	token := s.signIn(t, ada, desk)
	_, plain, err := s.MakeAppPassword(s.ctx, s.a, s.owner.ID, "Laptop", []string{"sync"})
	must(t, err)
	files, err := filepath.Glob(filepath.Join(s.dir, "tenants", "acme", "tenant.db*"))
	must(t, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		must(t, err)
		for what, secret := range map[string]string{"session token": token, "app password": plain, "password": password, "device": s.DeviceToken(s.a, token)} {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s holds the %s", filepath.Base(file), what)
			}
		}
		if strings.HasSuffix(file, ".db-wal") && !bytes.Contains(data, []byte("Laptop")) {
			t.Error("the file that was searched is not the one written to")
		}
	}
	var kept []byte
	must(t, s.a.DB.QueryRow(s.ctx, `SELECT token_hash FROM identity_sessions WHERE 1 = ?`, 1).Scan(&kept))
	if want := fingerprintOf(token); string(kept) != string(want[:]) {
		t.Errorf("kept %x, want the SHA-256 of the token", kept)
	}
}

func TestSessionsGrowOld(t *testing.T) {
	s := build(t)
	idle, busy := s.signIn(t, ada, desk), s.signIn(t, ada, desk)
	for range 60 {
		s.later(11*time.Hour + 59*time.Minute)
		if !s.isIn(t, s.a, busy) {
			t.Fatalf("a session in use ended after %v", time.Duration(s.now.Load()))
		}
	}
	if s.isIn(t, s.a, idle) {
		t.Error("a session nobody used for days is alive")
	}
	s.restart(t) // waits for the visits to be noted
	if !s.isIn(t, s.a, busy) {
		t.Error("a session ended before 30 days")
	}
	s.later(61 * time.Minute)
	if s.isIn(t, s.a, busy) {
		t.Error("a session is alive after 30 days")
	}
	s.later(-29 * 24 * time.Hour)
	s.restart(t)
	if s.isIn(t, s.a, busy) || s.isIn(t, s.a, idle) {
		t.Error("setting the clock back revived a session")
	}
}

func TestSessionsSurviveARestart(t *testing.T) {
	s := build(t)
	token := s.signIn(t, ada, desk)
	s.restart(t)
	if !s.isIn(t, s.a, token) {
		t.Error("the session ended with the process")
	}
}

func TestSignOutEndsTheSessionAndItsPages(t *testing.T) {
	s := build(t)
	token, other := s.signIn(t, ada, desk), s.signIn(t, ada, desk)
	p, err := s.BySession(s.ctx, s.a, token)
	must(t, err)
	q, err := s.BySession(s.ctx, s.a, other)
	must(t, err)
	page, stays := s.hub.Open(s.a.ID, p.ID, p.Session, 10), s.hub.Open(s.a.ID, q.ID, q.Session, 10)
	must(t, s.SignOut(s.ctx, s.a, p))
	if s.isIn(t, s.a, token) || !s.isIn(t, s.a, other) {
		t.Error("signing out ended the wrong session")
	}
	if !gone(page) || gone(stays) {
		t.Error("signing out ended the wrong pages")
	}
	must(t, s.SignOut(s.ctx, s.a, p))
	if n := s.lines(t, "identity.signed_out"); n != 1 {
		t.Errorf("%d lines about signing out, want 1", n)
	}
}

func gone(p *live.Page) bool {
	select {
	case <-p.Gone:
		return true
	default:
		return false
	}
}

func TestEndingOtherSessions(t *testing.T) {
	s := build(t)
	var tokens []string
	for range 3 {
		tokens = append(tokens, s.signIn(t, ada, desk))
		s.later(time.Second)
	}
	p, err := s.BySession(s.ctx, s.a, tokens[2])
	must(t, err)
	sessions, err := s.Sessions(s.ctx, s.a, p.ID)
	must(t, err)
	if len(sessions) != 3 || sessions[0].ID != p.Session || sessions[0].Device != "Firefox, Linux" || sessions[0].Address != desk.Address {
		t.Fatalf("Sessions = %+v", sessions)
	}
	must(t, s.EndSession(s.ctx, s.a, p.ID, sessions[2].ID))
	if s.isIn(t, s.a, tokens[0]) || !s.isIn(t, s.a, tokens[1]) {
		t.Error("ended the wrong session")
	}
	if err := s.EndSession(s.ctx, s.a, "somebody else", sessions[1].ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("ended somebody else's session: %v", err)
	}
	must(t, s.EndOtherSessions(s.ctx, s.a, p))
	if s.isIn(t, s.a, tokens[1]) || !s.isIn(t, s.a, tokens[2]) {
		t.Error("the wrong sessions are left")
	}
}

func TestAChangedPasswordEndsEverySession(t *testing.T) {
	s := build(t)
	here := s.signIn(t, ada, desk)
	_, err := s.AddMember(s.ctx, s.b, NewMember{Email: ada, Name: "Ada Lovelace"})
	must(t, err)
	elsewhere, err := s.SignIn(s.ctx, s.b, ada, password, false, desk)
	must(t, err)
	p, err := s.BySession(s.ctx, s.a, here)
	must(t, err)
	q, err := s.BySession(s.ctx, s.b, elsewhere)
	must(t, err)
	page := s.hub.Open(s.b.ID, q.ID, q.Session, 10)

	_, err = s.ChangePassword(s.ctx, s.a, p, "wrong one, sorry", "another long one", false, desk)
	if f := fault.Of(err); f == nil || f.Problems["old_password"].Key == "" {
		t.Errorf("changed without the old password: %v", err)
	}
	fresh, err := s.ChangePassword(s.ctx, s.a, p, password, "another long one", false, desk)
	must(t, err)
	if s.isIn(t, s.a, here) || s.isIn(t, s.b, elsewhere) || !gone(page) {
		t.Error("a session outlived the password")
	}
	if !s.isIn(t, s.a, fresh) {
		t.Error("who changed the password is signed out")
	}
	if _, err := s.SignIn(s.ctx, s.a, ada, password, false, desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("the old password still works: %v", err)
	}
	must(t, s.SetPassword(s.ctx, s.a, p.ID, "yet another long one"))
	if s.isIn(t, s.a, fresh) {
		t.Error("a session outlived a password that an administrator set")
	}
	if n := s.notes(t, p.ID, "identity.password_changed"); n != 2 {
		t.Errorf("%d notes about the password, want 2", n)
	}
}

func TestANewDeviceIsAnnounced(t *testing.T) {
	s := build(t)
	phone := Source{Address: "198.51.100.7", UserAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/605.1"}
	for _, c := range []struct {
		from Source
		want int
	}{{desk, 0}, {desk, 0}, {phone, 1}, {phone, 1}, {Source{Address: desk.Address, UserAgent: phone.UserAgent}, 2}} {
		s.signIn(t, ada, c.from)
		if n := s.notes(t, s.owner.ID, "identity.new_device"); n != c.want {
			t.Errorf("after signing in from %s with %s: %d notes, want %d", c.from.Address, family(c.from.UserAgent), n, c.want)
		}
	}
}

func TestPreferencesHoldInEveryTenant(t *testing.T) {
	s := build(t)
	_, err := s.AddMember(s.ctx, s.b, NewMember{Email: ada, Name: "Ada"})
	must(t, err)
	here := s.signIn(t, ada, desk)
	there, err := s.SignIn(s.ctx, s.b, ada, password, false, desk)
	must(t, err)
	p, err := s.BySession(s.ctx, s.a, here)
	must(t, err)
	if q, err := s.BySession(s.ctx, s.b, there); err != nil || q.Theme != "system" {
		t.Fatal(q, err)
	}
	must(t, s.SavePreferences(s.ctx, p, Preferences{"fr", "Asia/Tokyo", "dark", "compact", false}))
	for in, token := range map[*tenant.Tenant]string{s.a: here, s.b: there} {
		q, err := s.BySession(s.ctx, in, token)
		must(t, err)
		if q.Locale != "fr" || q.Zone != "Asia/Tokyo" || q.Theme != "dark" || q.Density != "compact" || q.Letters {
			t.Errorf("%s shows %s, %s, %s", in.Slug, q.Locale, q.Zone, q.Theme)
		}
	}
	for _, bad := range []Preferences{
		{"xx", "UTC", "dark", "compact", true},
		{"de", "../etc/passwd", "dark", "compact", true},
		{"de", "UTC", "pink", "compact", true},
		{"de", "Local", "dark", "compact", true},
		{"de", "UTC", "dark", "roomy", true},
	} {
		if err := s.SavePreferences(s.ctx, p, bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("saved %v: %v", bad, err)
		}
	}
}

func TestFormTokensBelongToTheirSession(t *testing.T) {
	s := build(t)
	p, err := s.BySession(s.ctx, s.a, s.signIn(t, ada, desk))
	must(t, err)
	q, err := s.BySession(s.ctx, s.a, s.signIn(t, ada, desk))
	must(t, err)
	token := s.FormToken(s.a, p)
	if token == "" || token != s.FormToken(s.a, p) || token == s.FormToken(s.a, q) || token == s.FormToken(s.b, p) {
		t.Error("form tokens do not tell sessions or tenants apart")
	}
}
