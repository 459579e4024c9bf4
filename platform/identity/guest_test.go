package identity

import (
	"testing"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/tenant"
)

// guest is a guest of the sponsor for ten days.
func (s *site) guest(t *testing.T, email string, sponsor *Person) *Person {
	t.Helper()
	p := s.add(t, email, "employee")
	must(t, s.Host(s.ctx, s.a, nil, p.ID, Guest{Sponsor: sponsor.ID, Ends: s.time().Add(10 * 24 * time.Hour)}))
	p, err := s.Member(s.ctx, s.a, p.ID)
	must(t, err)
	return p
}

func (s *site) time() time.Time {
	return time.Date(2030, 5, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(s.now.Load()))
}

func TestAGuestsEndClosesEveryDoorAtTheNextRequest(t *testing.T) {
	s := build(t)
	vera := s.guest(t, "vera@else.example", s.owner)
	_, secret := s.program(t, vera.ID, "sync")
	_, key, err := s.MakeAPIToken(s.ctx, s.a, vera.ID, NewToken{Name: "script", Scopes: []string{"view_storage"}, Lasts: 48 * time.Hour * 10})
	must(t, err)
	api := func() bool { _, err := s.ByAPIToken(s.ctx, s.a, key, desk); return err == nil }
	s.later(10*24*time.Hour - time.Second)
	token := s.signIn(t, vera.Email, desk)
	if !s.isIn(t, s.a, token) || !s.letsIn(t, s.a, vera.Email, secret, "sync") || !api() {
		t.Fatal("a door is closed before the end")
	}
	s.later(time.Second) // no job has run, and everybody is known from memory
	if s.isIn(t, s.a, token) || s.letsIn(t, s.a, vera.Email, secret, "sync") || api() {
		t.Error("a door is open after the end")
	}
	if _, err := s.SignIn(s.ctx, s.a, vera.Email, password, false, desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("signed in after the end: %v", err)
	}
	vera, err = s.Member(s.ctx, s.a, vera.ID)
	must(t, err)
	if vera.State() != ended || vera.Can("view_storage") {
		t.Errorf("after the end the guest is %s", vera.State())
	}
	if err := s.Resume(s.ctx, s.a, nil, vera.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("let in again without a longer term: %v", err)
	}
	must(t, s.endGuests(tenant.With(s.ctx, s.a), nil))
	must(t, s.endGuests(tenant.With(s.ctx, s.a), nil))
	if n := s.notes(t, s.owner.ID, "identity.guest_ended"); n != 1 || s.lines(t, "identity.guest_ended") != 1 {
		t.Errorf("the end was told %d times and written down %d times", n, s.lines(t, "identity.guest_ended"))
	}
	must(t, s.Host(s.ctx, s.a, s.owner, vera.ID, Guest{Sponsor: s.owner.ID, Ends: s.time().Add(24 * time.Hour)}))
	s.signIn(t, vera.Email, desk)
}

func TestSponsorAndGuestHearOfTheEndOnce(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", "employee")
	vera := s.guest(t, "vera@else.example", bob)
	run := func(who string, wantGuest, wantSponsor int) {
		t.Helper()
		must(t, s.endGuests(tenant.With(s.ctx, s.a), nil))
		if n := s.notes(t, vera.ID, "identity.guest_ends"); n != wantGuest {
			t.Errorf("%s: the guest was told %d times, want %d", who, n, wantGuest)
		}
		if n := s.notes(t, bob.ID, "identity.guest_ends_soon"); n != wantSponsor {
			t.Errorf("%s: the sponsor was told %d times, want %d", who, n, wantSponsor)
		}
	}
	run("ten days before", 0, 0)
	s.later(3 * 24 * time.Hour)
	run("seven days before", 1, 1)
	s.later(24 * time.Hour)
	run("six days before", 1, 1)
	// The sponsor asks for more time; whoever manages people gives it.
	until := s.time().Add(60 * 24 * time.Hour)
	must(t, s.AskLonger(s.ctx, s.a, bob, vera.ID, until))
	if err := s.AskLonger(s.ctx, s.a, bob, vera.ID, until); !fault.Is(err, fault.Conflict) {
		t.Errorf("asked twice in a day: %v", err)
	}
	if err := s.AskLonger(s.ctx, s.a, s.owner, vera.ID, until); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else asked: %v", err)
	}
	if n := s.notes(t, s.owner.ID, "identity.guest_longer"); n != 1 {
		t.Errorf("the owner was asked %d times, want 1", n)
	}
	must(t, s.Host(s.ctx, s.a, s.owner, vera.ID, Guest{Sponsor: bob.ID, Ends: until}))
	s.later(54 * 24 * time.Hour)
	run("before the new end", 2, 2)
}

