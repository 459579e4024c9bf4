package identity

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// armed gives the person a TOTP factor and answers its secret and the recovery codes.
func (s *site) armed(t *testing.T, p *Person) (key string, recovery []string) {
	t.Helper()
	key, _, err := NewTOTP("Acme", p.Email, "")
	must(t, err)
	recovery, err = s.AddTOTP(s.ctx, s.a, p, key, s.code(t, key), "Phone")
	must(t, err)
	return key, recovery
}

func (s *site) code(t *testing.T, key string) string {
	t.Helper()
	code, err := totp.GenerateCode(key, clock.Now(s.ctx))
	must(t, err)
	return code
}

// half signs in by password and answers the token of the step.
func (s *site) half(t *testing.T, email string, from Source) string {
	t.Helper()
	token, err := s.SignIn(s.ctx, s.a, email, password, false, from)
	var step HalfWay
	if !errors.As(err, &step) || token != "" {
		t.Fatalf("signed in with %q, %v, want half the way", token, err)
	}
	return step.Token
}

func TestASecondFactorStandsBetweenPasswordAndSession(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	key, recovery := s.armed(t, bob)
	if len(recovery) != recoveryCodes {
		t.Fatalf("%d recovery codes", len(recovery))
	}
	step := s.half(t, bob.Email, desk)
	if _, err := s.BySession(s.ctx, s.a, step); !fault.Is(err, fault.SignedOut) {
		t.Errorf("half the way opens a session: %v", err)
	}
	// The code that made the factor opens nothing a second time.
	if _, err := s.Second(s.ctx, s.a, step, s.code(t, key), false, desk); !fault.Is(err, fault.Invalid) {
		t.Errorf("a code opened twice: %v", err)
	}
	s.later(time.Minute)
	if _, err := s.Second(s.ctx, s.b, step, s.code(t, key), false, desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("the step opens another organisation: %v", err)
	}
	if _, err := s.Second(s.ctx, s.a, step, "000000", false, desk); !fault.Is(err, fault.Invalid) {
		t.Errorf("a wrong code: %v", err)
	}
	session, err := s.Second(s.ctx, s.a, step, s.code(t, key), false, desk)
	must(t, err)
	if !s.isIn(t, s.a, session) {
		t.Error("the session does not open")
	}
	if _, err := s.Second(s.ctx, s.a, step, recovery[0], false, desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("the step was used twice: %v", err)
	}
}

func TestRecoveryCodesOpenOnce(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	_, codes := s.armed(t, bob)
	_, err := s.Second(s.ctx, s.a, s.half(t, bob.Email, desk), " "+codes[3]+" ", false, desk)
	must(t, err)
	if _, err := s.Second(s.ctx, s.a, s.half(t, bob.Email, desk), codes[3], false, desk); !fault.Is(err, fault.Invalid) {
		t.Errorf("a recovery code opened twice: %v", err)
	}
	if left, err := s.RecoveryLeft(s.ctx, bob); err != nil || left != recoveryCodes-1 {
		t.Errorf("%d left, %v", left, err)
	}
	fresh, err := s.RenewRecovery(s.ctx, s.a, bob)
	must(t, err)
	if _, err := s.Second(s.ctx, s.a, s.half(t, bob.Email, desk), codes[4], false, desk); !fault.Is(err, fault.Invalid) {
		t.Errorf("an old recovery code opens: %v", err)
	}
	_, err = s.Second(s.ctx, s.a, s.half(t, bob.Email, desk), fresh[0], false, desk)
	must(t, err)
}

func TestARememberedBrowserIsNotAskedForAWhile(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	_, codes := s.armed(t, bob)
	session, err := s.Second(s.ctx, s.a, s.half(t, bob.Email, desk), codes[0], true, desk)
	must(t, err)
	known := desk
	known.Device = s.DeviceToken(s.a, session)
	_, err = s.SignIn(s.ctx, s.a, bob.Email, password, false, known)
	must(t, err)
	s.half(t, bob.Email, desk)
	s.later(31 * 24 * time.Hour)
	s.half(t, bob.Email, known)
	must(t, s.SaveFactorRule(s.ctx, s.a, FactorRule{Mode: FactorsOptional, RememberDays: 0}))
	s.half(t, bob.Email, known)
}

