package identity

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/notify"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// candidate is whom an e-mail address names, if anybody.
type candidate struct {
	key                             string
	memberID, accountID, name, hash string
	state                           string
	mustReset                       bool
	credential                      int64
}

// acquaintance is what we know of the place that a candidate tries from.
type acquaintance struct {
	device  string // fingerprint of a browser the person signed in with, empty when unknown
	address bool   // the person signed in from this address
}

// SignIn lets a person in by password and answers the token of a new session; the error is a HalfWay when a second
// factor is still to be proven. Wrong password, unknown address and
// suspended people get the same answer after the same work.
func (h *House) SignIn(ctx context.Context, t *tenant.Tenant, email, password string, keep bool, from Source) (token string, err error) {
	c, err := h.candidate(ctx, t, email)
	if err != nil {
		return "", err
	}
	a, err := h.prove(ctx, t, c, password, from)
	if err != nil {
		return "", err
	}
	return h.enter(ctx, t, c, a, keep, from)
}

// prove checks the candidate's password under the throttle.
func (h *House) prove(ctx context.Context, t *tenant.Tenant, c *candidate, password string, from Source) (*attempt, error) {
	known, err := acquainted(ctx, t, c, from)
	if err != nil {
		return nil, err
	}
	a, err := h.try(ctx, t, passwordGuess, c.key, from, known)
	if err != nil {
		return nil, err
	}
	if err := h.pause(ctx, a.delay); err != nil {
		return nil, err
	}
	right, err := h.hashes.matches(ctx, c.hash, password)
	if err != nil {
		return nil, err
	}
	if !right || c.state != active {
		return nil, a.fail(ctx, t, c, from)
	}
	if c.mustReset {
		return nil, fault.New(fault.SignedOut, "identity.must_reset") // said to those alone who know the password
	}
	a.method = byPassword
	return a, nil
}

func (h *House) candidate(ctx context.Context, t *tenant.Tenant, email string) (*candidate, error) {
	c := &candidate{key: guessKey(email)}
	known, err := c.read(ctx, t)
	if err == nil && !known {
		if known, err = h.catchUpEmail(ctx, t, email); known {
			_, err = c.read(ctx, t)
		}
	}
	if err != nil {
		return nil, err
	}
	accounts, err := h.accountsByID(ctx, list([]string{c.accountID}))
	if err != nil {
		return nil, err
	}
	a := accounts[c.accountID]
	c.hash, c.credential, c.mustReset = a.hash, a.credential, a.mustReset
	if c.state == active {
		c.state = a.state
	}
	return c, nil
}

// read finds the member of the address, if there is one.
func (c *candidate) read(ctx context.Context, t *tenant.Tenant) (known bool, err error) {
	err = t.DB.QueryRow(ctx, `SELECT id, account_id, name, CASE WHEN g.ends_at <= ? THEN 'ended' ELSE state END
		FROM identity_members m LEFT JOIN identity_guests g ON g.member_id = m.id WHERE email_key = ?`, clock.Text(clock.Now(ctx)), c.key).
		Scan(&c.memberID, &c.accountID, &c.name, &c.state)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// guessKey is what somebody typed as their name, in one form and short.
func guessKey(login string) string {
	if len(login) > 254 {
		return digest(login)
	}
	return fold(strings.ReplaceAll(login, "\x00", ""))
}

func acquainted(ctx context.Context, t *tenant.Tenant, c *candidate, from Source) (acquaintance, error) {
	device := fingerprintOf(from.Device)
	var devices, addresses int
	err := t.DB.QueryRow(ctx, `SELECT
		(SELECT COUNT(*) FROM identity_sessions WHERE device_hash = ? AND member_id = ? AND credential = ?),
		(SELECT COUNT(*) FROM identity_sessions WHERE member_id = ? AND address = ?)`,
		device[:], c.memberID, c.credential, c.memberID, from.Address).Scan(&devices, &addresses)
	known := acquaintance{address: addresses > 0}
	if devices > 0 && from.Device != "" {
		known.device = from.Device
	}
	return known, err
}

func fingerprintOf(secret string) fingerprint { return sha256.Sum256([]byte(secret)) }

// startSession makes a session of somebody who proved to be the candidate.
func (h *House) startSession(ctx context.Context, t *tenant.Tenant, c *candidate, a *attempt, keep bool, from Source) (string, error) {
	token := id.Secret(32)
	key, device := fingerprintOf(token), fingerprintOf(h.DeviceToken(t, token))
	strange, err := isStrange(ctx, t, c.memberID, from)
	if err != nil {
		return "", err
	}
	p, err := h.Member(ctx, t, c.memberID)
	if err != nil {
		return "", err
	}
	standing := p.standing()
	now, proven := clock.Text(clock.Now(ctx)), ""
	if a.method == byPasskey {
		proven = now
	}
	ctx = store.WithActor(ctx, store.Actor{ID: c.memberID, Name: c.name, Address: from.Address})
	err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.succeed(ctx, tx); err != nil {
			return err
		}
		done, err := tx.Exec(ctx, `INSERT INTO identity_sessions
			(id, token_hash, device_hash, member_id, credential, kept, address, user_agent, made_at, seen_at, method, proven_at, standing)
			SELECT ?, ?, ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM identity_members WHERE id = ? AND state = 'active'`,
			id.New(), key[:], device[:], c.credential, keep, from.Address, agent(from.UserAgent), now, now, a.method, proven, standing[:], c.memberID)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return signedOut() // suspended while we looked at the password
		}
		if err := audit.Record(ctx, tx, audit.Entry{Action: "identity.signed_in", Object: "member:" + c.memberID, Title: c.name}); err != nil || !strange {
			return err
		}
		return notify.Send(ctx, tx, notify.Note{
			To: c.memberID, Kind: "identity.new_device", Icon: "shield", Link: NotMePath, Security: true,
			Args: []string{"device", family(from.UserAgent), "address", from.Address},
		})
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// SignOut ends the session that let the person in.
func (h *House) SignOut(ctx context.Context, t *tenant.Tenant, p *Person) error {
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := h.endSessions(ctx, tx, t, "signed_out", p.ID, `id = ?`, p.Session)
		if err != nil || n == 0 {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "identity.signed_out", Object: "member:" + p.ID, Title: p.Name})
	})
}

