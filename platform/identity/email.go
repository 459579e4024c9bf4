package identity

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/notify"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// EmailChangeLasts is how long a change of address waits, and how long its links open.
const EmailChangeLasts = time.Hour

// EmailChange is a new address to sign in with. It holds once both mailboxes have agreed.
type EmailChange struct {
	From, To         string
	OldDone, NewDone bool
	EndsAt           time.Time

	accountID string
}

// EmailLinks are the tokens for the two mailboxes; empty where one has agreed already.
type EmailLinks struct{ Old, New string }

// AskEmail begins the change of a person's address. Until mail goes out, those who manage people are told, make the two
// links and pass them on. Whether the new address has an account already is said to nobody: the change fails at its end.
func (h *House) AskEmail(ctx context.Context, t *tenant.Tenant, p *Person, email, password string, from Source) error {
	email = strings.TrimSpace(email)
	form := fault.Form{}
	form.Need(isEmail(email), "email", "identity.email_form")
	form.Need(email != p.Email, "email", "identity.email_same")
	if err := form.Err(); err != nil {
		return err
	}
	if err := h.Prove(ctx, t, p, password, from); err != nil {
		return err
	}
	err := h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := belongsHere(ctx, tx, p); err != nil {
			if fault.Is(err, fault.Forbidden) {
				err = fault.New(fault.Conflict, "identity.email_shared")
			}
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identity_email_changes WHERE account_id = ? OR ends_at <= ?`, p.AccountID, clock.Text(clock.Now(ctx))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO identity_email_changes (account_id, email, credential, ends_at) VALUES (?, ?, ?, ?)`,
			p.AccountID, email, p.credential, clock.Text(clock.Now(ctx).Add(EmailChangeLasts)))
		return err
	})
	if err != nil {
		return err
	}
	members, err := h.Members(ctx, t)
	if err != nil {
		return err
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, to := range members {
			if !to.Can("manage_users") || !h.Manages(to, p) {
				continue
			}
			err := notify.Send(ctx, tx, notify.Note{To: to.ID, Kind: "identity.email_asked", Icon: "mail", Link: "/team/members/" + p.ID, Args: []string{"name", p.Name, "email", email}})
			if err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "identity.email_asked", Object: "member:" + p.ID, Title: p.Name, After: map[string]any{"email": email}})
	})
}

// WithdrawEmail ends the change that the person asked for; its links open nothing any more.
func (h *House) WithdrawEmail(ctx context.Context, p *Person) error {
	return h.dropEmail(ctx, p.AccountID)
}

func (h *House) dropEmail(ctx context.Context, accountID string) error {
	return h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM identity_email_changes WHERE account_id = ?`, accountID)
		return err
	})
}

// EmailChangeOf is the change that the member waits for; fault.NotFound when there is none.
func (h *House) EmailChangeOf(ctx context.Context, p *Person) (EmailChange, error) {
	return emailChange(ctx, h.system, `c.account_id = ?`, clock.Text(clock.Now(ctx)), p.AccountID)
}

// emailChange reads the one that which chooses. Nothing is left of it after a new password or suspension, nor when the account has
// joined another organisation since: whoever passed the links on had no say there.
func emailChange(ctx context.Context, r store.Reader, which string, args ...any) (c EmailChange, err error) {
	var endsAt string
	err = r.QueryRow(ctx, `SELECT c.account_id, a.email, c.email, c.old_done, c.new_done, c.ends_at
		FROM identity_email_changes c JOIN identity_accounts a ON a.id = c.account_id
		WHERE c.ends_at > ? AND a.state = 'active' AND a.must_reset = 0 AND a.credential = c.credential
		AND (SELECT COUNT(*) FROM identity_memberships m WHERE m.account_id = a.id) <= 1 AND `+which, args...).
		Scan(&c.accountID, &c.From, &c.To, &c.OldDone, &c.NewDone, &endsAt)
	if errors.Is(err, sql.ErrNoRows) {
		return c, emailGone()
	}
	if err == nil {
		c.EndsAt, err = clock.Parse(endsAt)
	}
	return c, err
}

// emailGone is the one answer about a link that opens nothing: used, too old, replaced, or towards an address that has an
// account.
func emailGone() error { return fault.New(fault.NotFound, "identity.email_gone") }

// MakeEmailLinks answers the tokens of the two links, this once; older ones open nothing any more. by needs to manage the
// member.
func (h *House) MakeEmailLinks(ctx context.Context, t *tenant.Tenant, by *Person, memberID string) (EmailLinks, EmailChange, error) {
	p, err := h.Member(ctx, t, memberID)
	if err != nil {
		return EmailLinks{}, EmailChange{}, err
	}
	c, err := h.EmailChangeOf(ctx, p)
	if err != nil {
		return EmailLinks{}, c, err
	}
	err = h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, p *Person) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "identity.email_links_made", Object: "member:" + p.ID, Title: p.Name})
	})
	if err != nil {
		return EmailLinks{}, c, err
	}
	var links EmailLinks
	var old, new []byte
	if !c.OldDone {
		links.Old, old = freshLink()
	}
	if !c.NewDone {
		links.New, new = freshLink()
	}
	c.EndsAt = clock.Now(ctx).Add(EmailChangeLasts)
	return links, c, h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := belongsHere(ctx, tx, p); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE identity_email_changes SET old_hash = coalesce(?, x''), new_hash = coalesce(?, x''), ends_at = ? WHERE account_id = ?`,
			old, new, clock.Text(c.EndsAt), c.accountID)
		return err
	})
}

func freshLink() (token string, hash []byte) {
	token = id.Secret(32)
	key := fingerprintOf(token)
	return token, key[:]
}

