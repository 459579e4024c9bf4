package identity

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// The gate is the host of the appliance itself: who signs in there sees the organisations they belong to and nothing of any.
const (
	gateLasts     = 12 * time.Hour
	handoverLasts = 30 * time.Second
)

// Caller is somebody at the gate.
type Caller struct {
	AccountID, Name, Email, Locale string
	Half                           bool // a second factor is still to be proven: until then they see nothing
	credential                     int64
	factor                         string
	key                            fingerprint
}

// gate counts guesses in system.db with the same limits as in an organisation.
func (h *House) gate() *tenant.Tenant { return &tenant.Tenant{DB: h.system} }

// SignInAtGate answers the token of a caller whose password is right. Accounts with a second factor are half-way then.
func (h *House) SignInAtGate(ctx context.Context, email, password string, from Source) (token string, half bool, err error) {
	c := &candidate{key: guessKey(email)}
	err = h.system.QueryRow(ctx, `SELECT id, password_hash, state, credential, must_reset FROM identity_accounts WHERE email_key = ?`, c.key).
		Scan(&c.accountID, &c.hash, &c.state, &c.credential, &c.mustReset)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", false, err
	}
	a, err := h.guessAtGate(ctx, passwordGuess, c.key, from)
	if err != nil {
		return "", false, err
	}
	right, err := h.hashes.matches(ctx, c.hash, password)
	if err != nil {
		return "", false, err
	}
	if !right || c.state != active {
		return "", false, failedAtGate(ctx, a, from)
	}
	if c.mustReset {
		return "", false, fault.New(fault.SignedOut, "identity.must_reset")
	}
	has, err := h.WithFactors(ctx, []string{c.accountID})
	if err != nil {
		return "", false, err
	}
	token, err = h.openGate(ctx, a, &Caller{AccountID: c.accountID, credential: c.credential, Half: has[c.accountID]})
	return token, has[c.accountID], err
}

// SecondAtGate proves the second factor of a caller who is half-way, and answers a new token.
func (h *House) SecondAtGate(ctx context.Context, token, code string, from Source) (string, error) {
	c, err := h.Caller(ctx, token)
	if err != nil {
		return "", err
	}
	a, err := h.guessAtGate(ctx, factorGuess, guessKey(c.Email), from)
	if err != nil {
		return "", err
	}
	kind, err := h.opensFactor(ctx, c.AccountID, code, false)
	if err != nil {
		return "", err
	}
	if kind == "" {
		if err := failedAtGate(ctx, a, from); !fault.Is(err, fault.SignedOut) {
			return "", err
		}
		form := fault.Form{}
		form.Need(false, "code", "identity.code_wrong")
		return "", form.Err()
	}
	old := c.key
	c.Half, c.factor = false, kind
	fresh, err := h.openGate(ctx, a, c)
	if err != nil {
		return "", err
	}
	return fresh, h.closeGate(ctx, old)
}

func (h *House) guessAtGate(ctx context.Context, door, key string, from Source) (*attempt, error) {
	a, err := h.try(ctx, h.gate(), door, key, from, acquaintance{})
	if err != nil {
		return nil, err
	}
	return a, h.pause(ctx, a.delay)
}

// failedAtGate stands in the log of the appliance: no organisation has a part in it.
func failedAtGate(ctx context.Context, a *attempt, from Source) error {
	slog.WarnContext(ctx, "a sign-in on the appliance's own host failed", "door", a.door, "address", from.Address, "failures", a.tried)
	return signedOut()
}

func (h *House) openGate(ctx context.Context, a *attempt, c *Caller) (string, error) {
	token := id.Secret(32)
	key, now := fingerprintOf(token), clock.Now(ctx)
	lasts := gateLasts
	if c.Half {
		lasts = StepLasts
	}
	return token, h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.succeed(ctx, tx); err != nil {
			return err
		}
		for _, query := range []string{
			`DELETE FROM identity_gate_sessions WHERE ends_at <= ?`, `DELETE FROM identity_handovers WHERE ends_at <= ?`,
		} {
			if _, err := tx.Exec(ctx, query, clock.Text(now)); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identity_throttle WHERE last_at < ?`, clock.Text(now.Add(-forgetAfter))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO identity_gate_sessions (token_hash, account_id, credential, half, factor, ends_at) VALUES (?, ?, ?, ?, ?, ?)`,
			key[:], c.AccountID, c.credential, c.Half, c.factor, clock.Text(now.Add(lasts)))
		return err
	})
}

