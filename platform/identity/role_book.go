package identity

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Role is a named set of permissions, also called a group.
type Role struct {
	ID          string
	Name        string
	Description string
	Category    string // id of a rune, or a free label
	Fixed       bool   // a default role: edited, never deleted
	Members     int    // who are active
	Permissions []string
	Limited     bool     // manage_users is held for the people of some roles alone
	Area        []string // ids of those roles
}

// Roles are all roles, the default ones first, then by name.
func (h *House) Roles(ctx context.Context, t *tenant.Tenant) ([]Role, error) {
	return h.roles(ctx, t.DB)
}

func (h *House) roles(ctx context.Context, r store.Reader) ([]Role, error) {
	decided, err := roleDecisions(ctx, r)
	if err != nil {
		return nil, err
	}
	limits, err := readAreas(ctx, r)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, `SELECT id, name, description, category, fixed, (SELECT COUNT(*) FROM identity_member_roles
			JOIN identity_members m ON m.id = member_id AND m.state = 'active' WHERE role_id = r.id)
		FROM identity_roles r ORDER BY fixed DESC, CASE id WHEN 'admin' THEN 0 WHEN 'employee' THEN 1 ELSE 2 END, name_key`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Role
	for rows.Next() {
		var o Role
		if err := rows.Scan(&o.ID, &o.Name, &o.Description, &o.Category, &o.Fixed, &o.Members); err != nil {
			return nil, err
		}
		o.Permissions = h.heldBy([]string{o.ID}, decided)
		o.Area, o.Limited = limits[roleArea(o.ID)]
		found = append(found, o)
	}
	return found, rows.Err()
}

// heldBy are the known permissions that the roles come to.
func (h *House) heldBy(roles []string, decided map[string]decisions) []string {
	known := *h.known.Load()
	held := rightsOf(roles, decided, known)
	return slices.DeleteFunc(slices.Clone(known), func(permission string) bool { return !held.hold(permission) })
}

// Role is one of them.
func (h *House) Role(ctx context.Context, t *tenant.Tenant, roleID string) (Role, error) {
	return h.roleOf(ctx, t.DB, roleID)
}

func (h *House) roleOf(ctx context.Context, r store.Reader, roleID string) (Role, error) {
	all, err := h.roles(ctx, r)
	if err != nil {
		return Role{}, err
	}
	at := slices.IndexFunc(all, func(o Role) bool { return o.ID == roleID })
	if at < 0 {
		return Role{}, fault.New(fault.NotFound, "identity.role_missing")
	}
	return all[at], nil
}

// KeepRole makes a role (an empty ID) or changes one, and answers its id. by (nil: the house) can put only permissions
// into it that they hold, and take out only those: a role of others is not disarmed from below. What it changes holds
// from everybody's next request on.
func (h *House) KeepRole(ctx context.Context, t *tenant.Tenant, by *Person, o Role) (string, error) {
	o.Name, o.Description, o.Category = strings.TrimSpace(o.Name), strings.TrimSpace(o.Description), strings.TrimSpace(o.Category)
	known := *h.known.Load()
	form := fault.Form{}
	form.Need(o.Name != "", "name", "identity.role_name")
	form.Need(len(o.Name) <= 100, "name", "identity.role_long", "max", 100)
	form.Need(len(o.Description) <= 500, "description", "identity.role_long", "max", 500)
	form.Need(len(o.Category) <= 100, "category", "identity.role_long", "max", 100)
	for _, permission := range o.Permissions {
		form.Need(slices.Contains(known, permission), "permissions", "identity.permission_unknown", "permission", permission)
	}
	if err := form.Err(); err != nil {
		return "", err
	}
	err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var before Role
		var err error
		if o.ID != "" {
			if before, err = h.roleOf(ctx, tx, o.ID); err != nil {
				return err
			}
		}
		added := slices.DeleteFunc(slices.Clone(o.Permissions), func(p string) bool { return slices.Contains(before.Permissions, p) || by.gives(p) })
		taken := slices.DeleteFunc(without(before.Permissions, o.Permissions), func(p string) bool {
			return by.gives(p) || slices.ContainsFunc(o.Permissions, func(other string) bool { return implied(other) == p })
		})
		if over := append(added, taken...); len(over) > 0 {
			return beyond(over...)
		}
		if err := h.settleArea(ctx, tx, by, &o, before); err != nil {
			return err
		}
		tx.AfterCommit(h.cache(t).empty)
		if err := h.writeRole(ctx, tx, &o, before); err != nil {
			return err
		}
		news := store.Event(roleUpdated{ID: o.ID, Name: o.Name})
		if before.ID == "" {
			news = roleCreated{ID: o.ID, Name: o.Name}
		}
		if err := tx.Emit(ctx, news); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "identity.role_saved", Object: "role:" + o.ID, Title: o.Name,
			Before: roleFacts(before), After: roleFacts(o),
		})
	})
	return o.ID, err
}

