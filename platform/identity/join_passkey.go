package identity

import (
	"context"
	"errors"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// byPasskeyAlone is whether passkeys are the only way into an account that belongs to somebody. One without a membership
// was left over when joining failed.
const byPasskeyAlone = `password_hash = '' AND EXISTS (SELECT 1 FROM identity_factors f WHERE f.account_id = a.id AND f.kind = 'passkey')
	AND EXISTS (SELECT 1 FROM identity_memberships m WHERE m.account_id = a.id)`

// TakesNewPasskeys reports whether somebody who was invited can join with a passkey in place of a password: they work at
// this site, and the rule for their roles allows them.
func (h *House) TakesNewPasskeys(ctx context.Context, t *tenant.Tenant, i Invitation, site string) (bool, error) {
	if !TakesPasskeys(site) {
		return false, nil
	}
	rule, err := factorRuleFor(ctx, t.DB, i.Roles)
	return rule.Mode != FactorsOff, err
}

// KnownByPasskey reports whether an address signs in with a passkey alone: no page of another host can let it in.
func (h *House) KnownByPasskey(ctx context.Context, email string) (bool, error) {
	a, err := h.accountByEmail(ctx, email)
	return a.passkeys, err
}

// BeginJoin asks the browser for the passkey with which somebody will sign in who takes up an invitation. It has to
// recognise its owner and to be found without a name: there is no password beside it. Nothing is kept until JoinByPasskey.
func (h *House) BeginJoin(ctx context.Context, t *tenant.Tenant, token, site, name string, n Newcomer) (*Ceremony, error) {
	i, m, err := h.joining(ctx, t, token, site, n)
	if err != nil {
		return nil, err
	}
	party, err := relyingParty(t.Name, site)
	if err != nil {
		return nil, fault.New(fault.Conflict, "identity.passkey_host")
	}
	a, err := h.accountByEmail(ctx, i.Email)
	if err != nil {
		return nil, err
	}
	k := &keyring{accountID: a.id, email: i.Email, name: m.Name}
	if k.accountID == "" {
		k.accountID = id.New()
	}
	options, data, err := party.BeginRegistration(k, webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
		ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired,
	}))
	if err != nil {
		return nil, err
	}
	return h.ceremony(ctx, t, asked{For: toJoin, Whom: i.ID, Name: name, Data: *data}, options.Response)
}

// JoinByPasskey is Join with the answer to BeginJoin in place of a password: the account has none. Beside the token of the
// first session it answers the recovery codes, this once.
func (h *House) JoinByPasskey(ctx context.Context, t *tenant.Tenant, token, site, ceremony, answer string, n Newcomer, from Source) (session string, recovery []string, err error) {
	i, m, err := h.joining(ctx, t, token, site, n)
	if err != nil {
		return "", nil, err
	}
	if err := vacancy(ctx, t); err != nil {
		return "", nil, err
	}
	a, party, err := h.answered(ctx, t, site, ceremony, toJoin, i.ID)
	if err != nil {
		return "", nil, err
	}
	k := &keyring{accountID: string(a.Data.UserID), email: i.Email, name: m.Name}
	key, plain, err := created(k, a, party, answer)
	if err != nil {
		return "", nil, err
	}
	m.unvouched = !h.trusts
	f := Factor{ID: id.New(), Kind: Passkey, Name: a.Name, Host: party.Config.RPID}
	err = h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := freshAccount(ctx, tx, m, k.accountID); err != nil {
			return err
		}
		recovery, err = h.putFactor(ctx, tx, k.accountID, f, key.ID, plain, int64(key.Authenticator.SignCount))
		return err
	})
	if err != nil {
		return "", nil, err
	}
	if err := h.takeUp(ctx, t, i, m, k.accountID); err != nil {
		return "", nil, err
	}
	c, err := h.candidate(ctx, t, i.Email)
	if err != nil {
		return "", nil, err
	}
	session, err = h.startSession(ctx, t, c, &attempt{method: byPasskey}, false, from)
	return session, recovery, err
}

// joining is the invitation of somebody who joins with a passkey, and who they will be.
func (h *House) joining(ctx context.Context, t *tenant.Tenant, token, site string, n Newcomer) (Invitation, NewMember, error) {
	i, hasAccount, err := h.Invited(ctx, t, token)
	if err != nil {
		return i, NewMember{}, err
	}
	if hasAccount {
		return i, NewMember{}, fault.New(fault.Conflict, "identity.join_known")
	}
	if takes, err := h.TakesNewPasskeys(ctx, t, i, site); err != nil || !takes {
		return i, NewMember{}, errors.Join(err, fault.New(fault.Conflict, "identity.factors_off"))
	}
	m, err := n.member(ctx, t.DB, i.Email, true)
	return i, m, err
}

// freshAccount makes the account that a passkey opens. What an attempt before this one left behind opens nothing any more;
// an account that somebody uses is never touched.
func freshAccount(ctx context.Context, tx *store.Tx, m NewMember, accountID string) error {
	found, err := putAccount(ctx, tx, m, "", accountID)
	if err != nil {
		return err
	}
	var used bool
	err = tx.QueryRow(ctx, `SELECT password_hash <> '' OR EXISTS (SELECT 1 FROM identity_memberships WHERE account_id = a.id) FROM identity_accounts a WHERE id = ?`, found).Scan(&used)
	if err != nil {
		return err
	}
	if used || found != accountID {
		return fault.New(fault.Conflict, "identity.join_known")
	}
	for _, query := range []string{`DELETE FROM identity_factors WHERE account_id = ?`, `DELETE FROM identity_recovery_codes WHERE account_id = ?`} {
		if _, err := tx.Exec(ctx, query, accountID); err != nil {
			return err
		}
	}
	return nil
}
