package identity

import (
	"errors"
	"testing"
	"time"

	"runes.im/platform/fault"
)

// lives is what becomes of the link, or token, of one kind.
type lives struct {
	make  func() string           // a fresh one
	opens func(token string) bool // whether it still would; it stays unused
	use   func(token string)
	lasts time.Duration
	ends  map[string]func() // what else voids it
	again bool              // a newer one takes the place of the one before
}

// A6: every kind of link and token opens once, for its time, and no longer than what it stands for. A newer one takes the place of an
// older one.
func TestTheLifeOfEveryLink(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	key, _ := s.armed(t, s.add(t, "armed@acme.example", roleEmployee))
	helper := s.add(t, "helper@acme.example", roleAdmin)
	desk2 := Source{Address: "192.0.2.77", UserAgent: desk.UserAgent}
	caller := func() *Caller { return s.fresh(t, bob).Calling() }
	fresh, secret := "", password
	change := func(email string) func() {
		return func() {
			secret += "!"
			p, err := s.MemberByEmail(s.ctx, s.a, email)
			must(t, err)
			must(t, s.SetPassword(s.ctx, s.a, p.ID, secret))
		}
	}
	suspend := func(p *Person) func() {
		return func() { must(t, errors.Join(s.Suspend(s.ctx, s.a, nil, p.ID), s.Resume(s.ctx, s.a, nil, p.ID))) }
	}
	for kind, l := range map[string]lives{
		"reset": {
			make:  func() string { token, err := s.MakeReset(s.ctx, s.a, s.owner, bob.ID); must(t, err); return token },
			opens: func(token string) bool { _, err := s.Resettable(s.ctx, s.a, token); return err == nil },
			use:   func(token string) { secret += "?"; must(t, s.Reset(s.ctx, s.a, token, secret)) },
			lasts: ResetLasts, again: true,
			ends: map[string]func(){"a new password": change(bob.Email), "a suspension": suspend(bob)},
		},
		"hand-over": {
			make: func() string { token, err := s.HandOver(s.ctx, caller(), s.a.ID); must(t, err); return token },
			opens: func(token string) bool {
				_, err := s.Arriving(s.ctx, s.a, token)
				return err == nil
			},
			use:   func(token string) { _, err := s.Arrive(s.ctx, s.a, token, desk2); must(t, err) },
			lasts: handoverLasts,
			ends: map[string]func(){
				"a suspension":      suspend(bob),
				"a forced sign-out": func() { must(t, s.SignOutMember(s.ctx, s.a, nil, bob.ID, false)) },
			},
		},
		"half a sign-in": {
			make:  func() string { s.later(time.Minute); return s.half(t, "armed@acme.example", desk2) },
			opens: func(token string) bool { _, err := s.HalfIn(s.ctx, s.a, token); return err == nil },
			use:   func(token string) { _, err := s.Second(s.ctx, s.a, token, s.code(t, key), false, desk2); must(t, err) },
			lasts: StepLasts,
			ends:  map[string]func(){},
		},
		"invitation": {
			make: func() string {
				fresh += "x"
				_, token, err := s.Invite(s.ctx, s.a, helper, Invitee{Email: fresh + "@new.example", Roles: []string{roleGuest}})
				must(t, err)
				return token
			},
			opens: func(token string) bool { _, _, err := s.Invited(s.ctx, s.a, token); return err == nil },
			use: func(token string) {
				_, err := s.Join(s.ctx, s.a, token, Newcomer{Name: "New", Password: password}, false, desk2)
				must(t, err)
			},
			lasts: InvitationLasts,
			ends: map[string]func(){
				"the inviter's suspension": suspend(helper),
				"its renewal": func() {
					open, err := s.Invitations(s.ctx, s.a)
					must(t, err)
					_, _, err = s.InviteAgain(s.ctx, s.a, s.owner, open[0].ID)
					must(t, err)
				},
			},
		},
	} {
		t.Run(kind, func(t *testing.T) {
			token := l.make()
			if len(token) < 43 { // 256 bits in base64
				t.Errorf("%q is short", token)
			}
			if l.opens(token[:len(token)-1]+"?") || l.opens("") {
				t.Error("another one opens, too")
			}
			l.use(token)
			if l.opens(token) {
				t.Error("opens twice")
			}
			token = l.make()
			s.later(l.lasts - time.Second)
			if !l.opens(token) {
				t.Error("ends before its time")
			}
			s.later(time.Second)
			if l.opens(token) {
				t.Error("outlives its time")
			}
			if l.again {
				older, newer := l.make(), l.make()
				if l.opens(older) || !l.opens(newer) {
					t.Error("the older one opens, or the newer one does not")
				}
			}
			for what, end := range l.ends {
				token = l.make()
				if !l.opens(token) {
					t.Fatalf("before %s it opens nothing", what)
				}
				if end(); l.opens(token) {
					t.Errorf("opens after %s", what)
				}
			}
		})
	}
}

