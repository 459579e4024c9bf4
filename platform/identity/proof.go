package identity

import (
	"context"
	"database/sql"
	"errors"

	"github.com/go-webauthn/webauthn/protocol"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// HasPassword reports whether the person can sign in by password. Who cannot joined with a passkey, and confirms with it
// what others confirm with their password.
func (h *House) HasPassword(ctx context.Context, p *Person) (has bool, err error) {
	err = h.system.QueryRow(ctx, `SELECT password_hash <> '' FROM identity_accounts WHERE id = ?`, p.AccountID).Scan(&has)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return has, err
}

// IsProven reports whether the person showed a passkey within this session, StepLasts ago at most.
func (h *House) IsProven(ctx context.Context, t *tenant.Tenant, p *Person) (bool, error) {
	return isProven(ctx, t, p)
}

func isProven(ctx context.Context, t *tenant.Tenant, p *Person) (bool, error) {
	var n int
	err := t.DB.QueryRow(ctx, `SELECT COUNT(*) FROM identity_sessions WHERE id = ? AND member_id = ? AND ended_at IS NULL AND proven_at > ?`,
		p.Session, p.ID, clock.Text(clock.Now(ctx).Add(-StepLasts))).Scan(&n)
	return n > 0, err
}

// provenLately is the refusal of somebody who has no password and did not show a passkey, at the field where others write
// theirs.
func provenLately(ctx context.Context, t *tenant.Tenant, p *Person, field string) error {
	is, err := isProven(ctx, t, p)
	if err != nil {
		return err
	}
	form := fault.Form{}
	form.Need(is, field, "identity.prove_again")
	return form.Err()
}

// AskProof asks for a passkey of somebody who is signed in; nil when they have none for this site.
func (h *House) AskProof(ctx context.Context, t *tenant.Tenant, p *Person, site string) (*Ceremony, error) {
	return h.askPasskey(ctx, t, p, site, toProve, protocol.VerificationRequired)
}

// ProveByPasskey takes the answer: for StepLasts this session stands as if the password had been given.
func (h *House) ProveByPasskey(ctx context.Context, t *tenant.Tenant, p *Person, site, ceremony, answer string, from Source) error {
	c, err := h.candidate(ctx, t, p.Email)
	if err != nil {
		return err
	}
	a, err := h.try(ctx, t, passkeyGuess, c.key, from, acquaintance{})
	if err != nil {
		return err
	}
	if err := h.pause(ctx, a.delay); err != nil {
		return err
	}
	if err := h.opensPasskey(ctx, t, p, site, ceremony, answer, toProve); err != nil {
		return refusedPasskey(err, a.fail(ctx, t, c, from))
	}
	cached := h.cache(t)
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.AfterCommit(cached.forget) // the session goes on under a new token
		if err := a.succeed(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE identity_sessions SET proven_at = ?, standing = x'' WHERE id = ? AND ended_at IS NULL`, clock.Text(clock.Now(ctx)), p.Session)
		return err
	})
}

// someWayIn refuses a change of factors after which an account without a password could not be opened any more.
func someWayIn(ctx context.Context, tx *store.Tx, accountID string) error {
	var open bool
	err := tx.QueryRow(ctx, `SELECT password_hash <> '' OR EXISTS (SELECT 1 FROM identity_factors WHERE account_id = a.id AND kind = 'passkey')
		FROM identity_accounts a WHERE id = ?`, accountID).Scan(&open)
	if err == nil && !open {
		err = fault.New(fault.Conflict, "identity.last_way")
	}
	return err
}
