package identity

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// HalfWay is how a sign-in ends whose password was right, when a second factor is still to be proven. Its token opens
// nothing but Second and the pages around it.
type HalfWay struct{ Token string }

// Error is for logs; whoever signs in is led on.
func (HalfWay) Error() string { return "a second factor is still to be proven" }

// StepLasts is how long somebody may take for the second factor.
const StepLasts = 10 * time.Minute

// Step is a sign-in that waits for the second factor.
type Step struct {
	Person  *Person
	Factors []Factor
	Rule    FactorRule
	Keep    bool // the session outlives the browser window
	enrol   bool // when it began there was no factor that counts, and one is required
	proven  bool // some factor was proven since, or set up
	key     fingerprint
}

// Enrols reports whether a factor is set up next. Whoever has one that does not count proves that one first.
func (s *Step) Enrols() bool {
	return s.enrol && !s.Rule.Accepts(s.Factors) && (s.proven || len(s.Factors) == 0)
}

// RecoveryOnly reports whether codes of an app open nothing here.
func (s *Step) RecoveryOnly() bool { return s.Rule.PasskeyOnly && s.Rule.Accepts(s.Factors) }

// Accepts reports whether one of the factors is of a kind that counts.
func (f FactorRule) Accepts(factors []Factor) bool {
	return slices.ContainsFunc(factors, func(one Factor) bool { return one.Kind == Passkey || !f.PasskeyOnly })
}

// enter lets a proven candidate in, or half-way in when a second factor is asked for.
func (h *House) enter(ctx context.Context, t *tenant.Tenant, c *candidate, a *attempt, keep bool, from Source) (string, error) {
	ask, enrol, err := h.asksFactor(ctx, t, c, from)
	if err != nil {
		return "", err
	}
	if !ask {
		return h.startSession(ctx, t, c, a, keep, from)
	}
	token := id.Secret(32)
	key := fingerprintOf(token)
	now := clock.Now(ctx)
	err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.succeed(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identity_steps WHERE ends_at <= ?`, clock.Text(now)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO identity_steps (token_hash, member_id, credential, kept, enrol, ends_at) VALUES (?, ?, ?, ?, ?, ?)`,
			key[:], c.memberID, c.credential, keep, enrol, clock.Text(now.Add(StepLasts)))
		return err
	})
	if err != nil {
		return "", err
	}
	return "", HalfWay{Token: token}
}

// asksFactor says whether this sign-in needs a second factor, and whether one must be set up first.
func (h *House) asksFactor(ctx context.Context, t *tenant.Tenant, c *candidate, from Source) (ask, enrol bool, err error) {
	factors, err := h.factors(ctx, c.accountID)
	if err != nil {
		return false, false, err
	}
	rule, err := h.ruleOf(ctx, t, c.memberID)
	if err != nil {
		return false, false, err
	}
	late := rule.Mode == FactorsRequired && !clock.Now(ctx).Before(rule.Since.AddDate(0, 0, rule.GraceDays))
	if len(factors) == 0 {
		return late, true, nil
	}
	if !rule.Accepts(factors) && (late || rule.Mode != FactorsRequired) {
		return true, true, nil // an app where only passkeys count
	}
	if rule.RememberDays == 0 || from.Device == "" {
		return true, false, nil
	}
	device := fingerprintOf(from.Device)
	var known int
	err = t.DB.QueryRow(ctx, `SELECT COUNT(*) FROM identity_remembered WHERE device_hash = ? AND member_id = ? AND ends_at > ?`,
		device[:], c.memberID, clock.Text(clock.Now(ctx))).Scan(&known)
	return known == 0, false, err
}

func (h *House) ruleOf(ctx context.Context, t *tenant.Tenant, memberID string) (FactorRule, error) {
	roles, err := memberRoles(ctx, t.DB, list([]string{memberID}))
	if err != nil {
		return FactorRule{}, err
	}
	return factorRuleFor(ctx, t.DB, roles[memberID])
}

// FactorRuleOf is the rule that holds for the person.
func (h *House) FactorRuleOf(ctx context.Context, t *tenant.Tenant, p *Person) (FactorRule, error) {
	return factorRuleFor(ctx, t.DB, p.Roles)
}

// HalfIn is the sign-in that the token stands for; fault.SignedOut when it took too long or the password changed.
func (h *House) HalfIn(ctx context.Context, t *tenant.Tenant, token string) (*Step, error) {
	s := &Step{key: fingerprintOf(token)}
	var memberID string
	var credential int64
	err := t.DB.QueryRow(ctx, `SELECT member_id, credential, kept, enrol, proven FROM identity_steps WHERE token_hash = ? AND ends_at > ?`,
		s.key[:], clock.Text(clock.Now(ctx))).Scan(&memberID, &credential, &s.Keep, &s.enrol, &s.proven)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, sessionOver()
	}
	if err != nil {
		return nil, err
	}
	if s.Person, err = h.Member(ctx, t, memberID); err != nil {
		return nil, err
	}
	if s.Person.credential != credential || s.Person.state != active {
		return nil, sessionOver()
	}
	if s.Factors, err = h.factors(ctx, s.Person.AccountID); err != nil {
		return nil, err
	}
	s.Rule, err = factorRuleFor(ctx, t.DB, s.Person.Roles)
	return s, err
}