func roleFacts(o Role) map[string]any {
	if o.ID == "" {
		return nil
	}
	return map[string]any{"name": o.Name, "description": o.Description, "category": o.Category, "permissions": o.Permissions, "area": o.Area}
}

func (h *House) writeRole(ctx context.Context, tx *store.Tx, o *Role, before Role) error {
	var other string
	err := tx.QueryRow(ctx, `SELECT id FROM identity_roles WHERE name_key = ? AND id <> ?`, fold(o.Name), o.ID).Scan(&other)
	if err == nil {
		form := fault.Form{}
		form.Need(false, "name", "identity.role_taken", "name", o.Name)
		return form.Err()
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if o.ID == "" {
		o.ID = id.New()
	}
	_, err = tx.Exec(ctx, `INSERT INTO identity_roles (id, name, name_key, description, category, made_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, description = excluded.description, category = excluded.category`,
		o.ID, o.Name, fold(o.Name), o.Description, o.Category, clock.Text(clock.Now(ctx)))
	if err != nil {
		return err
	}
	if o.Area == nil && o.Limited {
		o.Area = []string{}
	}
	if err := putArea(ctx, tx, roleArea(o.ID), o.Area); err != nil {
		return err
	}
	return decideRole(ctx, tx, o.ID, before.Fixed, o.Permissions, *h.known.Load())
}

// decideRole makes a role hold exactly these of the known permissions. What it holds of runes that are not installed stays.
func decideRole(ctx context.Context, tx *store.Tx, roleID string, fixed bool, permissions, known []string) error {
	text, _ := json.Marshal(known) // strings always marshal
	_, err := tx.Exec(ctx, `DELETE FROM identity_role_permissions WHERE role_id = ? AND permission IN (SELECT value FROM json_each(?))`, roleID, string(text))
	if err != nil {
		return err
	}
	for _, permission := range known {
		granted := slices.Contains(permissions, permission)
		if !granted && !fixed {
			continue // only the default roles hold anything that nobody decided
		}
		if _, err := tx.Exec(ctx, `INSERT INTO identity_role_permissions (role_id, permission, granted) VALUES (?, ?, ?)`,
			roleID, permission, granted); err != nil {
			return err
		}
	}
	return nil
}

// RemoveRole deletes a role that is no default one and holds no more than by does. Links of invitations with the role open
// nothing any more. Who would be left without any role gets the replacement; without
// one the removal is refused and the fault says how many they are.
func (h *House) RemoveRole(ctx context.Context, t *tenant.Tenant, by *Person, roleID, replacement string) error {
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		o, err := h.roleOf(ctx, tx, roleID)
		if err != nil {
			return err
		}
		if o.Fixed {
			return fault.New(fault.Conflict, "identity.role_fixed", "name", o.Name)
		}
		if err := h.givable(ctx, tx, by, []string{roleID}); err != nil {
			return err
		}
		var last int
		err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM identity_member_roles a WHERE role_id = ?
			AND NOT EXISTS (SELECT 1 FROM identity_member_roles b WHERE b.member_id = a.member_id AND b.role_id <> a.role_id)`, roleID).Scan(&last)
		if err != nil {
			return err
		}
		if last > 0 {
			if replacement == "" || replacement == roleID {
				form := fault.Form{}
				form.Need(false, "replacement", "identity.role_last", "n", last)
				return form.Err()
			}
			if err := h.givable(ctx, tx, by, []string{replacement}); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `INSERT INTO identity_member_roles (member_id, role_id) SELECT member_id, ? FROM identity_member_roles a
				WHERE role_id = ? AND NOT EXISTS (SELECT 1 FROM identity_member_roles b WHERE b.member_id = a.member_id AND b.role_id <> a.role_id)`, replacement, roleID)
			if err != nil {
				return err
			}
		}
		tx.AfterCommit(h.cache(t).empty)
		if err := forgetRole(ctx, tx, roleID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identity_roles WHERE id = ?`, roleID); err != nil {
			return err
		}
		if err := putArea(ctx, tx, roleArea(roleID), nil); err != nil {
			return err
		}
		if err := adopt(ctx, tx, by); err != nil {
			return err
		}
		if err := tx.Emit(ctx, roleDeleted{ID: roleID, Name: o.Name}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "identity.role_removed", Object: "role:" + roleID, Title: o.Name, Before: roleFacts(o)})
	})
}