// EmailLink is the change that the token of a link agrees to, and whether it is the one for the new mailbox.
func (h *House) EmailLink(ctx context.Context, t *tenant.Tenant, token string) (c EmailChange, isNew bool, err error) {
	return h.emailLink(ctx, h.system, t, token)
}

func (h *House) emailLink(ctx context.Context, r store.Reader, t *tenant.Tenant, token string) (EmailChange, bool, error) {
	key := fingerprintOf(token)
	now := clock.Text(clock.Now(ctx))
	c, err := emailChange(ctx, r, `c.new_hash = ?`, now, key[:])
	isNew := err == nil
	if fault.Is(err, fault.NotFound) {
		c, err = emailChange(ctx, r, `c.old_hash = ?`, now, key[:])
	}
	if err != nil {
		return c, false, err
	}
	var state string
	err = t.DB.QueryRow(ctx, `SELECT state FROM identity_members WHERE account_id = ?`, c.accountID).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) || err == nil && state != active {
		return c, false, emailGone()
	}
	return c, isNew, err
}

// AgreeToEmail takes the word of the mailbox that got the token. When it is the second one, the address is new, every
// session ends, and done is true; then p, the person at work in this browser if it is theirs, gets a new session.
func (h *House) AgreeToEmail(ctx context.Context, t *tenant.Tenant, p *Person, token string, from Source) (done bool, session string, err error) {
	c, isNew, err := h.EmailLink(ctx, t, token)
	if err != nil {
		return false, "", err
	}
	column := "old"
	if isNew {
		column = "new"
	}
	key := fingerprintOf(token)
	err = h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		used, err := tx.Exec(ctx, `UPDATE identity_email_changes SET `+column+`_done = 1, `+column+`_hash = x'' WHERE account_id = ? AND `+column+`_hash = ?`, c.accountID, key[:])
		if err != nil {
			return err
		}
		if n, err := used.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, emailGone())
		}
		c, err = emailChange(ctx, tx, `c.account_id = ?`, clock.Text(clock.Now(ctx)), c.accountID)
		return err
	})
	if err != nil || !c.OldDone || !c.NewDone {
		return false, "", err
	}
	if err := h.applyEmail(ctx, t, c); err != nil {
		return false, "", err
	}
	if p == nil || p.AccountID != c.accountID {
		return true, "", nil
	}
	candidate, err := h.candidate(ctx, t, c.To)
	if err != nil {
		return true, "", err
	}
	session, err = h.startSession(ctx, t, candidate, &attempt{method: byLink}, false, from)
	return true, session, err
}

// applyEmail makes the address the one to sign in with. Of two accounts that want the same one the first gets it.
func (h *House) applyEmail(ctx context.Context, t *tenant.Tenant, c EmailChange) error {
	var others int
	err := t.DB.QueryRow(ctx, `SELECT COUNT(*) FROM identity_members WHERE email_key = ? AND account_id <> ?`, fold(c.To), c.accountID).Scan(&others)
	if err != nil {
		return err
	}
	if others == 0 {
		err = h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			tx.AfterCommit(func() { h.accounts.Add(1) })
			ended, err := tx.Exec(ctx, `DELETE FROM identity_email_changes WHERE account_id = ? AND old_done = 1 AND new_done = 1`, c.accountID)
			if err != nil {
				return err
			}
			if n, err := ended.RowsAffected(); err != nil || n == 0 {
				return errors.Join(err, emailGone())
			}
			if _, err := tx.Exec(ctx, `DELETE FROM identity_resets WHERE account_id = ?`, c.accountID); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `UPDATE identity_accounts SET email = ?, email_key = ?, credential = credential + 1, vouched = min(vouched, ?) WHERE id = ?`,
				c.To, fold(c.To), h.trusts, c.accountID) // whoever passed the links on may be the one who wants the address
			return err
		})
	}
	if others > 0 || store.IsTaken(err) {
		return errors.Join(h.dropEmail(ctx, c.accountID), emailGone())
	}
	if err != nil {
		return err
	}
	// From here on every session is void; what follows brings the organisation's own copy of the address along.
	return h.followEmail(ctx, t, c.accountID, c.To)
}

// catchUpEmail brings the organisation's copy of an address along where the machine stopped between the two databases.
func (h *House) catchUpEmail(ctx context.Context, t *tenant.Tenant, email string) (bool, error) {
	var accountID, is string
	err := h.system.QueryRow(ctx, `SELECT id, email FROM identity_accounts WHERE email_key = ?`, guessKey(email)).Scan(&accountID, &is)
	if err == nil {
		err = t.DB.QueryRow(ctx, `SELECT account_id FROM identity_members WHERE account_id = ?`, accountID).Scan(&accountID)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, h.followEmail(ctx, t, accountID, is)
}

// followEmail writes an account's new address into the organisation, and ends what was open.
func (h *House) followEmail(ctx context.Context, t *tenant.Tenant, accountID, email string) error {
	p, err := one(h.people(ctx, t, t.DB, `WHERE account_id = ? ORDER BY name, id`, accountID))
	if err != nil {
		return err
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE identity_members SET email = ?, email_key = ? WHERE id = ?`, email, fold(email), p.ID); err != nil {
			return err
		}
		if err := h.endAll(ctx, tx, t, p.ID, "ended"); err != nil {
			return err
		}
		err := audit.Record(ctx, tx, audit.Entry{
			Action: "identity.email_changed", Object: "member:" + p.ID, Title: p.Name,
			Before: map[string]any{"email": p.Email}, After: map[string]any{"email": email},
		})
		if err != nil {
			return err
		}
		return notify.Send(ctx, tx, notify.Note{To: p.ID, Kind: "identity.email_changed", Icon: "shield", Link: NotMePath, Security: true, Args: []string{"email", email}})
	})
}