// Second proves the second factor by a code, of an app or a recovery code, and answers the token of the session. With
// remember the browser is not asked again for as long as the rule allows. The error is the same HalfWay again when the
// factor does not count here and another is set up next.
func (h *House) Second(ctx context.Context, t *tenant.Tenant, token, code string, remember bool, from Source) (string, error) {
	s, err := h.HalfIn(ctx, t, token)
	if err != nil {
		return "", err
	}
	if len(s.Factors) == 0 {
		return "", fault.New(fault.Conflict, "identity.factor_first")
	}
	c, a, err := h.tryFactor(ctx, t, s, from)
	if err != nil {
		return "", err
	}
	kind, err := h.opensFactor(ctx, s.Person.AccountID, code, s.RecoveryOnly())
	if err != nil {
		return "", err
	}
	if kind == "" {
		if err := a.fail(ctx, t, c, from); !fault.Is(err, fault.SignedOut) {
			return "", err
		}
		form := fault.Form{}
		form.Need(false, "code", "identity.code_wrong")
		return "", form.Err()
	}
	if s.enrol && !s.Rule.Accepts(s.Factors) {
		if err := t.DB.Write(ctx, a.succeed); err != nil {
			return "", err
		}
		if err := h.proveStep(ctx, t, token, 0); err != nil {
			return "", err
		}
		return "", HalfWay{Token: token}
	}
	return h.finishStep(ctx, t, s, c, a, remember, from)
}

// proveStep notes that a factor was proven, or set up, in this very sign-in.
func (h *House) proveStep(ctx context.Context, t *tenant.Tenant, token string, later int) error {
	key := fingerprintOf(token)
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE identity_steps SET proven = 1, credential = credential + ? WHERE token_hash = ?`, later, key[:])
		return err
	})
}

// tryFactor begins an attempt on the second factor of a step, under the throttle.
func (h *House) tryFactor(ctx context.Context, t *tenant.Tenant, s *Step, from Source) (*candidate, *attempt, error) {
	c, err := h.candidate(ctx, t, s.Person.Email)
	if err != nil {
		return nil, nil, err
	}
	a, err := h.try(ctx, t, factorGuess, c.key, from, acquaintance{})
	if err != nil {
		return nil, nil, err
	}
	a.method = bySecond
	return c, a, h.pause(ctx, a.delay)
}

// finishStep makes the session of somebody who proved the second factor, and uses the step up.
func (h *House) finishStep(ctx context.Context, t *tenant.Tenant, s *Step, c *candidate, a *attempt, remember bool, from Source) (string, error) {
	err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		done, err := tx.Exec(ctx, `DELETE FROM identity_steps WHERE token_hash = ?`, s.key[:])
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, sessionOver())
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	session, err := h.startSession(ctx, t, c, a, s.Keep, from)
	if err != nil || !remember || s.Rule.RememberDays == 0 {
		return session, err
	}
	device := fingerprintOf(h.DeviceToken(t, session))
	return session, t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO identity_remembered (device_hash, member_id, ends_at) VALUES (?, ?, ?)`,
			device[:], c.memberID, clock.Text(clock.Now(ctx).AddDate(0, 0, s.Rule.RememberDays)))
		return err
	})
}

// EnrolApp sets up an app within a sign-in that asks for it, and EnrolPasskey a passkey. Enrolled then leads on.
func (h *House) EnrolApp(ctx context.Context, t *tenant.Tenant, token, key, code, name string) (recovery []string, err error) {
	return h.enrolling(ctx, t, token, func(s *Step) ([]string, error) {
		if s.Rule.PasskeyOnly {
			return nil, fault.New(fault.Conflict, "identity.passkey_only")
		}
		return h.AddTOTP(ctx, t, s.Person, key, code, name)
	})
}

// EnrolPasskey is EnrolApp with the answer to BeginPasskey.
func (h *House) EnrolPasskey(ctx context.Context, t *tenant.Tenant, token, site, ceremony, answer string) (recovery []string, err error) {
	return h.enrolling(ctx, t, token, func(s *Step) ([]string, error) {
		return h.AddPasskey(ctx, t, s.Person, site, ceremony, answer)
	})
}

func (h *House) enrolling(ctx context.Context, t *tenant.Tenant, token string, add func(*Step) ([]string, error)) ([]string, error) {
	s, err := h.HalfIn(ctx, t, token)
	if err != nil {
		return nil, err
	}
	if !s.Enrols() {
		return nil, fault.New(fault.Conflict, "identity.factor_first")
	}
	recovery, err := add(s)
	if err != nil {
		return nil, err
	}
	return recovery, h.proveStep(ctx, t, token, 1) // a new factor ends all that began before it, but this
}

// Enrolled lets somebody on who had to set up a factor first and just did.
func (h *House) Enrolled(ctx context.Context, t *tenant.Tenant, token string, from Source) (string, error) {
	s, err := h.HalfIn(ctx, t, token)
	if err != nil {
		return "", err
	}
	if !s.enrol || !s.proven || !s.Rule.Accepts(s.Factors) {
		return "", fault.New(fault.Conflict, "identity.factor_first")
	}
	c, err := h.candidate(ctx, t, s.Person.Email)
	if err != nil {
		return "", err
	}
	return h.finishStep(ctx, t, s, c, &attempt{method: bySecond}, false, from)
}
