package identity

import (
	"regexp"
	"testing"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/tenant"
)

func (s *site) program(t testing.TB, memberID string, scopes ...string) (AppPassword, string) {
	t.Helper()
	made, secret, err := s.MakeAppPassword(s.ctx, s.a, memberID, "Laptop", scopes)
	must(t, err)
	return made, secret
}

func (s *site) letsIn(t *testing.T, in *tenant.Tenant, login, secret, scope string) bool {
	t.Helper()
	p, err := s.ByAppPassword(s.ctx, in, login, secret, scope, desk)
	if err != nil && !fault.Is(err, fault.SignedOut) && !fault.Is(err, fault.TooMany) {
		t.Fatal(err)
	}
	return p != nil
}

func TestAppPasswordsOpenTheirScopeForTheirMember(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", "")
	made, secret := s.program(t, s.owner.ID, "sync", "sync")
	if !regexp.MustCompile(`^([a-km-np-z2-9]{5}-){6}[a-km-np-z2-9]{5}$`).MatchString(secret) {
		t.Errorf("the secret is %q", secret)
	}
	for _, login := range []string{ada, "Ada@ACME.example", s.owner.ID} {
		p, err := s.ByAppPassword(s.ctx, s.a, login, secret, "sync", desk)
		must(t, err)
		if p.ID != s.owner.ID || p.Session != made.ID {
			t.Errorf("%s is %+v", login, p)
		}
	}
	for _, c := range []struct {
		what                 string
		in                   *tenant.Tenant
		login, secret, scope string
	}{
		{"another scope", s.a, ada, secret, "smtp"},
		{"no scope", s.a, ada, secret, ""},
		{"another member", s.a, bob.Email, secret, "sync"},
		{"another member's id", s.a, bob.ID, secret, "sync"},
		{"nobody", s.a, "", secret, "sync"},
		{"another tenant", s.b, ada, secret, "sync"},
		{"the login password", s.a, ada, password, "sync"},
		{"no secret", s.a, ada, "", "sync"},
	} {
		if s.letsIn(t, c.in, c.login, c.secret, c.scope) {
			t.Errorf("%s lets somebody in", c.what)
		}
	}
	if s.isIn(t, s.a, secret) {
		t.Error("an app password opens pages")
	}
	token := s.signIn(t, ada, desk)
	if s.letsIn(t, s.a, ada, token, "sync") {
		t.Error("a session opens a door of programs")
	}
	if n := s.notes(t, s.owner.ID, "identity.app_password_made"); n != 1 {
		t.Errorf("%d notes about a new app password, want 1", n)
	}
}

func TestARevokedAppPasswordIsVoidAtOnce(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", "")
	made, secret := s.program(t, s.owner.ID, "sync")
	_, stays := s.program(t, s.owner.ID, "sync", "smtp")
	if !s.letsIn(t, s.a, ada, secret, "sync") || !s.letsIn(t, s.a, ada, stays, "smtp") {
		t.Fatal("the app passwords do not work")
	}
	if err := s.RevokeAppPassword(s.ctx, s.a, bob.ID, made.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("revoked somebody else's: %v", err)
	}
	must(t, s.RevokeAppPassword(s.ctx, s.a, s.owner.ID, made.ID))
	if s.letsIn(t, s.a, ada, secret, "sync") || !s.letsIn(t, s.a, ada, stays, "sync") {
		t.Error("revoking took the wrong one away")
	}
	left, err := s.AppPasswords(s.ctx, s.a, s.owner.ID)
	must(t, err)
	if len(left) != 1 || left[0].ID == made.ID || len(left[0].Scopes) != 2 {
		t.Errorf("left: %+v", left)
	}
	if s.lines(t, "identity.app_password_made") != 2 || s.lines(t, "identity.app_password_revoked") != 1 {
		t.Error("the log does not tell about making and revoking")
	}
}

