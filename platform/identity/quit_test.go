package identity

import (
	"testing"

	"runes.im/platform/fault"
)

func TestWhoLeavesLosesEveryDoorAndTheLastOwnerStays(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	at, err := s.BySession(s.ctx, s.a, s.signIn(t, bob.Email, desk))
	must(t, err)
	other := s.signIn(t, bob.Email, desk)
	if err := s.Quit(s.ctx, s.a, at, "not the password", 0, desk); fault.Of(err).Problems["password"].Key == "" {
		t.Errorf("without the password: %v", err)
	}
	must(t, s.Quit(s.ctx, s.a, at, password, 3, desk))
	if _, err := s.BySession(s.ctx, s.a, other); !fault.Is(err, fault.SignedOut) {
		t.Errorf("another session: %v", err)
	}
	if _, err := s.SignIn(s.ctx, s.a, bob.Email, password, false, desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("sign-in: %v", err)
	}
	if n := s.notes(t, s.owner.ID, "identity.member_left_things"); n != 1 {
		t.Errorf("%d notes for those who manage people", n)
	}
	owner, err := s.BySession(s.ctx, s.a, s.signIn(t, s.owner.Email, desk))
	must(t, err)
	if err := s.Quit(s.ctx, s.a, owner, password, 0, desk); !fault.Is(err, fault.Conflict) {
		t.Errorf("the last owner: %v", err)
	}
}

func TestAnErasedAccountLeavesItsNameAndFreesItsAddress(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	must(t, s.SaveProfile(s.ctx, s.a, bob, Profile{Name: "Bob Meier", Phone: "+41 44 123 45 67", City: "Bern"}))
	must(t, s.Forsake(s.ctx, s.a, bob.ID)) // still a member: nothing happens
	if p, err := s.ProfileOf(s.ctx, s.a, bob.ID); err != nil || p.City != "Bern" {
		t.Errorf("an active member lost details: %+v, %v", p, err)
	}
	must(t, s.Deactivate(s.ctx, s.a, s.owner, bob.ID))
	must(t, s.Forsake(s.ctx, s.a, bob.ID))
	must(t, s.EraseAccount(s.ctx, bob.AccountID))
	if p, err := s.ProfileOf(s.ctx, s.a, bob.ID); err != nil || p != (Profile{Name: "Bob Meier"}) {
		t.Errorf("kept %+v, %v", p, err)
	}
	must(t, s.Resume(s.ctx, s.a, s.owner, bob.ID))
	if p, err := s.Member(s.ctx, s.a, bob.ID); err != nil || p.State() == active {
		t.Errorf("a member without an account works again: %v, %v", p.State(), err)
	}
	if again := s.add(t, "bob@acme.example", roleEmployee); again.ID == bob.ID {
		t.Error("the address was not free")
	}
}
