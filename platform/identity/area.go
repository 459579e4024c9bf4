package identity

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// manageUsers is the one permission that can be granted for the people of some roles alone: their area.
const manageUsers = "manage_users"

// The holders of an area.
func roleArea(roleID string) string     { return "role:" + roleID }
func memberArea(memberID string) string { return "member:" + memberID }

// areas are the roles that grants of manage_users are limited to, by holder.
type areas map[string][]string

func readAreas(ctx context.Context, r store.Reader) (areas, error) {
	rows, err := r.Query(ctx, `SELECT holder, roles FROM identity_areas ORDER BY holder`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := areas{}
	for rows.Next() {
		var holder, text string
		if err := rows.Scan(&holder, &text); err != nil {
			return nil, err
		}
		var roles []string
		if err := json.Unmarshal([]byte(text), &roles); err != nil {
			return nil, err
		}
		found[holder] = roles
	}
	return found, rows.Err()
}

// of is where the person manages people: nil is everywhere. One grant without limits is one without limits.
func (a areas) of(p *Person, decided map[string]decisions, known []string) map[string]bool {
	if len(a) == 0 || p.Owner || slices.Contains(p.Roles, roleAdmin) || !p.rights.hold(manageUsers) {
		return nil
	}
	reach := map[string]bool{}
	add := func(holder string) (isLimited bool) {
		roles, isLimited := a[holder]
		for _, role := range roles {
			reach[role] = true
		}
		return isLimited
	}
	if p.exceptions[manageUsers] && !add(memberArea(p.ID)) {
		return nil
	}
	for _, role := range p.Roles {
		if rightsOf([]string{role}, decided, known).hold(manageUsers) && !add(roleArea(role)) {
			return nil
		}
	}
	return reach
}

// Area are the roles whose people alone the person manages; limited is false for somebody who manages everybody, or nobody.
func (p *Person) Area() (roles []string, limited bool) {
	return slices.Sorted(maps.Keys(p.area)), p.area != nil
}

// Reaches reports whether somebody with these roles is within the person's area: all of the roles are, and there is one.
func (p *Person) Reaches(roles []string) bool {
	if p == nil || p.area == nil {
		return true
	}
	return len(roles) > 0 && !slices.ContainsFunc(roles, func(role string) bool { return !p.area[role] })
}

// reachesPerson is Reaches for a member. Owners are nobody's area, and whoever manages more than oneself is out of reach.
func (p *Person) reachesPerson(other *Person) bool {
	if p == nil || p.area == nil {
		return true
	}
	if other.Owner || !p.Reaches(other.Roles) {
		return false
	}
	if !other.Holds(manageUsers) {
		return true
	}
	reach, limited := other.Area()
	return limited && !slices.ContainsFunc(reach, func(role string) bool { return !p.area[role] })
}

// putArea limits a grant of manage_users to roles; nil takes the limit away.
func putArea(ctx context.Context, tx *store.Tx, holder string, roles []string) error {
	if roles == nil {
		_, err := tx.Exec(ctx, `DELETE FROM identity_areas WHERE holder = ?`, holder)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO identity_areas (holder, roles) VALUES (?, ?) ON CONFLICT (holder) DO UPDATE SET roles = excluded.roles`, holder, list(roles))
	return err
}

// checkArea refuses an area that is empty, too wide or not of this organisation.
func (h *House) checkArea(ctx context.Context, r store.Reader, roles []string) error {
	form := fault.Form{}
	form.Need(len(roles) > 0, "area", "identity.area_empty")
	form.Need(!slices.Contains(roles, roleAdmin), "area", "identity.area_admin")
	if err := form.Err(); err != nil {
		return err
	}
	for _, role := range roles {
		if _, err := h.roleOf(ctx, r, role); err != nil {
			return err
		}
	}
	return nil
}

// settleArea says what becomes of the limit of a role that is saved. A role without manage_users, and Admin, have none; to
// change it takes manage_users without limits.
func (h *House) settleArea(ctx context.Context, r store.Reader, by *Person, o *Role, before Role) error {
	if !slices.Contains(o.Permissions, manageUsers) || o.ID == roleAdmin {
		o.Limited = false
	}
	if !o.Limited {
		o.Area = nil
	}
	o.Area = slices.Compact(slices.Sorted(slices.Values(o.Area)))
	if o.Limited == before.Limited && slices.Equal(o.Area, before.Area) {
		return nil
	}
	if !by.gives(manageUsers) {
		return beyond(manageUsers)
	}
	if !o.Limited {
		return nil
	}
	return h.checkArea(ctx, r, o.Area)
}

// LimitMember limits the manage_users that was granted to one member to the people of these roles; nil: everybody. Whoever
// is limited limits nobody.
func (h *House) LimitMember(ctx context.Context, t *tenant.Tenant, by *Person, memberID string, roles []string) error {
	if !by.gives(manageUsers) {
		return beyond(manageUsers)
	}
	return h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, p *Person) error {
		if p.Way(manageUsers) != Grant {
			return fault.New(fault.Conflict, "identity.area_not_granted", "name", p.Name)
		}
		if roles != nil {
			if err := h.checkArea(ctx, tx, roles); err != nil {
				return err
			}
		}
		if err := putArea(ctx, tx, memberArea(p.ID), roles); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "identity.area_changed", Object: "member:" + p.ID, Title: p.Name, After: map[string]any{"roles": roles},
		})
	})
}

// GrantedArea are the roles that the member's own grant of manage_users is limited to.
func (h *House) GrantedArea(ctx context.Context, t *tenant.Tenant, memberID string) (roles []string, limited bool, err error) {
	all, err := readAreas(ctx, t.DB)
	roles, limited = all[memberArea(memberID)]
	return roles, limited, err
}