func TestUseOfAnAppPasswordIsNoted(t *testing.T) {
	s := build(t)
	s.program(t, s.owner.ID, "sync")
	_, secret := s.program(t, s.owner.ID, "sync")
	used := func() AppPassword {
		t.Helper()
		s.restart(t) // waits for what is noted beside the request
		all, err := s.AppPasswords(s.ctx, s.a, s.owner.ID)
		must(t, err)
		for _, a := range all {
			if !a.LastUsed.IsZero() {
				return a
			}
		}
		return AppPassword{}
	}
	phone := Source{Address: "198.51.100.7", UserAgent: "Mozilla/5.0 (Linux) mirall/3.7.3 (Nextcloud)"}
	use := func() {
		t.Helper()
		_, err := s.ByAppPassword(s.ctx, s.a, ada, secret, "sync", phone)
		must(t, err)
	}
	if a := used(); a.ID != "" {
		t.Errorf("used before use: %+v", a)
	}
	use()
	first := clock.Now(s.ctx)
	if a := used(); !a.LastUsed.Equal(first) || a.LastFrom != phone.Address || a.Client != phone.UserAgent {
		t.Errorf("after use: %+v", a)
	}
	s.later(59 * time.Second)
	use()
	if a := used(); !a.LastUsed.Equal(first) {
		t.Error("noted again within a minute")
	}
	s.later(time.Second)
	use()
	if a := used(); !a.LastUsed.Equal(first.Add(time.Minute)) {
		t.Error("not noted after a minute")
	}
}

func TestForgottenThingsArePruned(t *testing.T) {
	s := build(t)
	_, secret := s.program(t, s.owner.ID, "sync")
	_, unused := s.program(t, s.owner.ID, "sync")
	token := s.signIn(t, ada, desk)
	s.guess(t, ada, "wrong wrong", Source{Address: "203.0.113.9"})
	prune := func() {
		t.Helper()
		kind := s.Jobs()[0]
		must(t, kind.Run(tenant.With(s.ctx, s.a), nil))
	}
	count := func(table string) (n int) {
		must(t, s.a.DB.QueryRow(s.ctx, `SELECT COUNT(*) FROM `+table+` WHERE 1 = ?`, 1).Scan(&n))
		return n
	}
	prune()
	if !s.isIn(t, s.a, token) || count("identity_app_passwords") != 2 || count("identity_throttle") == 0 {
		t.Fatal("pruned what is of use")
	}
	s.later(200 * 24 * time.Hour)
	if !s.letsIn(t, s.a, ada, secret, "sync") {
		t.Fatal("an app password ended by itself")
	}
	s.restart(t)
	s.later(200 * 24 * time.Hour)
	prune()
	if s.letsIn(t, s.a, ada, unused, "sync") || !s.letsIn(t, s.a, ada, secret, "sync") {
		t.Error("pruned the wrong app password")
	}
	if count("identity_sessions") != 0 || count("identity_throttle") > 3 {
		t.Errorf("%d sessions and %d failures are left", count("identity_sessions"), count("identity_throttle"))
	}
	if n := s.lines(t, "identity.app_password_expired"); n != 1 {
		t.Errorf("%d lines about expiry, want 1", n)
	}
}

func TestWrongAppPasswordsAreNotMade(t *testing.T) {
	s := build(t)
	for _, c := range []struct {
		label  string
		scopes []string
	}{{"", []string{"sync"}}, {"x", nil}, {"x", []string{"root"}}, {"x", []string{"sync", ""}}, {string(make([]byte, 201)), []string{"sync"}}} {
		if _, _, err := s.MakeAppPassword(s.ctx, s.a, s.owner.ID, c.label, c.scopes); !fault.Is(err, fault.Invalid) {
			t.Errorf("made one labelled %.10q for %q: %v", c.label, c.scopes, err)
		}
	}
	if _, _, err := s.MakeAppPassword(s.ctx, s.b, s.owner.ID, "x", []string{"sync"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("made one in another tenant: %v", err)
	}
}
