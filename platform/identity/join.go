package identity

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"unicode"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Newcomer is what somebody fills in who takes up an invitation and has no account yet. Without a Name the others see
// first and last name.
type Newcomer struct {
	FirstName, LastName, Name, Password, Locale string
	Terms                                       int64 // the wording that they accept, see TermsFor
}

// member is the newcomer as a member, checked; their password, too, unless a passkey takes its place.
func (n Newcomer) member(ctx context.Context, r store.Reader, email string, byPasskey bool) (NewMember, error) {
	m := NewMember{Email: email, Name: n.Name, FirstName: strings.TrimSpace(n.FirstName), LastName: strings.TrimSpace(n.LastName), Password: n.Password, Locale: n.Locale}
	form := fault.Form{}
	if n.Name == "" {
		form.Need(m.FirstName != "", "first_name", "identity.first_name_missing")
		form.Need(m.LastName != "", "last_name", "identity.last_name_missing")
		m.Name = strings.TrimSpace(m.FirstName + " " + m.LastName)
	}
	for field, text := range map[string]string{"first_name": m.FirstName, "last_name": m.LastName} {
		form.Need(len(text) <= 90, field, "identity.name_long")
		form.Need(!strings.ContainsFunc(text, unicode.IsControl), field, "identity.name_control")
	}
	if byPasskey {
		m.Password = ""
	} else {
		needPassword(&form, n.Password, email, m.Name)
	}
	var err error
	if m.terms, err = needTerms(ctx, r, &form, n.Terms); err != nil {
		return m, err
	}
	if err := form.Err(); err != nil {
		return m, err
	}
	return m, m.check()
}

// Join makes somebody with a fresh account a member, by the token of their invitation, and answers the token of their
// first session, or a HalfWay where a second factor is asked for. An address that can sign in already is refused: its
// password is proven by JoinKnown.
func (h *House) Join(ctx context.Context, t *tenant.Tenant, token string, n Newcomer, keep bool, from Source) (string, error) {
	i, hasAccount, err := h.Invited(ctx, t, token)
	if err != nil {
		return "", err
	}
	if hasAccount {
		return "", fault.New(fault.Conflict, "identity.join_known")
	}
	m, err := n.member(ctx, t.DB, i.Email, false)
	if err != nil {
		return "", err
	}
	if err := vacancy(ctx, t); err != nil {
		return "", err
	}
	m.unvouched = !h.trusts
	accountID, err := h.openAccount(ctx, m)
	if err != nil {
		return "", err
	}
	if err := h.takeUp(ctx, t, i, m, accountID); err != nil {
		return "", err
	}
	c, err := h.candidate(ctx, t, i.Email)
	if err != nil {
		return "", err
	}
	return h.enter(ctx, t, c, &attempt{method: byLink}, keep, from)
}

// JoinKnown makes somebody who has an account already a member, by the token of their invitation and the password of
// that account, and answers the token of a session here, or a HalfWay.
func (h *House) JoinKnown(ctx context.Context, t *tenant.Tenant, token, password string, keep bool, from Source) (string, error) {
	i, _, err := h.Invited(ctx, t, token)
	if err != nil {
		return "", err
	}
	a, err := h.accountByEmail(ctx, i.Email)
	if err != nil {
		return "", err
	}
	c := &candidate{key: guessKey(i.Email), accountID: a.id, name: a.name, hash: a.hash, state: a.state, credential: a.credential, mustReset: a.mustReset}
	proof, err := h.prove(ctx, t, c, password, from)
	if err != nil {
		return "", err
	}
	if err := h.takeUp(ctx, t, i, NewMember{Email: i.Email, Name: a.name}, a.id); err != nil {
		return "", err
	}
	if c, err = h.candidate(ctx, t, i.Email); err != nil {
		return "", err
	}
	return h.enter(ctx, t, c, proof, keep, from)
}

// takeUp makes the member with the roles of the invitation and uses it up, in one write.
func (h *House) takeUp(ctx context.Context, t *tenant.Tenant, i Invitation, n NewMember, accountID string) error {
	memberID := id.New()
	ctx = store.WithActor(ctx, store.Actor{ID: memberID, Name: n.Name})
	now := clock.Text(clock.Now(ctx))
	err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		done, err := tx.Exec(ctx, `UPDATE identity_invitations SET taken_at = ? WHERE id = ? AND taken_at IS NULL AND ends_at > ?`, now, i.ID, now)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fault.New(fault.NotFound, "identity.invitation_missing"))
		}
		if n.Owner, err = inherits(ctx, tx, i); err != nil {
			return err
		}
		if !n.Owner {
			n.Guest = i.Guest
		}
		if err := insertMember(ctx, tx, n, i.Roles, accountID, memberID); err != nil {
			return err
		}
		return roomFor(ctx, tx, t, false)
	})
	if err != nil {
		return err
	}
	return h.noteMembership(ctx, accountID, t.ID, memberID)
}

// accountByEmail is the account of an address; the zero one when there is none.
func (h *House) accountByEmail(ctx context.Context, email string) (a account, err error) {
	err = h.system.QueryRow(ctx, `SELECT id, name, password_hash, state, credential, must_reset, `+byPasskeyAlone+` FROM identity_accounts a WHERE email_key = ?`, fold(email)).
		Scan(&a.id, &a.name, &a.hash, &a.state, &a.credential, &a.mustReset, &a.passkeys)
	if errors.Is(err, sql.ErrNoRows) {
		return account{}, nil
	}
	return a, err
}