func TestARequiredFactorIsSetUpAfterTheDaysOfGrace(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	must(t, s.SaveFactorRule(s.ctx, s.a, FactorRule{Role: roleEmployee, Mode: FactorsRequired, GraceDays: 7}))
	s.signIn(t, bob.Email, desk)
	s.signIn(t, s.owner.Email, desk)
	s.later(7 * 24 * time.Hour)
	step := s.half(t, bob.Email, desk)
	half, err := s.HalfIn(s.ctx, s.a, step)
	must(t, err)
	if !half.Enrols() || half.Person.ID != bob.ID {
		t.Errorf("step = %+v", half)
	}
	if _, err := s.Enrolled(s.ctx, s.a, step, desk); !fault.Is(err, fault.Conflict) {
		t.Errorf("went on without a factor: %v", err)
	}
	key, _, err := NewTOTP("Acme", bob.Email, "")
	must(t, err)
	_, err = s.EnrolApp(s.ctx, s.a, step, key, s.code(t, key), "Phone")
	must(t, err)
	session, err := s.Enrolled(s.ctx, s.a, step, desk)
	must(t, err)
	if !s.isIn(t, s.a, session) {
		t.Error("the session does not open")
	}
	s.signIn(t, s.owner.Email, desk) // the rule is not theirs
	must(t, s.SaveFactorRule(s.ctx, s.a, FactorRule{Role: roleEmployee}))
	if rules, err := s.FactorRules(s.ctx, s.a); err != nil || len(rules) != 0 {
		t.Errorf("rules = %v, %v", rules, err)
	}
}

func TestStepsEndAndVoidWithThePassword(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	_, codes := s.armed(t, bob)
	step := s.half(t, bob.Email, desk)
	s.later(StepLasts)
	if _, err := s.Second(s.ctx, s.a, step, codes[0], false, desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("an old step opens: %v", err)
	}
	step = s.half(t, bob.Email, desk)
	must(t, s.SetPassword(s.ctx, s.a, bob.ID, "another long password"))
	if _, err := s.Second(s.ctx, s.a, step, codes[0], false, desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("a step outlives the password: %v", err)
	}
}

func TestGuessingCodesIsThrottled(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	_, codes := s.armed(t, bob)
	for range stopAfter {
		s.Second(s.ctx, s.a, s.half(t, bob.Email, desk), "123456", false, desk)
	}
	if _, err := s.Second(s.ctx, s.a, s.half(t, bob.Email, desk), codes[0], false, desk); !fault.Is(err, fault.TooMany) {
		t.Errorf("the eleventh guess: %v, want to wait", err)
	}
}

func TestFactorsAreResetOnlyWhereTheAccountIsAtHome(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	s.armed(t, bob)
	if err := s.ResetFactors(s.ctx, s.a, s.officer(t), s.owner.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an officer reset the owner's factors: %v", err)
	}
	_, err := s.AddMember(s.ctx, s.b, NewMember{Email: bob.Email, Name: "Bob"})
	must(t, err)
	if err := s.ResetFactors(s.ctx, s.a, s.owner, bob.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("reset the factors of another organisation's member: %v", err)
	}
	carl := s.add(t, "carl@acme.example", roleEmployee)
	s.armed(t, carl)
	must(t, s.ResetFactors(s.ctx, s.a, s.owner, carl.ID))
	s.signIn(t, carl.Email, desk)
}

