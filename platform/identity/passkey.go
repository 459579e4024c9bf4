package identity

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Ceremony is one question to a passkey: what the page hands to the browser, and the token that comes back with the
// answer. It is answered once, within StepLasts, at the host and by the person that it was made for.
type Ceremony struct {
	Options string // JSON, for navigator.credentials
	Token   string
}

// What a ceremony is for.
const (
	toAdd    = "add"
	toStep   = "step"
	toSignIn = "sign_in"
	toJoin   = "join"
	toProve  = "prove"
)

// asked is a ceremony as its token holds it, sealed.
type asked struct {
	For  string               `json:"for"`
	Whom string               `json:"whom"` // account id; of joining: the invitation's; of a sign-in: nobody yet
	Name string               `json:"name"` // of the passkey that is added
	Ends time.Time            `json:"ends"`
	Data webauthn.SessionData `json:"data"`
}

// keyring is the passkeys that an account has for one host, as WebAuthn wants to see a person.
type keyring struct {
	accountID, email, name string
	keys                   []webauthn.Credential
	factors                []string // ids, as keys
}

func (k *keyring) WebAuthnID() []byte                         { return []byte(k.accountID) }
func (k *keyring) WebAuthnName() string                       { return k.email }
func (k *keyring) WebAuthnDisplayName() string                { return k.name }
func (k *keyring) WebAuthnCredentials() []webauthn.Credential { return k.keys }

// TakesPasskeys reports whether passkeys work at a site ("https://acme.example"): they belong to a name, never to a bare
// network address.
func TakesPasskeys(site string) bool {
	_, err := relyingParty("RUNES", site)
	return err == nil
}

// relyingParty is the organisation as passkeys know it: by the host that the browser reached.
func relyingParty(name, site string) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(site)
	if err != nil {
		return nil, err
	}
	return webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: name, RPOrigins: []string{site}, AttestationPreference: protocol.PreferNoAttestation,
	})
}

// keyring reads the account's passkeys for the host.
func (h *House) keyring(ctx context.Context, p *Person, host string) (*keyring, error) {
	k := &keyring{accountID: p.AccountID, email: p.Email, name: p.Name}
	rows, err := h.system.Query(ctx, `SELECT id, secret FROM identity_factors WHERE account_id = ? AND kind = 'passkey' AND host = ? ORDER BY made_at, id`,
		p.AccountID, host)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var factorID string
		var sealed []byte
		if err := rows.Scan(&factorID, &sealed); err != nil {
			return nil, err
		}
		plain, err := h.box.Open("factor:"+factorID, bytes.Clone(sealed))
		if err != nil {
			return nil, err
		}
		var key webauthn.Credential
		if err := json.Unmarshal(plain, &key); err != nil {
			return nil, err
		}
		k.keys, k.factors = append(k.keys, key), append(k.factors, factorID)
	}
	return k, rows.Err()
}

// BeginPasskey asks the browser for a new passkey of the person. Whoever calls has asked for the password, or for what
// stands for it in a sign-in.
func (h *House) BeginPasskey(ctx context.Context, t *tenant.Tenant, p *Person, site, name string) (*Ceremony, error) {
	if err := checkFactorName(name); err != nil {
		return nil, err
	}
	party, err := relyingParty(t.Name, site)
	if err != nil {
		return nil, fault.New(fault.Conflict, "identity.passkey_host")
	}
	k, err := h.keyring(ctx, p, party.Config.RPID)
	if err != nil {
		return nil, err
	}
	options, data, err := party.BeginRegistration(k,
		webauthn.WithExclusions(webauthn.Credentials(k.keys).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred,
		}))
	if err != nil {
		return nil, err
	}
	return h.ceremony(ctx, t, asked{For: toAdd, Whom: p.AccountID, Name: name, Data: *data}, options.Response)
}

// AddPasskey keeps the passkey that answered, and the recovery codes if these are the person's first ones.
func (h *House) AddPasskey(ctx context.Context, t *tenant.Tenant, p *Person, site, token, answer string) (recovery []string, err error) {
	a, party, err := h.answered(ctx, t, site, token, toAdd, p.AccountID)
	if err != nil {
		return nil, err
	}
	k, err := h.keyring(ctx, p, party.Config.RPID)
	if err != nil {
		return nil, err
	}
	key, plain, err := created(k, a, party, answer)
	if err != nil {
		return nil, err
	}
	f := Factor{Kind: Passkey, Name: a.Name, Host: party.Config.RPID}
	return h.addFactor(ctx, t, p, f, key.ID, plain, int64(key.Authenticator.SignCount))
}

