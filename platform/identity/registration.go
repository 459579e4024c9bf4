package identity

import (
	"context"
	"strings"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
)

// TrustOrganisations says whether the operator answers for whoever runs an organisation here. Where anybody may make one, an
// invitation proves nothing about the address that it was written to: its maker has the link.
func (h *House) TrustOrganisations(yes bool) { h.trusts = yes }

const registerGuess = "register"

// Register makes an account for somebody whom nobody invited, and answers the token of their sign-in at the gate. Until somebody
// vouches for the address it is only a name to sign in with: see InvitedTo. An address that has an account already is refused with
// the words for one that may not register, and every attempt counts, so that trying out addresses ends soon.
func (h *House) Register(ctx context.Context, email string, n Newcomer, from Source, may func(email string) bool) (token string, err error) {
	m := NewMember{Email: email, Name: n.Name, Password: n.Password, Locale: n.Locale}
	if err := m.check(); err != nil {
		return "", err
	}
	if err := CheckNew(m.Email, m.Name, m.Password); err != nil {
		return "", err
	}
	// Counted by place alone, and never taken back: whoever tries many addresses from one place has to pause.
	if _, err := h.guessAtGate(ctx, registerGuess, "", from); err != nil {
		return "", err
	}
	hash, err := h.hashes.hash(ctx, m.Password)
	if err != nil {
		return "", err
	}
	form := fault.Form{}
	if !may(strings.ToLower(m.Email)) {
		form.Need(false, "email", "identity.register_refused")
		return "", form.Err()
	}
	accountID := id.New()
	err = h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		done, err := tx.Exec(ctx, `INSERT INTO identity_accounts (id, email, email_key, name, password_hash, locale, vouched, made_at)
			VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING`,
			accountID, m.Email, fold(m.Email), m.Name, hash, m.Locale, clock.Text(clock.Now(ctx)))
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			form.Need(false, "email", "identity.register_refused")
			return form.Err()
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return h.openGate(ctx, &attempt{}, &Caller{AccountID: accountID, credential: 1})
}