// Caller is who the token stands for; fault.SignedOut when it ended, the password changed or the account is suspended.
func (h *House) Caller(ctx context.Context, token string) (*Caller, error) {
	c := &Caller{key: fingerprintOf(token)}
	err := h.system.QueryRow(ctx, `SELECT a.id, a.name, a.email, a.locale, a.credential, g.half, g.factor
		FROM identity_gate_sessions g JOIN identity_accounts a ON a.id = g.account_id
		WHERE g.token_hash = ? AND g.ends_at > ? AND g.credential = a.credential AND a.state = 'active' AND a.must_reset = 0`,
		c.key[:], clock.Text(clock.Now(ctx))).Scan(&c.AccountID, &c.Name, &c.Email, &c.Locale, &c.credential, &c.Half, &c.factor)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, sessionOver()
	}
	return c, err
}

// LeaveGate ends the caller's session.
func (h *House) LeaveGate(ctx context.Context, token string) error {
	return h.closeGate(ctx, fingerprintOf(token))
}

func (h *House) closeGate(ctx context.Context, key fingerprint) error {
	return h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM identity_gate_sessions WHERE token_hash = ?`, key[:])
		return err
	})
}

// Memberships are the ids of the organisations that the account belongs to, each with that of the member there.
func (h *House) Memberships(ctx context.Context, accountID string) (map[string]string, error) {
	rows, err := h.system.Query(ctx, `SELECT tenant_id, member_id FROM identity_memberships WHERE account_id = ? ORDER BY tenant_id`, accountID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]string{}
	for rows.Next() {
		var tenantID, memberID string
		if err := rows.Scan(&tenantID, &memberID); err != nil {
			return nil, err
		}
		found[tenantID] = memberID
	}
	return found, rows.Err()
}

// Calling is a person of an organisation who wants to go to another one. What they proved here besides the password counts for
// this organisation alone.
func (p *Person) Calling() *Caller {
	return &Caller{AccountID: p.AccountID, Name: p.Name, Email: p.Email, Locale: p.Locale, credential: p.credential}
}

// HandOver answers a token that carries the caller to the host of a tenant they belong to: once, within half a minute. What they
// may do there is looked at there.
func (h *House) HandOver(ctx context.Context, c *Caller, tenantID string) (string, error) {
	if c.Half {
		return "", sessionOver()
	}
	token := id.Secret(32)
	key := fingerprintOf(token)
	return token, h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		done, err := tx.Exec(ctx, `INSERT INTO identity_handovers (token_hash, account_id, tenant_id, credential, factor, ends_at)
			SELECT ?, account_id, tenant_id, ?, ?, ? FROM identity_memberships WHERE account_id = ? AND tenant_id = ?`,
			key[:], c.credential, c.factor, clock.Text(clock.Now(ctx).Add(handoverLasts)), c.AccountID, tenantID)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fault.New(fault.NotFound, "identity.member_missing"))
		}
		return nil
	})
}

// Arriving is the name of the one whom a hand-over token carries to this tenant. The token stays unused.
func (h *House) Arriving(ctx context.Context, t *tenant.Tenant, token string) (name string, err error) {
	key := fingerprintOf(token)
	err = h.system.QueryRow(ctx, `SELECT a.name FROM identity_handovers o JOIN identity_accounts a ON a.id = o.account_id
		WHERE o.token_hash = ? AND o.tenant_id = ? AND o.ends_at > ?`, key[:], t.ID, clock.Text(clock.Now(ctx))).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		err = sessionOver()
	}
	return name, err
}

// Arrive uses a hand-over token up and answers the token of a session, or a HalfWay where the tenant's rule asks for a second
// factor that was not proven yet. Whatever the token's maker could do elsewhere counts for nothing here.
func (h *House) Arrive(ctx context.Context, t *tenant.Tenant, token string, from Source) (string, error) {
	key := fingerprintOf(token)
	var accountID, factor string
	var credential int64
	err := h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `DELETE FROM identity_handovers WHERE token_hash = ? AND tenant_id = ? AND ends_at > ?
			RETURNING account_id, credential, factor`, key[:], t.ID, clock.Text(clock.Now(ctx))).Scan(&accountID, &credential, &factor)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return "", sessionOver()
	}
	if err != nil {
		return "", err
	}
	p, err := one(h.people(ctx, t, t.DB, `WHERE account_id = ? ORDER BY name, id`, accountID))
	if err != nil {
		return "", errors.Join(sessionOver(), err)
	}
	c, err := h.candidate(ctx, t, p.Email)
	if err != nil {
		return "", err
	}
	if c.accountID != accountID || c.state != active || c.credential != credential || c.mustReset {
		return "", sessionOver()
	}
	rule, err := h.FactorRuleOf(ctx, t, p)
	if err != nil {
		return "", err
	}
	factors, err := h.factors(ctx, accountID)
	if err != nil {
		return "", err
	}
	if factor != "" && (!rule.PasskeyOnly || factor != TOTP && rule.Accepts(factors)) {
		return h.startSession(ctx, t, c, &attempt{method: byHandOver}, false, from)
	}
	return h.enter(ctx, t, c, &attempt{method: byHandOver}, false, from)
}
