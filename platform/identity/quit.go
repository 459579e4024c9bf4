package identity

import (
	"context"
	"log/slog"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/notify"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Quit is how a person leaves an organisation by themselves: like Deactivate, with their password, and those who manage
// people are told what is left without anybody. things is how much that is.
func (h *House) Quit(ctx context.Context, t *tenant.Tenant, p *Person, password string, things int, from Source) error {
	if err := h.Prove(ctx, t, p, password, from); err != nil {
		return err
	}
	members, err := h.Members(ctx, t)
	if err != nil {
		return err
	}
	out := h.shutOut(t, "identity.member_left", func(p *Person) store.Event { return userDeactivated{ID: p.ID, Name: p.Name} })
	return h.change(ctx, t, nil, p.ID, deactivated, func(ctx context.Context, tx *store.Tx, p *Person) error {
		if err := out(ctx, tx, p); err != nil {
			return err
		}
		for _, to := range members {
			if to.ID == p.ID || !to.Can("manage_users") || !h.Manages(to, p) {
				continue
			}
			kind, link := "identity.member_left", "/team/members/"+p.ID
			if things > 0 {
				kind, link = "identity.member_left_things", link+"/deactivate"
			}
			if err := notify.Send(ctx, tx, notify.Note{To: to.ID, Kind: kind, Icon: "log-out", Link: link, Args: []string{"name", p.Name}}); err != nil {
				return err
			}
		}
		return nil
	})
}

// LeftAlone reports whether a member is out because they left by themselves, not because somebody shut them out.
func (h *House) LeftAlone(ctx context.Context, t *tenant.Tenant, memberID string) (bool, error) {
	lines, err := audit.About(ctx, t.DB, "member:"+memberID, 100)
	for _, l := range lines { // the newest first
		switch l.Action {
		case "identity.member_left":
			return true, nil
		case "identity.member_suspended", "identity.member_deactivated", "identity.member_resumed":
			return false, nil
		}
	}
	return false, err
}

// IsLastOwner reports whether nobody else could let people in.
func (h *House) IsLastOwner(ctx context.Context, t *tenant.Tenant, p *Person) (bool, error) {
	var others int
	err := t.DB.QueryRow(ctx, `SELECT COUNT(*) FROM identity_members WHERE owner = 1 AND state = 'active' AND id <> ?`, p.ID).Scan(&others)
	return p.Owner && others == 0, err
}

// Forsake leaves of a member who was deactivated and has no account any more what their records are signed with: the
// name. Their address is free for somebody who is invited.
func (h *House) Forsake(ctx context.Context, t *tenant.Tenant, memberID string) error {
	c := h.cache(t)
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.AfterCommit(c.empty)
		done, err := tx.Exec(ctx, `UPDATE identity_members SET email = '', email_key = 'erased ' || id, phone = '', street = '', postal_code = '', city = '', country = '',
			state = ? WHERE id = ? AND (state = ? OR id IN (SELECT member_id FROM identity_guests WHERE ends_at <= ?))`,
			deactivated, memberID, deactivated, clock.Text(clock.Now(ctx)))
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		for _, query := range []string{`DELETE FROM identity_sessions WHERE member_id = ?`, `DELETE FROM identity_remembered WHERE member_id = ?`, `DELETE FROM identity_steps WHERE member_id = ?`} {
			if _, err := tx.Exec(ctx, query, memberID); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "identity.member_erased", Object: "member:" + memberID})
	})
}

// EraseAccount takes an account away with all that system.db knows of it: address, password, second factors, picture,
// preferences. It belongs to nothing any more; whoever calls has looked.
func (h *House) EraseAccount(ctx context.Context, accountID string) error {
	err := h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.AfterCommit(func() { h.accounts.Add(1); h.faces.Add(1) })
		var runs, others int
		if err := tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM identity_operators WHERE account_id = ?), (SELECT COUNT(*) FROM identity_operators WHERE account_id <> ?)`,
			accountID, accountID).Scan(&runs, &others); err != nil {
			return err
		}
		if runs > 0 && others == 0 {
			return fault.New(fault.Conflict, "identity.last_operator")
		}
		_, err := tx.Exec(ctx, `DELETE FROM identity_accounts WHERE id = ?`, accountID)
		return err
	})
	if err == nil {
		slog.InfoContext(ctx, "an account was deleted by its owner", "account", accountID)
	}
	return err
}

// ProveAtGate asks a caller for their password again, before a deed that a stolen session must not do.
func (h *House) ProveAtGate(ctx context.Context, c *Caller, password string, from Source) error {
	a, err := h.guessAtGate(ctx, passwordGuess, guessKey(c.Email), from)
	if err != nil {
		return err
	}
	var hash string
	if err := h.system.QueryRow(ctx, `SELECT password_hash FROM identity_accounts WHERE id = ?`, c.AccountID).Scan(&hash); err != nil {
		return err
	}
	right, err := h.hashes.matches(ctx, hash, password)
	if err != nil {
		return err
	}
	if !right {
		return wrongPassword(failedAtGate(ctx, a, from), "password")
	}
	return h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return a.succeed(ctx, tx) })
}