// An invitation ends with its role; those who have another role left can be asked again.
func TestAnInvitationEndsWithItsRole(t *testing.T) {
	s := build(t)
	role, err := s.KeepRole(s.ctx, s.a, nil, Role{Name: "Desk", Permissions: []string{"use_chat"}})
	must(t, err)
	_, lone, err := s.Invite(s.ctx, s.a, nil, Invitee{Email: "lone@new.example", Roles: []string{role}})
	must(t, err)
	both, token, err := s.Invite(s.ctx, s.a, nil, Invitee{Email: "both@new.example", Roles: []string{role, roleGuest}})
	must(t, err)
	must(t, s.RemoveRole(s.ctx, s.a, nil, role, ""))
	for _, link := range []string{lone, token} {
		if _, _, err := s.Invited(s.ctx, s.a, link); !fault.Is(err, fault.NotFound) {
			t.Errorf("the link opens without its role: %v", err)
		}
	}
	again, token, err := s.InviteAgain(s.ctx, s.a, nil, both.ID)
	must(t, err)
	if _, _, err := s.Invited(s.ctx, s.a, token); err != nil || len(again.Roles) != 1 {
		t.Errorf("asked again: %v with %v", err, again.Roles)
	}
}

// S2: whoever changes a second factor stays in, here; every other session of the account ends, in the other organisations, too.
func TestAChangedFactorEndsTheOtherSessions(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	_, err := s.AddMember(s.ctx, s.b, NewMember{Email: bob.Email, Name: "Bob"})
	must(t, err)
	there := func() string {
		token, err := s.SignIn(s.ctx, s.b, bob.Email, password, false, desk)
		must(t, err)
		return token
	}
	mine, other, elsewhere := s.signIn(t, bob.Email, desk), s.signIn(t, bob.Email, desk), there()
	me, err := s.BySession(s.ctx, s.a, mine)
	must(t, err)
	_, codes := s.armed(t, me)
	if !s.isIn(t, s.a, mine) || s.isIn(t, s.a, other) || s.isIn(t, s.b, elsewhere) {
		t.Errorf("after adding: mine %v, other %v, elsewhere %v", s.isIn(t, s.a, mine), s.isIn(t, s.a, other), s.isIn(t, s.b, elsewhere))
	}
	other, err = s.Second(s.ctx, s.a, s.half(t, bob.Email, desk), codes[0], false, desk)
	must(t, err)
	me, err = s.BySession(s.ctx, s.a, mine)
	must(t, err)
	factors, err := s.Factors(s.ctx, me)
	must(t, err)
	must(t, s.DropFactor(s.ctx, s.a, me, factors[0].ID))
	if !s.isIn(t, s.a, mine) || s.isIn(t, s.a, other) {
		t.Errorf("after removing: mine %v, other %v", s.isIn(t, s.a, mine), s.isIn(t, s.a, other))
	}
	carl := s.add(t, "carl@acme.example", roleEmployee)
	s.armed(t, carl)
	waits := s.half(t, carl.Email, desk)
	must(t, s.ResetFactors(s.ctx, s.a, s.owner, carl.ID))
	if _, err := s.HalfIn(s.ctx, s.a, waits); !fault.Is(err, fault.SignedOut) {
		t.Errorf("a sign-in that waited goes on after the reset: %v", err)
	}
}

// Whoever must choose a new password cannot get round it by an invitation elsewhere; a link made where an account was at home alone
// opens nothing once it belongs elsewhere, too.
func TestWaysRoundANewPassword(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	_, invited, err := s.Invite(s.ctx, s.b, nil, Invitee{Email: bob.Email, Roles: []string{roleGuest}})
	must(t, err)
	link, err := s.DemandReset(s.ctx, s.a, s.owner, bob.ID)
	must(t, err)
	_, err = s.JoinKnown(s.ctx, s.b, invited, password, false, desk)
	if f := fault.Of(err); f == nil || f.Key != "identity.must_reset" {
		t.Errorf("joined with the password that is void: %v", err)
	}
	must(t, s.Reset(s.ctx, s.a, link, "a brand new password"))
	link, err = s.MakeReset(s.ctx, s.a, s.owner, bob.ID)
	must(t, err)
	_, err = s.JoinKnown(s.ctx, s.b, invited, "a brand new password", false, desk)
	must(t, err)
	if err := s.Reset(s.ctx, s.a, link, "taken over by acme"); !fault.Is(err, fault.NotFound) {
		t.Errorf("acme takes over an account of globex: %v", err)
	}
}

// Whoever was signed out is not back by one click on the appliance's own host.
func TestAForcedSignOutReachesTheGate(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	gate, _, err := s.SignInAtGate(s.ctx, bob.Email, password, desk)
	must(t, err)
	must(t, s.SignOutMember(s.ctx, s.a, s.owner, bob.ID, false))
	if _, err := s.Caller(s.ctx, gate); !fault.Is(err, fault.SignedOut) {
		t.Errorf("the gate knows them still: %v", err)
	}
}

// Whoever manages people in an organisation does not come to run the appliance by a new password, or a lost factor, of a member who does.
func TestNobodyRunsTheApplianceByAResetLink(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	must(t, s.AddOperator(s.ctx, bob.Email))
	if _, err := s.MakeReset(s.ctx, s.a, s.owner, bob.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a link: %v", err)
	}
	if _, err := s.DemandReset(s.ctx, s.a, s.owner, bob.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a demand: %v", err)
	}
	if err := s.ResetFactors(s.ctx, s.a, s.owner, bob.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("factors: %v", err)
	}
	if err := s.AskEmail(s.ctx, s.a, s.fresh(t, bob), "new@acme.example", password, desk); !fault.Is(err, fault.Conflict) {
		t.Errorf("an address whose links an administrator would make: %v", err)
	}
	must(t, s.RemoveOperator(s.ctx, bob.Email))
	_, err := s.MakeReset(s.ctx, s.a, s.owner, bob.ID)
	must(t, err)
}