// Before the answer a known address changes as many rows as an unknown one and reads no list of people; the rest comes after it.
func TestAKnownForgottenAddressIsNoMoreWorkBeforeTheAnswer(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	var later []func()
	s.House.beside = func(fn func()) { later = append(later, fn) }
	changes := func() (n int) {
		must(t, s.a.DB.Write(s.ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.QueryRow(ctx, `SELECT total_changes()`).Scan(&n)
		}))
		return n
	}
	work := map[string]int{}
	for _, email := range []string{"nobody@acme.example", bob.Email} {
		before := changes()
		must(t, s.Forgot(s.ctx, s.a, email, desk))
		work[email] = changes() - before
	}
	if work[bob.Email] == 0 || work[bob.Email] != work["nobody@acme.example"] || len(later) != 2 {
		t.Errorf("rows changed before the answer: %v, then left to do: %d", work, len(later))
	}
	if n := s.notes(t, s.owner.ID, "identity.password_forgotten"); n != 0 {
		t.Errorf("%d notes before the answer", n)
	}
	for _, fn := range later {
		fn()
	}
	if n := s.notes(t, s.owner.ID, "identity.password_forgotten"); n != 1 {
		t.Errorf("%d notes, want 1", n)
	}
}

func TestAForgottenPasswordIsReplacedOnce(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	session := s.signIn(t, bob.Email, desk)
	must(t, s.Forgot(s.ctx, s.a, "nobody@acme.example", desk))
	if n := s.notes(t, s.owner.ID, "identity.password_forgotten"); n != 0 {
		t.Errorf("an unknown address rings %d times", n)
	}
	must(t, s.Forgot(s.ctx, s.a, bob.Email, desk))
	if n := s.notes(t, s.owner.ID, "identity.password_forgotten"); n != 1 {
		t.Errorf("administrators heard %d times, want 1", n)
	}
	old, err := s.MakeReset(s.ctx, s.a, s.owner, bob.ID)
	must(t, err)
	token, err := s.MakeReset(s.ctx, s.a, s.owner, bob.ID)
	must(t, err)
	if err := s.Reset(s.ctx, s.a, old, "a brand new password"); !fault.Is(err, fault.NotFound) {
		t.Errorf("the older link opens: %v", err)
	}
	if err := s.Reset(s.ctx, s.b, token, "a brand new password"); !fault.Is(err, fault.NotFound) {
		t.Errorf("the link opens another organisation: %v", err)
	}
	if err := s.Reset(s.ctx, s.a, token, "short"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a short password: %v", err)
	}
	must(t, s.Reset(s.ctx, s.a, token, "a brand new password"))
	if s.isIn(t, s.a, session) {
		t.Error("the old session lives")
	}
	if err := s.Reset(s.ctx, s.a, token, "another new password"); !fault.Is(err, fault.NotFound) {
		t.Errorf("the link opens twice: %v", err)
	}
	_, err = s.SignIn(s.ctx, s.a, bob.Email, "a brand new password", false, desk)
	must(t, err)
}

func TestADemandedResetVoidsThePassword(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	session := s.signIn(t, bob.Email, desk)
	token, err := s.DemandReset(s.ctx, s.a, s.owner, bob.ID)
	must(t, err)
	if s.isIn(t, s.a, session) {
		t.Error("the session lives")
	}
	_, err = s.SignIn(s.ctx, s.a, bob.Email, password, false, desk)
	if f := fault.Of(err); f == nil || f.Key != "identity.must_reset" {
		t.Errorf("the old password: %v", err)
	}
	s.later(ResetLasts)
	if _, err := s.Resettable(s.ctx, s.a, token); !fault.Is(err, fault.NotFound) {
		t.Errorf("the link outlives its hour: %v", err)
	}
	token, err = s.MakeReset(s.ctx, s.a, s.owner, bob.ID)
	must(t, err)
	must(t, s.Reset(s.ctx, s.a, token, "a brand new password"))
	_, err = s.SignIn(s.ctx, s.a, bob.Email, "a brand new password", false, desk)
	must(t, err)
}
