package identity

import (
	"context"
	"database/sql"
	"errors"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// noteInvited remembers which way an invitation lies, for those who are signed in elsewhere already.
func (h *House) noteInvited(ctx context.Context, t *tenant.Tenant, invitations ...Invitation) error {
	return h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, i := range invitations {
			_, err := tx.Exec(ctx, `INSERT INTO identity_invited (email_key, tenant_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, fold(i.Email), t.ID)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// vouchedAddress is the address of an account that somebody vouches for; fault.NotFound for any other. A7: an address that is not
// confirmed gives nothing.
func (h *House) vouchedAddress(ctx context.Context, accountID string) (email, name string, err error) {
	err = h.system.QueryRow(ctx, `SELECT email, name FROM identity_accounts WHERE id = ? AND vouched = 1 AND state = 'active' AND must_reset = 0`, accountID).
		Scan(&email, &name)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "identity.invitation_missing")
	}
	return email, name, err
}

// InvitedTo are the ids of the tenants that may have an open invitation for the account's address. InvitationFor knows.
func (h *House) InvitedTo(ctx context.Context, accountID string) ([]string, error) {
	email, _, err := h.vouchedAddress(ctx, accountID)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return store.Texts(h.system.Query(ctx, `SELECT tenant_id FROM identity_invited WHERE email_key = ? ORDER BY tenant_id`, fold(email)))
}

// InvitationFor is the open invitation of the tenant for the account's address; fault.NotFound when there is none.
func (h *House) InvitationFor(ctx context.Context, t *tenant.Tenant, accountID string) (Invitation, error) {
	email, _, err := h.vouchedAddress(ctx, accountID)
	if err != nil {
		return Invitation{}, err
	}
	return oneInvitation(invitations(ctx, t.DB, `taken_at IS NULL AND email_key = ?1 AND ends_at > ?2 AND (guest_ends_at = '' OR guest_ends_at > ?2)`,
		fold(email), clock.Text(clock.Now(ctx))))
}

// Accept makes the caller, who is signed in, a member with the roles of the invitation for their address.
func (h *House) Accept(ctx context.Context, t *tenant.Tenant, c *Caller) error {
	if c.Half {
		return sessionOver()
	}
	i, err := h.InvitationFor(ctx, t, c.AccountID)
	if err != nil {
		return err
	}
	_, name, err := h.vouchedAddress(ctx, c.AccountID)
	if err != nil {
		return err
	}
	if err := h.takeUp(ctx, t, i, NewMember{Email: i.Email, Name: name}, c.AccountID); err != nil {
		return err
	}
	return h.forgetInvited(ctx, i.Email, t.ID)
}

// Decline ends the invitation for the caller's address; its link opens nothing any more.
func (h *House) Decline(ctx context.Context, t *tenant.Tenant, c *Caller) error {
	if c.Half {
		return sessionOver()
	}
	i, err := h.InvitationFor(ctx, t, c.AccountID)
	if err != nil {
		return err
	}
	err = t.DB.Write(store.WithActor(ctx, store.Actor{Name: c.Name}), func(ctx context.Context, tx *store.Tx) error {
		done, err := tx.Exec(ctx, `DELETE FROM identity_invitations WHERE id = ? AND taken_at IS NULL`, i.ID)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fault.New(fault.NotFound, "identity.invitation_missing"))
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "identity.invitation_declined", Object: "invitation:" + i.ID, Title: i.Email})
	})
	if err != nil {
		return err
	}
	return h.forgetInvited(ctx, i.Email, t.ID)
}

// forgetInvited drops a way that leads to no invitation any more.
func (h *House) forgetInvited(ctx context.Context, email, tenantID string) error {
	return h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM identity_invited WHERE email_key = ? AND tenant_id = ?`, fold(email), tenantID)
		return err
	})
}