func TestWhoIsNoSponsorAndWhoIsNoGuest(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", "employee")
	vera := s.guest(t, "vera@else.example", bob)
	gone := s.add(t, "gone@acme.example", "employee")
	must(t, s.Suspend(s.ctx, s.a, nil, gone.ID))
	soon := s.time().Add(24 * time.Hour)
	for what, c := range map[string]struct {
		who string
		g   Guest
	}{
		"a guest as sponsor":        {gone.ID, Guest{Sponsor: vera.ID, Ends: soon}},
		"oneself as sponsor":        {vera.ID, Guest{Sponsor: vera.ID, Ends: soon}},
		"somebody suspended":        {vera.ID, Guest{Sponsor: gone.ID, Ends: soon}},
		"nobody":                    {vera.ID, Guest{Ends: soon}},
		"an end that is over":       {vera.ID, Guest{Sponsor: bob.ID, Ends: s.time()}},
		"an end in three years":     {vera.ID, Guest{Sponsor: bob.ID, Ends: s.time().AddDate(3, 0, 0)}},
		"an owner as guest":         {s.owner.ID, Guest{Sponsor: bob.ID, Ends: soon}},
		"somebody who has a guest":  {bob.ID, Guest{Sponsor: s.owner.ID, Ends: soon}},
		"an administrator as guest": {s.add(t, "admin@acme.example", "admin").ID, Guest{Sponsor: bob.ID, Ends: soon}},
	} {
		if err := s.Host(s.ctx, s.a, nil, c.who, c.g); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := s.GiveRoles(s.ctx, s.a, nil, vera.ID, []string{roleAdmin}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a guest became an administrator: %v", err)
	}
	if err := s.SetOwner(s.ctx, s.a, nil, vera.ID, true); !fault.Is(err, fault.Conflict) {
		t.Errorf("a guest became an owner: %v", err)
	}
}

func TestWhoHoldsTheRoleGuestAloneIsAGuest(t *testing.T) {
	s := build(t)
	i, token, err := s.Invite(s.ctx, s.a, s.owner, Invitee{Email: "vera@else.example", Roles: []string{roleGuest}})
	must(t, err)
	if i.Guest == nil || i.Guest.Sponsor != s.owner.ID || !i.Guest.Ends.Equal(s.time().Add(GuestLasts)) {
		t.Errorf("the invitation says %+v", i.Guest)
	}
	_, err = s.Join(s.ctx, s.a, token, Newcomer{Name: "Vera", Password: password, Locale: "en"}, false, desk)
	must(t, err)
	vera, err := s.MemberByEmail(s.ctx, s.a, "vera@else.example")
	must(t, err)
	if vera.Guest == nil || vera.Guest.Sponsor != s.owner.ID {
		t.Errorf("who joined is %+v", vera.Guest)
	}
	bob := s.add(t, "bob@acme.example", "employee")
	must(t, s.GiveRoles(s.ctx, s.a, s.owner, bob.ID, []string{roleGuest}))
	must(t, s.TakeRole(s.ctx, s.a, s.owner, bob.ID, roleEmployee))
	bob, err = s.Member(s.ctx, s.a, bob.ID)
	must(t, err)
	if bob.Guest == nil {
		t.Error("the role Guest alone has no sponsor and no end")
	}
	if err := s.Unhost(s.ctx, s.a, s.owner, bob.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("regular with the role Guest alone: %v", err)
	}
	must(t, s.GiveRoles(s.ctx, s.a, s.owner, bob.ID, []string{roleEmployee}))
	must(t, s.Unhost(s.ctx, s.a, s.owner, bob.ID))
	if bob, err = s.Member(s.ctx, s.a, bob.ID); err != nil || bob.IsGuest() {
		t.Errorf("still a guest: %+v, %v", bob.Guest, err)
	}
}
