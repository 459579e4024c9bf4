package identity

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/notify"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// ResetLasts is how long a link for a new password opens.
const ResetLasts = time.Hour

// MakeReset answers the token of a link with which a member chooses a new password, this once. Older links of the
// account open nothing any more. by needs to hold what the member holds, and the account must belong to this
// organisation alone: else whoever manages people here could take over an account of another organisation.
func (h *House) MakeReset(ctx context.Context, t *tenant.Tenant, by *Person, memberID string) (string, error) {
	var p *Person
	err := h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, found *Person) error {
		p = found
		return audit.Record(ctx, tx, audit.Entry{Action: "identity.reset_made", Object: "member:" + p.ID, Title: p.Name})
	})
	if err != nil {
		return "", err
	}
	return h.newReset(ctx, p.AccountID, func(ctx context.Context, tx *store.Tx) error { return belongsHere(ctx, tx, p) })
}

// belongsHere refuses when the account is a member of other organisations, too, or runs the appliance: whoever manages people here
// must not come to hold what it opens elsewhere.
func belongsHere(ctx context.Context, tx *store.Tx, p *Person) error {
	var n int
	err := tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM identity_memberships WHERE account_id = ?1) + (SELECT COUNT(*) FROM identity_operators WHERE account_id = ?1)`,
		p.AccountID).Scan(&n)
	if err == nil && n > 1 {
		err = fault.New(fault.Forbidden, "identity.shared_account", "name", p.Name)
	}
	return err
}

// newReset makes a link in one write with the question whether there may be one.
func (h *House) newReset(ctx context.Context, accountID string, allowed func(context.Context, *store.Tx) error) (string, error) {
	token := id.Secret(32)
	key := fingerprintOf(token)
	now := clock.Now(ctx)
	return token, h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := allowed(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identity_resets WHERE account_id = ? OR ends_at <= ?`, accountID, clock.Text(now)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO identity_resets (token_hash, account_id, made_at, ends_at) VALUES (?, ?, ?, ?)`,
			key[:], accountID, clock.Text(now), clock.Text(now.Add(ResetLasts)))
		return err
	})
}

// dropLinks takes away the links with which an account would get a new password, and the tokens that carry it to the tenant.
func dropLinks(ctx context.Context, tx *store.Tx, accountID, tenantID string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM identity_resets WHERE account_id = ?`, accountID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM identity_handovers WHERE account_id = ? AND tenant_id = ?`, accountID, tenantID)
	return err
}

// dropWays ends the sign-ins of the account on the appliance's own host, and what is on its way from there to the tenant: else
// whoever was signed out would be back by one click.
func dropWays(ctx context.Context, tx *store.Tx, accountID, tenantID string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM identity_gate_sessions WHERE account_id = ?`, accountID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM identity_handovers WHERE account_id = ? AND tenant_id = ?`, accountID, tenantID)
	return err
}

// Forgot is asked by somebody who cannot sign in. Until mail goes out, those who manage people are told and can make a
// link. The page says the same to everybody, and nobody waits for more when the address is known: who is to be told is found
// out beside the answer.
func (h *House) Forgot(ctx context.Context, t *tenant.Tenant, email string, from Source) error {
	c, err := h.candidate(ctx, t, email)
	if err != nil {
		return err
	}
	// Asking counts like a failed sign-in, so that nobody rings every bell or tries addresses by the thousand.
	if _, err := h.try(ctx, t, resetGuess, c.key, from, acquaintance{}); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	t.Hold()
	h.beside(func() {
		defer t.Leave()
		defer func() {
			if broken := recover(); broken != nil {
				slog.ErrorContext(ctx, "telling of a forgotten password broke", "tenant", t.Slug, "error", broken)
			}
		}()
		if err := h.tellForgotten(ctx, t, c, email); err != nil {
			slog.WarnContext(ctx, "nobody was told of a forgotten password", "tenant", t.Slug, "error", err)
		}
	})
	return nil
}

func (h *House) tellForgotten(ctx context.Context, t *tenant.Tenant, c *candidate, email string) error {
	members, err := h.Members(ctx, t)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(members, func(m *Person) bool { return m.ID == c.memberID })
	if at < 0 || c.state != active {
		return nil
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, to := range members {
			if !to.Can("manage_users") || !h.covers(to, members[at]) {
				continue
			}
			err := notify.Send(ctx, tx, notify.Note{
				To: to.ID, Kind: "identity.password_forgotten", Icon: "key-round", Link: "/team/members/" + c.memberID, Args: []string{"name", c.name, "email", email},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Resettable is the member whose password the token of a link opens; fault.NotFound when it is used up or too old.
func (h *House) Resettable(ctx context.Context, t *tenant.Tenant, token string) (*Person, error) {
	key := fingerprintOf(token)
	var accountID string
	err := h.system.QueryRow(ctx, `SELECT account_id FROM identity_resets WHERE token_hash = ? AND ends_at > ?`, key[:], clock.Text(clock.Now(ctx))).Scan(&accountID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "identity.reset_missing")
	}
	if err != nil {
		return nil, err
	}
	p, err := one(h.people(ctx, t, t.DB, `WHERE account_id = ? ORDER BY name, id`, accountID))
	if fault.Is(err, fault.NotFound) || err == nil && p.state != active {
		return nil, fault.New(fault.NotFound, "identity.reset_missing")
	}
	return p, err
}

// Reset gives the account behind a link its new password and ends every session, everywhere. It does not sign in: a
// second factor is still asked for.
func (h *House) Reset(ctx context.Context, t *tenant.Tenant, token, password string) error {
	p, err := h.Resettable(ctx, t, token)
	if err != nil {
		return err
	}
	form := fault.Form{}
	needPassword(&form, password, p.Email, p.Name)
	if err := form.Err(); err != nil {
		return err
	}
	key := fingerprintOf(token)
	err = h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		done, err := tx.Exec(ctx, `DELETE FROM identity_resets WHERE token_hash = ?`, key[:])
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fault.New(fault.NotFound, "identity.reset_missing"))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return h.SetPassword(ctx, t, p.ID, password)
}

// DemandReset voids the member's password until it is new, ends their sessions and answers the token of the link.
func (h *House) DemandReset(ctx context.Context, t *tenant.Tenant, by *Person, memberID string) (string, error) {
	token, err := h.MakeReset(ctx, t, by, memberID)
	if err != nil {
		return "", err
	}
	p, err := h.Member(ctx, t, memberID)
	if err != nil {
		return "", err
	}
	err = h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.AfterCommit(func() { h.accounts.Add(1) })
		_, err := tx.Exec(ctx, `UPDATE identity_accounts SET must_reset = 1, credential = credential + 1 WHERE id = ?`, p.AccountID)
		return err
	})
	if err != nil {
		return "", err
	}
	return token, h.SignOutMember(ctx, t, by, memberID, false)
}

// GivePassword gives a member a new password on behalf of somebody who manages people; the member is told, and all their sessions
// end. The account must belong to this organisation alone, and nobody changes their own password this way.
func (h *House) GivePassword(ctx context.Context, t *tenant.Tenant, by *Person, memberID, password string) error {
	err := h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, p *Person) error {
		if p.ID == by.ID {
			return fault.New(fault.Conflict, "identity.password_own")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return h.setPassword(ctx, t, memberID, password, belongsHere)
}

// IsShared reports whether the person's account is a member of other organisations, too.
func (h *House) IsShared(ctx context.Context, p *Person) (bool, error) {
	there, err := h.Memberships(ctx, p.AccountID)
	return len(there) > 1, err
}
