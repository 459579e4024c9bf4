package identity

import (
	"testing"

	"runes.im/platform/fault"
)

func TestNotMeEndsEverythingForWhoeverKnowsThePassword(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", "")
	token := s.signIn(t, bob.Email, desk)
	strange := desk
	strange.Address = "198.51.100.7"
	thief := s.signIn(t, bob.Email, strange)
	_, secret := s.program(t, bob.ID, "sync")
	if _, err := s.NotMe(s.ctx, s.a, bob, "a guess of the thief", strange); !fault.Is(err, fault.Invalid) {
		t.Fatalf("a wrong password: %v", err)
	}
	if _, err := s.BySession(s.ctx, s.a, token); err != nil {
		t.Fatalf("a wrong password ended the session: %v", err)
	}
	link, err := s.NotMe(s.ctx, s.a, bob, password, desk)
	must(t, err)
	for _, over := range []string{token, thief} {
		if _, err := s.BySession(s.ctx, s.a, over); !fault.Is(err, fault.SignedOut) {
			t.Errorf("a session goes on: %v", err)
		}
	}
	if _, err := s.ByAppPassword(s.ctx, s.a, bob.Email, secret, "sync", desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("a program goes on: %v", err)
	}
	if _, err := s.SignIn(s.ctx, s.a, bob.Email, password, false, strange); !fault.Is(err, fault.SignedOut) {
		t.Errorf("the old password opens: %v", err)
	}
	must(t, s.Reset(s.ctx, s.a, link, "a new and longer one"))
	if _, err := s.SignIn(s.ctx, s.a, bob.Email, "a new and longer one", false, desk); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if n := s.lines(t, "identity.not_me"); n != 1 {
		t.Errorf("%d lines", n)
	}
}
