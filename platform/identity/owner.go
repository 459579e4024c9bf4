package identity

import (
	"context"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// SetOwner makes a member an owner, or no owner any more. Only owners decide that, and the last one stays.
func (h *House) SetOwner(ctx context.Context, t *tenant.Tenant, by *Person, memberID string, owner bool) error {
	if by != nil && (!by.Owner || by.only != nil) {
		return fault.New(fault.Forbidden, "identity.owners_only")
	}
	return h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, p *Person) error {
		if p.Owner == owner {
			return nil
		}
		if owner && p.state != active {
			return fault.New(fault.Conflict, "identity.member_suspended")
		}
		if owner && p.Guest != nil {
			return fault.New(fault.Conflict, "identity.guest_owner", "name", p.Name)
		}
		if !owner {
			if err := keepOwner(ctx, tx, p); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE identity_members SET owner = ? WHERE id = ?`, owner, p.ID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "identity.owner_changed", Object: "member:" + p.ID, Title: p.Name,
			Before: map[string]any{"owner": p.Owner}, After: map[string]any{"owner": owner},
		})
	})
}
