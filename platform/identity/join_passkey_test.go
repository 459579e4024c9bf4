package identity

import (
	"testing"
	"time"

	"runes.im/platform/fault"
)

// joined takes up an invitation with a passkey alone.
func (s *site) joined(t *testing.T, email string) (*chip, *Person, string, []string) {
	t.Helper()
	_, token, err := s.Invite(s.ctx, s.a, s.owner, Invitee{Email: email, Roles: []string{roleEmployee}})
	must(t, err)
	n := Newcomer{FirstName: "Grace", LastName: "Hopper", Locale: "en"}
	c, err := s.BeginJoin(s.ctx, s.a, token, acmeSite, "Passkey", n)
	must(t, err)
	k, answer := made(t, c, acmeSite)
	session, codes, err := s.JoinByPasskey(s.ctx, s.a, token, acmeSite, c.Token, answer, n, desk)
	must(t, err)
	p, err := s.BySession(s.ctx, s.a, session)
	must(t, err)
	return k, p, session, codes
}

func TestAnInvitedPersonJoinsWithAPasskeyAlone(t *testing.T) {
	s := build(t)
	k, p, _, codes := s.joined(t, "grace@acme.example")
	if p.Name != "Grace Hopper" || len(codes) != recoveryCodes {
		t.Errorf("%s joined with %d recovery codes", p.Name, len(codes))
	}
	if has, err := s.HasPassword(s.ctx, p); has || err != nil {
		t.Errorf("there is a password: %v, %v", has, err)
	}
	for _, guess := range []string{"", password} {
		if _, err := s.SignIn(s.ctx, s.a, p.Email, guess, false, desk); !fault.Is(err, fault.SignedOut) {
			t.Errorf("the password %q: %v", guess, err)
		}
	}
	c := s.asks(t)
	session, err := s.SignInByPasskey(s.ctx, s.a, acmeSite, c.Token, k.used(t, c, acmeSite), false, desk)
	must(t, err)
	if !s.isIn(t, s.a, session) {
		t.Error("the passkey does not sign in")
	}
	if _, hasAccount, err := s.Invited(s.ctx, s.b, s.invitedBy(t, p.Email)); err != nil || !hasAccount {
		t.Errorf("another organisation would make the account anew: %v, %v", hasAccount, err)
	}
}

// invitedBy is the link with which the second organisation asks somebody.
func (s *site) invitedBy(t *testing.T, email string) string {
	t.Helper()
	_, token, err := s.Invite(s.ctx, s.b, nil, Invitee{Email: email, Roles: []string{roleEmployee}})
	must(t, err)
	return token
}

func TestWhoHasNoPasswordConfirmsWithThePasskey(t *testing.T) {
	s := build(t)
	k, p, _, codes := s.joined(t, "grace@acme.example")
	must(t, s.Prove(s.ctx, s.a, p, "", desk)) // joining was a proof
	s.later(StepLasts + time.Second)
	refusedAt(t, s.Prove(s.ctx, s.a, p, "", desk), "password", "identity.prove_again")
	refusedAt(t, s.Prove(s.ctx, s.a, p, password, desk), "password", "identity.prove_again")

	c, err := s.AskProof(s.ctx, s.a, p, acmeSite)
	must(t, err)
	k.careless = true
	refused(t, "a passkey that verified nobody", s.ProveByPasskey(s.ctx, s.a, p, acmeSite, c.Token, k.used(t, c, acmeSite), desk), "identity.passkey_wrong")
	k.careless = false
	c, err = s.AskProof(s.ctx, s.a, p, acmeSite)
	must(t, err)
	must(t, s.ProveByPasskey(s.ctx, s.a, p, acmeSite, c.Token, k.used(t, c, acmeSite), desk))
	must(t, s.Prove(s.ctx, s.a, p, "", desk))

	factors, err := s.Factors(s.ctx, p)
	must(t, err)
	refused(t, "dropping the only way in", s.DropFactor(s.ctx, s.a, p, factors[0].ID), "identity.last_way")
	refused(t, "an administrator resetting it", s.ResetFactors(s.ctx, s.a, s.owner, p.ID), "identity.only_way")

	// Who lost the passkey gets a link for a password; the second factor is then a recovery code.
	link, err := s.MakeReset(s.ctx, s.a, s.owner, p.ID)
	must(t, err)
	must(t, s.Reset(s.ctx, s.a, link, password))
	half := s.half(t, p.Email, desk)
	session, err := s.Second(s.ctx, s.a, half, codes[0], false, desk)
	must(t, err)
	if !s.isIn(t, s.a, session) {
		t.Error("the recovery code does not open")
	}
	must(t, s.ResetFactors(s.ctx, s.a, s.owner, p.ID))
}

