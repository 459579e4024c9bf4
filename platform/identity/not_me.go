package identity

import (
	"context"

	"runes.im/platform/audit"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// NotMePath is the page to which notices about the safety of an account lead.
const NotMePath = "/account/not-me"

// NotMe is for somebody whose account was used by another. Whoever proves the password ends every session, program and
// remembered browser here, every session elsewhere, and the password opens nothing until it is new. The token answered is
// that of the link by which the new one is chosen, so that nobody shuts themselves out.
func (h *House) NotMe(ctx context.Context, t *tenant.Tenant, p *Person, password string, from Source) (string, error) {
	if err := h.Prove(ctx, t, p, password, from); err != nil {
		return "", err
	}
	token, err := h.newReset(ctx, p.AccountID, func(context.Context, *store.Tx) error { return nil })
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
	// From here on every session is void, in the other organisations, too.
	if err := h.endEverywhere(ctx, p.AccountID, ""); err != nil {
		return "", err
	}
	return token, t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := h.endAll(ctx, tx, t, p.ID, "ended"); err != nil {
			return err
		}
		h.letGo(tx, t, p.ID, "")
		if err := dropPrograms(ctx, tx, p.ID); err != nil {
			return err
		}
		for _, query := range []string{`DELETE FROM identity_remembered WHERE member_id = ?`, `DELETE FROM identity_steps WHERE member_id = ?`} {
			if _, err := tx.Exec(ctx, query, p.ID); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "identity.not_me", Object: "member:" + p.ID, Title: p.Name})
	})
}