// created is the passkey that answered a question for a new one, and how it is kept.
func created(k *keyring, a *asked, party *webauthn.WebAuthn, answer string) (key *webauthn.Credential, plain []byte, err error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return nil, nil, notThatPasskey()
	}
	if key, err = party.CreateCredential(k, a.Data, parsed); err != nil {
		return nil, nil, notThatPasskey()
	}
	plain, err = json.Marshal(key)
	return key, plain, err
}

// AskPasskey asks for a passkey as the second factor of a sign-in; nil when the person has none for this host.
func (h *House) AskPasskey(ctx context.Context, t *tenant.Tenant, s *Step, site string) (*Ceremony, error) {
	return h.askPasskey(ctx, t, s.Person, site, toStep, protocol.VerificationPreferred)
}

func (h *House) askPasskey(ctx context.Context, t *tenant.Tenant, p *Person, site, why string, verified protocol.UserVerificationRequirement) (*Ceremony, error) {
	party, err := relyingParty(t.Name, site)
	if err != nil {
		return nil, nil
	}
	k, err := h.keyring(ctx, p, party.Config.RPID)
	if err != nil || len(k.keys) == 0 {
		return nil, err
	}
	options, data, err := party.BeginLogin(k, webauthn.WithUserVerification(verified))
	if err != nil {
		return nil, err
	}
	return h.ceremony(ctx, t, asked{For: why, Whom: p.AccountID, Data: *data}, options.Response)
}

// SecondByPasskey proves the second factor by a passkey and answers the token of the session.
func (h *House) SecondByPasskey(ctx context.Context, t *tenant.Tenant, step, site, token, answer string, remember bool, from Source) (string, error) {
	s, err := h.HalfIn(ctx, t, step)
	if err != nil {
		return "", err
	}
	c, a, err := h.tryFactor(ctx, t, s, from)
	if err != nil {
		return "", err
	}
	if err := h.opensPasskey(ctx, t, s.Person, site, token, answer, toStep); err != nil {
		return "", refusedPasskey(err, a.fail(ctx, t, c, from))
	}
	return h.finishStep(ctx, t, s, c, a, remember, from)
}

// BeginSignIn asks whatever passkeys the browser has for this host: whose they are, the answer says.
func (h *House) BeginSignIn(ctx context.Context, t *tenant.Tenant, site string) (*Ceremony, error) {
	party, err := relyingParty(t.Name, site)
	if err != nil {
		return nil, fault.New(fault.Conflict, "identity.passkey_host")
	}
	options, data, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, err
	}
	return h.ceremony(ctx, t, asked{For: toSignIn, Data: *data}, options.Response)
}

// SignInByPasskey lets somebody in by a passkey alone. It verified the person itself (by finger, face or PIN), so that it
// stands for the password and the second factor. Unknown passkeys and suspended people get the same answer.
func (h *House) SignInByPasskey(ctx context.Context, t *tenant.Tenant, site, token, answer string, keep bool, from Source) (string, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return "", notThatPasskey()
	}
	accountID := string(parsed.Response.UserHandle)
	c, err := h.accountCandidate(ctx, t, accountID)
	if err != nil {
		return "", err
	}
	a, err := h.try(ctx, t, passkeyGuess, c.key, from, acquaintance{})
	if err != nil {
		return "", err
	}
	if err := h.pause(ctx, a.delay); err != nil {
		return "", err
	}
	p := &Person{AccountID: accountID}
	if c.memberID != "" {
		if p, err = h.Member(ctx, t, c.memberID); err != nil {
			return "", err
		}
	}
	err = h.opensPasskey(ctx, t, p, site, token, answer, toSignIn)
	if err == nil && (c.memberID == "" || c.state != active) {
		err = notThatPasskey()
	}
	if err != nil {
		return "", refusedPasskey(err, a.fail(ctx, t, c, from))
	}
	if c.mustReset {
		return "", fault.New(fault.SignedOut, "identity.must_reset")
	}
	a.method = byPasskey
	return h.startSession(ctx, t, c, a, keep, from)
}

// accountCandidate is the member of an account. Nobody has a key of their own, too, under which failures count.
func (h *House) accountCandidate(ctx context.Context, t *tenant.Tenant, accountID string) (*candidate, error) {
	var email string
	err := t.DB.QueryRow(ctx, `SELECT email FROM identity_members WHERE account_id = ?`, accountID).Scan(&email)
	if errors.Is(err, sql.ErrNoRows) {
		return &candidate{key: guessKey("passkey " + accountID)}, nil
	}
	if err != nil {
		return nil, err
	}
	return h.candidate(ctx, t, email)
}