func TestAPasswordIsAddedToAnAccountWithout(t *testing.T) {
	s := build(t)
	_, p, old, _ := s.joined(t, "grace@acme.example")
	fresh, err := s.ChangePassword(s.ctx, s.a, p, "", password, false, desk)
	must(t, err)
	if s.isIn(t, s.a, old) || !s.isIn(t, s.a, fresh) {
		t.Error("the session of before goes on, or the new one does not open")
	}
	s.half(t, p.Email, desk)
	again, err := s.BySession(s.ctx, s.a, fresh)
	must(t, err)
	if err := s.Prove(s.ctx, s.a, again, "", desk); err == nil {
		t.Error("with a password the passkey of before still stands for it")
	}
}

func TestWhatJoiningWithAPasskeyRefuses(t *testing.T) {
	s := build(t)
	_, token, err := s.Invite(s.ctx, s.a, s.owner, Invitee{Email: "grace@acme.example", Roles: []string{roleEmployee}})
	must(t, err)
	_, other, err := s.Invite(s.ctx, s.a, s.owner, Invitee{Email: "ida@acme.example", Roles: []string{roleEmployee}})
	must(t, err)
	n := Newcomer{FirstName: "Grace", LastName: "Hopper", Locale: "en"}
	c, err := s.BeginJoin(s.ctx, s.a, token, acmeSite, "Passkey", n)
	must(t, err)
	_, answer := made(t, c, acmeSite)
	_, _, err = s.JoinByPasskey(s.ctx, s.a, other, acmeSite, c.Token, answer, n, desk)
	refused(t, "the question of another invitation", err, "identity.passkey_over")
	_, err = s.BeginJoin(s.ctx, s.a, token, acmeSite, "Passkey", Newcomer{Locale: "en"})
	refusedAt(t, err, "first_name", "identity.first_name_missing")

	c, err = s.BeginJoin(s.ctx, s.a, token, acmeSite, "Passkey", n)
	must(t, err)
	_, answer = made(t, c, acmeSite)
	_, _, err = s.JoinByPasskey(s.ctx, s.a, token, acmeSite, c.Token, answer, n, desk)
	must(t, err)
	_, _, err = s.JoinByPasskey(s.ctx, s.a, token, acmeSite, c.Token, answer, n, desk)
	refused(t, "twice", err, "identity.invitation_missing")

	known := s.add(t, "bob@acme.example", roleEmployee)
	_, err = s.BeginJoin(s.ctx, s.b, s.invitedBy(t, known.Email), globexSite, "Passkey", n)
	refused(t, "an address with an account", err, "identity.join_known")

	must(t, s.SaveFactorRule(s.ctx, s.a, FactorRule{Mode: FactorsOff}))
	_, err = s.BeginJoin(s.ctx, s.a, other, acmeSite, "Passkey", n)
	refused(t, "where second factors are off", err, "identity.factors_off")
}

// Where a second factor is required of everybody, a password alone does not let a newcomer in either.
func TestANewcomerWithAPasswordSetsUpARequiredFactor(t *testing.T) {
	s := build(t)
	must(t, s.SaveFactorRule(s.ctx, s.a, FactorRule{Mode: FactorsRequired}))
	_, token, err := s.Invite(s.ctx, s.a, s.owner, Invitee{Email: "grace@acme.example", Roles: []string{roleEmployee}})
	must(t, err)
	_, err = s.Join(s.ctx, s.a, token, Newcomer{FirstName: "Grace", LastName: "Hopper", Password: password, Locale: "en"}, false, desk)
	if _, half := err.(HalfWay); !half {
		t.Errorf("joining ends with %v", err)
	}
	s.joined(t, "ida@acme.example")
}

// refusedAt checks which sentence stands at a field.
func refusedAt(t *testing.T, err error, field, key string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Problems[field].Key != key {
		t.Errorf("%v, want %s at %s", err, key, field)
	}
}