// ChangePassword is how people change their own: they prove the old one, every session ends, and the token of a new
// one is answered. Who has none yet has proven a passkey.
func (h *House) ChangePassword(ctx context.Context, t *tenant.Tenant, p *Person, old, new string, keep bool, from Source) (token string, err error) {
	c, err := h.candidate(ctx, t, p.Email)
	if err != nil {
		return "", err
	}
	a := &attempt{method: byPasskey}
	if c.hash == "" {
		err = provenLately(ctx, t, p, "old_password")
	} else if a, err = h.prove(ctx, t, c, old, from); err != nil {
		err = wrongPassword(err, "old_password")
	}
	if err != nil {
		return "", err
	}
	if err := h.SetPassword(ctx, t, p.ID, new); err != nil {
		return "", err
	}
	if c, err = h.candidate(ctx, t, p.Email); err != nil {
		return "", err
	}
	return h.startSession(ctx, t, c, a, keep, from)
}

// Prove asks a person for their password again, before a deed that a stolen session must not do. Who has none has proven
// a passkey within this session, see ProveByPasskey.
func (h *House) Prove(ctx context.Context, t *tenant.Tenant, p *Person, password string, from Source) error {
	c, err := h.candidate(ctx, t, p.Email)
	if err != nil {
		return err
	}
	if c.hash == "" {
		return provenLately(ctx, t, p, "password")
	}
	a, err := h.prove(ctx, t, c, password, from)
	if err != nil {
		return wrongPassword(err, "password")
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return a.succeed(ctx, tx) })
}

// wrongPassword is the refusal of somebody who is signed in already, at their field.
func wrongPassword(err error, field string) error {
	form := fault.Form{}
	form.Need(!fault.Is(err, fault.SignedOut), field, "identity.old_password")
	if wrong := form.Err(); wrong != nil {
		return wrong
	}
	return err
}

// SetPassword gives a member a new password and ends all their sessions, in every organisation.
func (h *House) SetPassword(ctx context.Context, t *tenant.Tenant, memberID, password string) error {
	return h.setPassword(ctx, t, memberID, password, func(context.Context, *store.Tx, *Person) error { return nil })
}

// setPassword is SetPassword in one write with the question whether it may be.
func (h *House) setPassword(ctx context.Context, t *tenant.Tenant, memberID, password string, allowed func(context.Context, *store.Tx, *Person) error) error {
	p, err := h.Member(ctx, t, memberID)
	if err != nil {
		return err
	}
	form := fault.Form{}
	needPassword(&form, password, p.Email, p.Name)
	if err := form.Err(); err != nil {
		return err
	}
	hash, err := h.hashes.hash(ctx, password)
	if err != nil {
		return err
	}
	err = h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := allowed(ctx, tx, p); err != nil {
			return err
		}
		tx.AfterCommit(func() { h.accounts.Add(1) })
		return setHash(ctx, tx, p.AccountID, hash)
	})
	if err != nil {
		return err
	}
	// From here on every older session is void, here and in the other organisations; what follows is for the record.
	if err := h.endEverywhere(ctx, p.AccountID, ""); err != nil {
		return err
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := h.endAll(ctx, tx, t, p.ID, "password"); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{Action: "identity.password_changed", Object: "member:" + p.ID, Title: p.Name}); err != nil {
			return err
		}
		return notify.Send(ctx, tx, notify.Note{To: p.ID, Kind: "identity.password_changed", Icon: "shield", Link: NotMePath, Security: true})
	})
}