// opensPasskey reports by its error whether the answer comes from one of the person's passkeys. The counter of a passkey
// only ever goes up: one that does not is a copy at work, and the person is told.
func (h *House) opensPasskey(ctx context.Context, t *tenant.Tenant, p *Person, site, token, answer, why string) error {
	whom := p.AccountID
	if why == toSignIn {
		whom = ""
	}
	a, party, err := h.answered(ctx, t, site, token, why, whom)
	if err != nil {
		return err
	}
	k, err := h.keyring(ctx, p, party.Config.RPID)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return notThatPasskey()
	}
	var key *webauthn.Credential
	if why == toSignIn {
		_, key, err = party.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return k, nil }, a.Data, parsed)
	} else {
		key, err = party.ValidateLogin(k, a.Data, parsed)
	}
	if err != nil {
		return notThatPasskey()
	}
	for n := range k.keys {
		if bytes.Equal(k.keys[n].ID, key.ID) {
			return h.usePasskey(ctx, t, p, k.factors[n], key)
		}
	}
	return notThatPasskey()
}

// usePasskey notes the passkey's counter. Two uses at once with one counter are a copy, too.
func (h *House) usePasskey(ctx context.Context, t *tenant.Tenant, p *Person, factorID string, key *webauthn.Credential) error {
	isCopy := key.Authenticator.CloneWarning
	key.Authenticator.CloneWarning = false
	plain, err := json.Marshal(key)
	if err != nil {
		return err
	}
	count := int64(key.Authenticator.SignCount)
	if !isCopy {
		err = h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			done, err := tx.Exec(ctx, `UPDATE identity_factors SET secret = ?, last_step = ?, used_at = ? WHERE id = ? AND (last_step < ? OR last_step = 0 AND ? = 0)`,
				h.box.Seal("factor:"+factorID, plain), count, clock.Text(clock.Now(ctx)), factorID, count, count)
			if err != nil {
				return err
			}
			n, err := done.RowsAffected()
			isCopy = n == 0
			return err
		})
	}
	if err != nil || !isCopy {
		return err
	}
	if err := h.tellFactor(ctx, t, p, "identity.passkey_copied", ""); err != nil {
		return err
	}
	return fault.New(fault.SignedOut, "identity.passkey_copy")
}

// ceremony seals what is asked. Nothing is kept of it until it is answered: asking is open to everybody.
func (h *House) ceremony(ctx context.Context, t *tenant.Tenant, a asked, options any) (*Ceremony, error) {
	a.Ends = clock.Now(ctx).Add(StepLasts)
	plain, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	asks, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	return &Ceremony{Options: string(asks), Token: base64.RawURLEncoding.EncodeToString(h.box.Seal("ceremony:"+t.ID, plain))}, nil
}

// answered opens a ceremony and uses it up, whatever comes of it.
func (h *House) answered(ctx context.Context, t *tenant.Tenant, site, token, why, whom string) (*asked, *webauthn.WebAuthn, error) {
	party, err := relyingParty(t.Name, site)
	if err != nil {
		return nil, nil, fault.New(fault.Conflict, "identity.passkey_host")
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, nil, ceremonyOver()
	}
	plain, err := h.box.Open("ceremony:"+t.ID, sealed)
	if err != nil {
		return nil, nil, ceremonyOver()
	}
	a := new(asked)
	if err := json.Unmarshal(plain, a); err != nil {
		return nil, nil, fmt.Errorf("a ceremony of our own: %w", err)
	}
	now := clock.Now(ctx)
	if a.For != why || a.Whom != whom || a.Data.RelyingPartyID != party.Config.RPID || !now.Before(a.Ends) {
		return nil, nil, ceremonyOver()
	}
	key := fingerprintOf(token)
	err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM identity_ceremonies WHERE ends_at <= ?`, clock.Text(now)); err != nil {
			return err
		}
		done, err := tx.Exec(ctx, `INSERT INTO identity_ceremonies (key_hash, ends_at) VALUES (?, ?) ON CONFLICT DO NOTHING`, key[:], clock.Text(a.Ends))
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ceremonyOver())
		}
		return nil
	})
	return a, party, err
}

func ceremonyOver() error { return fault.New(fault.SignedOut, "identity.passkey_over") }

func notThatPasskey() error { return fault.New(fault.SignedOut, "identity.passkey_wrong") }

// refusedPasskey is why a passkey opened nothing, unless writing that down failed.
func refusedPasskey(why, noting error) error {
	if noting != nil && !fault.Is(noting, fault.SignedOut) {
		return noting
	}
	return why
}
