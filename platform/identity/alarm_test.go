package identity

import (
	"fmt"
	"testing"
	"time"

	"runes.im/platform/notify"
)

func TestPeopleHearOfManyGuessesOnceAnHour(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", "")
	told := func() int { return s.notes(t, bob.ID, "identity.many_failures") }
	guess := func(n int) {
		for i := range n { // each from another address, so that no pause hides them
			s.guess(t, bob.Email, "wrong wrong", Source{Address: fmt.Sprintf("198.51.%d.1", i)})
		}
	}
	guess(manyFailures - 1)
	if told() != 0 {
		t.Error("told of a few guesses")
	}
	guess(1)
	guess(manyFailures)
	if n := told(); n != 1 {
		t.Errorf("told %d times within the hour, want 1", n)
	}
	items, err := notify.Items(s.ctx, s.a.DB, bob.ID, notify.Which{Limit: 1})
	must(t, err)
	if got := items[0]; got.Link != NotMePath || !got.Security || len(got.Args) != 2 || got.Args[1] != "198.51.0.1" {
		t.Errorf("the note is %+v", got)
	}
	s.later(alarmSpan)
	guess(manyFailures)
	if n := told(); n != 2 {
		t.Errorf("told %d times after an hour, want 2", n)
	}
	if n := s.notes(t, s.owner.ID, "identity.many_failures"); n != 0 {
		t.Errorf("somebody else was told %d times", n)
	}
}

func TestAdministratorsHearOfSprayingOnceAnHour(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", "employee")
	spray := func() {
		for i := range addressLimit + 5 {
			s.guess(t, fmt.Sprintf("person%d@acme.example", i), password, desk)
		}
	}
	spray()
	if n := s.notes(t, s.owner.ID, "identity.spraying"); n != 1 {
		t.Errorf("told %d times, want 1", n)
	}
	s.later(window)
	spray()
	if n := s.notes(t, s.owner.ID, "identity.spraying"); n != 1 {
		t.Errorf("told %d times within the hour, want 1", n)
	}
	s.later(time.Hour)
	spray()
	if n := s.notes(t, s.owner.ID, "identity.spraying"); n != 2 || s.notes(t, bob.ID, "identity.spraying") != 0 {
		t.Errorf("told %d times after the hour, want 2; others %d", n, s.notes(t, bob.ID, "identity.spraying"))
	}
}

func TestEveryRiskLeadsToThatWasNotMe(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", "")
	s.signIn(t, bob.Email, desk)
	s.signIn(t, bob.Email, Source{Address: "203.0.113.7", UserAgent: "Mozilla/5.0 (iPhone) Safari/604.1"})
	key, _, err := NewTOTP("acme", bob.Email, "")
	must(t, err)
	must(t, s.tellFactor(s.ctx, s.a, bob, "identity.factor_added", key[:4]))
	must(t, s.SetPassword(s.ctx, s.a, bob.ID, "another quiet password"))
	s.program(t, bob.ID, "sync")
	items, err := notify.Items(s.ctx, s.a.DB, bob.ID, notify.Which{Limit: 10})
	must(t, err)
	seen := map[string]bool{}
	for _, i := range items {
		seen[i.Kind] = i.Link == NotMePath && i.Security
	}
	for _, kind := range []string{"identity.new_device", "identity.factor_added", "identity.password_changed", "identity.app_password_made"} {
		if !seen[kind] {
			t.Errorf("%s does not lead to %s", kind, NotMePath)
		}
	}
}
