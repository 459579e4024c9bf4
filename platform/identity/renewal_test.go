package identity

import (
	"context"
	"strings"
	"testing"
	"time"

	"runes.im/platform/store"
)

// renewed is the token under which a session goes on; it must need one.
func (s *site) renewed(t *testing.T, token string) string {
	t.Helper()
	p, err := s.BySession(s.ctx, s.a, token)
	must(t, err)
	if !p.NeedsToken() {
		t.Fatal("the session goes on under the token of before")
	}
	fresh, err := s.RenewSession(s.ctx, s.a, p, token)
	must(t, err)
	return fresh
}

func (s *site) needs(t *testing.T, token string) bool {
	t.Helper()
	p, err := s.BySession(s.ctx, s.a, token)
	must(t, err)
	return p.NeedsToken()
}

// S1: whatever changes what somebody may do gives their session a new id.
func TestEveryChangeOfRightsRenewsTheSession(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	token := s.signIn(t, bob.Email, desk)
	if s.needs(t, token) {
		t.Error("a fresh session needs a new token")
	}
	changes := []struct {
		what string
		do   func() error
	}{
		{"a role is given", func() error { return s.GiveRoles(s.ctx, s.a, s.owner, bob.ID, []string{roleAdmin}) }},
		{"it is taken away", func() error { return s.TakeRole(s.ctx, s.a, s.owner, bob.ID, roleAdmin) }},
		{"the role changes", func() error {
			o, err := s.Role(s.ctx, s.a, roleEmployee)
			must(t, err)
			o.Permissions = append(o.Permissions, "manage_users")
			_, err = s.KeepRole(s.ctx, s.a, s.owner, o)
			return err
		}},
		{"a right is denied", func() error { return s.Decide(s.ctx, s.a, s.owner, bob.ID, "use_chat", Deny) }},
		{"a factor is added", func() error {
			p, err := s.BySession(s.ctx, s.a, token)
			must(t, err)
			s.keyed(t, p)
			return nil
		}},
	}
	for _, c := range changes {
		must(t, c.do())
		before := token
		token = s.renewed(t, token)
		if len(token) < 43 || !s.isIn(t, s.a, token) || s.needs(t, token) {
			t.Errorf("%s: the new token does not open, or needs another", c.what)
		}
		s.later(oldLasts)
		if s.isIn(t, s.a, before) {
			t.Errorf("%s: the token of before opens still", c.what)
		}
	}
	sessions, err := s.Sessions(s.ctx, s.a, bob.ID)
	must(t, err)
	if len(sessions) != 1 {
		t.Errorf("%d sessions", len(sessions))
	}
}

// Pages ask many things at once, and answers are lost on the way: neither may sign anybody out.
func TestARenewedSessionForgivesWhatIsUnderWay(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	old := s.signIn(t, bob.Email, desk)
	stream, err := s.BySession(s.ctx, s.a, old)
	must(t, err)
	must(t, s.GiveRoles(s.ctx, s.a, s.owner, bob.ID, []string{roleAdmin}))

	fresh := s.renewed(t, old)
	if again := s.renewed(t, old); again != fresh {
		t.Error("two requests side by side get two tokens")
	}
	s.later(time.Hour)
	if !s.isIn(t, s.a, old) {
		t.Error("the answer was lost, and the browser is out")
	}
	if !s.isIn(t, s.a, fresh) || !s.isIn(t, s.a, old) {
		t.Error("a request that was sent beside the first one with the new token is refused")
	}
	s.restart(t)
	if !s.isIn(t, s.a, fresh) || !s.isIn(t, s.a, old) {
		t.Error("a restart forgets one of the two")
	}
	s.later(oldLasts)
	if s.isIn(t, s.a, old) {
		t.Error("the old token opens for good")
	}
	if p, err := s.Present(s.ctx, s.a, stream); err != nil || !p.Can("manage_users") {
		t.Errorf("a stream that began under the old token: %v", err)
	}
	must(t, s.EndSession(s.ctx, s.a, bob.ID, stream.Session))
	if _, err := s.Present(s.ctx, s.a, stream); err == nil {
		t.Error("the stream goes on after the session's end")
	}
	if s.isIn(t, s.a, fresh) || s.isIn(t, s.a, old) {
		t.Error("an ended session opens")
	}
}

func TestNoTokenOfASessionLiesInTheDatabase(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	old := s.signIn(t, bob.Email, desk)
	must(t, s.GiveRoles(s.ctx, s.a, s.owner, bob.ID, []string{roleAdmin}))
	fresh := s.renewed(t, old)
	s.isIn(t, s.a, fresh)
	var kept string
	must(t, s.a.DB.Write(s.ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT hex(token_hash) || hex(next_hash) || hex(old_hash) FROM identity_sessions WHERE member_id = ?`, bob.ID).Scan(&kept)
	}))
	if strings.Contains(kept, old) || strings.Contains(kept, fresh) || len(kept) != 128 {
		t.Errorf("kept: %s", kept)
	}
}
