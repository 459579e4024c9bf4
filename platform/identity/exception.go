package identity

import (
	"context"
	"slices"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Exception is what somebody decided about one member's permission, beside the member's roles.
type Exception struct {
	MemberID, Name string
	Permission     string
	Granted        bool
}

// Ways a permission of one member can be decided.
const (
	Follow = ""        // as the roles say
	Grant  = "granted" // held whatever the roles say
	Deny   = "denied"  // not held whatever the roles say
)

// Decide says of one permission of a member whether the roles decide, or grants or denies it to this person alone. by
// (nil: the house) can give only what they hold, and change only people who hold no more than they do.
func (h *House) Decide(ctx context.Context, t *tenant.Tenant, by *Person, memberID, permission, way string) error {
	form := fault.Form{}
	form.Need(slices.Contains(*h.known.Load(), permission), "permission", "identity.permission_unknown", "permission", permission)
	form.Need(way == Follow || way == Grant || way == Deny, "way", "identity.way_unknown")
	if err := form.Err(); err != nil {
		return err
	}
	if way == Grant && !by.gives(permission) {
		return beyond(permission)
	}
	return h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, p *Person) error {
		if p.Owner && way == Deny {
			return fault.New(fault.Conflict, "identity.owner_denied", "name", p.Name)
		}
		query, args := `DELETE FROM identity_exceptions WHERE member_id = ? AND permission = ?`, []any{p.ID, permission}
		if way != Follow {
			query = `INSERT INTO identity_exceptions (member_id, permission, granted) VALUES (?, ?, ?)
				ON CONFLICT (member_id, permission) DO UPDATE SET granted = excluded.granted`
			args = append(args, way == Grant)
		}
		if _, err := tx.Exec(ctx, query, args...); err != nil {
			return err
		}
		if permission == manageUsers && way != Grant {
			if err := putArea(ctx, tx, memberArea(p.ID), nil); err != nil {
				return err
			}
		}
		if err := h.checkDecision(ctx, t, tx, by, p); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "identity.permission_decided", Object: "member:" + p.ID, Title: p.Name,
			Before: map[string]any{permission: wayOf(p.exceptions, permission)}, After: map[string]any{permission: way},
		})
	})
}

// checkDecision looks at what a decision made of the member: whoever lifts a denial gives what it kept away, and the last
// administrator stays one who can do the work.
func (h *House) checkDecision(ctx context.Context, t *tenant.Tenant, tx *store.Tx, by, before *Person) error {
	after, err := one(h.people(ctx, t, tx, `WHERE id = ? ORDER BY name, id`, before.ID))
	if err != nil {
		return err
	}
	var over []string
	for _, permission := range *h.known.Load() {
		if after.Holds(permission) && !before.Holds(permission) && !by.gives(permission) {
			over = append(over, permission)
		}
	}
	if len(over) > 0 {
		return beyond(over...)
	}
	if before.administers() && !after.administers() {
		return h.keepAdmin(ctx, t, tx, before)
	}
	return nil
}

// administers reports whether the person can let others in and decide what they may do.
func (p *Person) administers() bool { return p.Holds("manage_users") && p.Holds("manage_roles") }

func wayOf(own decisions, permission string) string {
	granted, decided := own[permission]
	switch {
	case !decided:
		return Follow
	case granted:
		return Grant
	}
	return Deny
}

// Way is how this permission of the person is decided: Follow, Grant or Deny.
func (p *Person) Way(permission string) string { return wayOf(p.exceptions, permission) }

// Exceptions are all grants and denials of the organisation, by name.
func (h *House) Exceptions(ctx context.Context, t *tenant.Tenant) ([]Exception, error) {
	rows, err := t.DB.Query(ctx, `SELECT m.id, m.name, e.permission, e.granted FROM identity_exceptions e
		JOIN identity_members m ON m.id = e.member_id ORDER BY m.name, m.id, e.permission`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Exception
	for rows.Next() {
		var e Exception
		if err := rows.Scan(&e.MemberID, &e.Name, &e.Permission, &e.Granted); err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, rows.Err()
}

func exceptionsOf(ctx context.Context, r store.Reader, ids string) (map[string]decisions, error) {
	rows, err := r.Query(ctx, `SELECT member_id, permission, granted FROM identity_exceptions
		WHERE member_id IN (SELECT value FROM json_each(?)) ORDER BY member_id, permission`, ids)
	if err != nil {
		return nil, err
	}
	return readDecisions(rows)
}

// gives reports whether the person may give the permission to others: nobody gives what they do not hold, or hold for some
// roles alone. The house (nil) gives everything.
func (p *Person) gives(permission string) bool {
	return p == nil || p.may(permission) && (permission != manageUsers || p.area == nil)
}

// covers reports whether the person holds everything that the other may do.
func (h *House) covers(p, other *Person) bool {
	if p == nil || p.Owner && p.only == nil {
		return true
	}
	if other.Owner || !p.reachesPerson(other) {
		return false
	}
	return !slices.ContainsFunc(*h.known.Load(), func(permission string) bool {
		return other.Holds(permission) && !p.may(permission)
	})
}

// Manages reports whether the person may change the other: they hold everything that the other holds.
func (h *House) Manages(p, other *Person) bool { return h.covers(p, other) }

// Holds is Can for lists of rights: it also says what somebody suspended may do once they are back.
func (p *Person) Holds(permission string) bool { return p.Owner || p.rights.hold(permission) }

// beyond refuses to hand out what one does not hold.
func beyond(permissions ...string) error {
	return fault.New(fault.Forbidden, "identity.beyond", "permissions", strings.Join(permissions, ", "))
}

// manage changes a member in one write, unless that member holds more than by does.
func (h *House) manage(ctx context.Context, t *tenant.Tenant, by *Person, memberID string, do func(ctx context.Context, tx *store.Tx, p *Person) error) error {
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		p, err := one(h.people(ctx, t, tx, `WHERE id = ? ORDER BY name, id`, memberID))
		if err != nil {
			return err
		}
		if !by.reachesPerson(p) {
			return fault.New(fault.Forbidden, "identity.outside", "name", p.Name)
		}
		if !h.covers(by, p) {
			return fault.New(fault.Forbidden, "identity.above", "name", p.Name)
		}
		tx.AfterCommit(h.cache(t).empty)
		return do(ctx, tx, p)
	})
}