// givable refuses roles that do not exist and those that hold more than by does.
func (h *House) givable(ctx context.Context, r store.Reader, by *Person, roles []string) error {
	for _, roleID := range roles {
		o, err := h.roleOf(ctx, r, roleID)
		if err != nil {
			return err
		}
		if by == nil || h.Gives(by, o) {
			continue
		}
		if !by.Reaches([]string{roleID}) {
			return fault.New(fault.Forbidden, "identity.outside_role", "role", o.Name)
		}
		if over := slices.DeleteFunc(o.Permissions, by.gives); len(over) > 0 {
			return beyond(over...)
		}
		return beyond(o.Name) // Admin holds what comes later, too
	}
	return nil
}

// GiveRoles adds roles to a member. by (nil: the house) can give only roles that hold no more than they do.
func (h *House) GiveRoles(ctx context.Context, t *tenant.Tenant, by *Person, memberID string, roles []string) error {
	return h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, p *Person) error {
		fresh := without(slices.Compact(slices.Sorted(slices.Values(roles))), p.Roles)
		if err := h.givable(ctx, tx, by, fresh); err != nil || len(fresh) == 0 {
			return err
		}
		for _, role := range fresh {
			if _, err := tx.Exec(ctx, `INSERT INTO identity_member_roles (member_id, role_id) VALUES (?, ?)`, p.ID, role); err != nil {
				return err
			}
		}
		if p.Guest != nil && slices.Contains(fresh, roleAdmin) {
			return fault.New(fault.Conflict, "identity.guest_admin")
		}
		if err := adopt(ctx, tx, by); err != nil {
			return err
		}
		return recordRoles(ctx, tx, p, append(slices.Clone(p.Roles), fresh...))
	})
}

// TakeRole takes a role from a member, unless they would be the last administrator.
func (h *House) TakeRole(ctx context.Context, t *tenant.Tenant, by *Person, memberID, role string) error {
	return h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, p *Person) error {
		left := without(p.Roles, []string{role})
		if len(left) == len(p.Roles) {
			return nil
		}
		if len(left) == 0 && !by.Reaches(left) {
			return fault.New(fault.Conflict, "identity.last_in_area", "name", p.Name)
		}
		if role == roleAdmin {
			if err := h.keepAdmin(ctx, t, tx, p); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identity_member_roles WHERE member_id = ? AND role_id = ?`, p.ID, role); err != nil {
			return err
		}
		if err := adopt(ctx, tx, by); err != nil {
			return err
		}
		return recordRoles(ctx, tx, p, left)
	})
}

func recordRoles(ctx context.Context, tx *store.Tx, p *Person, after []string) error {
	news := roleMembersChanged{Member: p.ID, Added: without(after, p.Roles), Removed: without(p.Roles, after)}
	if err := tx.Emit(ctx, news); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.roles_changed", Object: "member:" + p.ID, Title: p.Name,
		Before: map[string]any{"roles": p.Roles}, After: map[string]any{"roles": after},
	})
}

// without are the roles of one list that the other lacks.
func without(roles, others []string) []string {
	return slices.DeleteFunc(slices.Clone(roles), func(o string) bool { return slices.Contains(others, o) })
}

// keepAdmin refuses when nobody active would be left with the role Admin and what it is for.
func (h *House) keepAdmin(ctx context.Context, t *tenant.Tenant, tx *store.Tx, p *Person) error {
	if p.state != active || !slices.Contains(p.Roles, roleAdmin) || !p.administers() {
		return nil
	}
	admins, err := h.people(ctx, t, tx, `WHERE state = 'active' AND id IN (SELECT member_id FROM identity_member_roles WHERE role_id = ?) ORDER BY name, id`, roleAdmin)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(admins, func(other *Person) bool { return other.ID != p.ID && other.state == active && other.administers() }) {
		return fault.New(fault.Conflict, "identity.last_admin", "name", p.Name)
	}
	return nil
}

// Gives reports whether the person may give the role to others: it holds nothing that they lack.
func (h *House) Gives(by *Person, o Role) bool {
	if by.Owner && by.only == nil {
		return true
	}
	return by.Reaches([]string{o.ID}) && (o.ID != roleAdmin || slices.Contains(by.Roles, roleAdmin)) && !slices.ContainsFunc(o.Permissions, func(p string) bool { return !by.gives(p) })
}
