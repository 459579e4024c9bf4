package identity

import (
	"context"

	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// StillIn is a fault unless the member is active as r sees it: asked inside a write that ends something slow, so that
// nothing of somebody lands after their suspension.
func StillIn(ctx context.Context, r store.Reader, memberID string) error {
	people, err := memberRows(ctx, r, `WHERE id = ?`, memberID)
	if err == nil && (len(people) == 0 || people[0].state != active) {
		err = sessionOver()
	}
	return err
}

// StillMay is StillIn for what may have taken hours: the account, the end of a guest and the permission are read again, too.
func (h *House) StillMay(ctx context.Context, t *tenant.Tenant, r store.Reader, memberID, permission string) error {
	p, err := one(h.people(ctx, t, r, `WHERE id = ? ORDER BY name, id`, memberID))
	if fault.Is(err, fault.NotFound) || err == nil && p.state != active {
		return sessionOver()
	}
	if err == nil && !p.Can(permission) {
		err = fault.New(fault.Forbidden, "web.door_forbidden")
	}
	return err
}
