package identity

import (
	"context"
	"slices"

	"runes.im/platform/fault"
	"runes.im/platform/tenant"
)

// Reason is one thing that speaks for or against a permission of a person.
type Reason struct {
	Kind   string // "owner", "role", "granted", "denied", "state", "licence"
	For    bool
	Role   string // name of the role
	RoleID string
	Via    string   // the permission that brings this one along or takes it away, when it is another one
	Area   []string // ids of the roles it is limited to; nil: everybody
}

// Why are all reasons that a person may, or may not, use a permission: every role, grant and denial that leads there.
// A denial comes first because it wins over all but ownership.
func (h *House) Why(ctx context.Context, t *tenant.Tenant, memberID, permission string) (may bool, reasons []Reason, err error) {
	known := *h.known.Load()
	if !slices.Contains(known, permission) {
		return false, nil, fault.New(fault.NotFound, "identity.permission_unknown", "permission", permission)
	}
	p, err := h.Member(ctx, t, memberID)
	if err != nil {
		return false, nil, err
	}
	if p.state != active {
		reasons = append(reasons, Reason{Kind: "state"})
	}
	if p.resting[permission] {
		reasons = append(reasons, Reason{Kind: "licence"})
	}
	if p.Owner {
		reasons = append(reasons, Reason{Kind: "owner", For: true})
	}
	own := p.exceptionsFor(permission)
	if permission == manageUsers && p.Way(permission) == Grant {
		limits, err := readAreas(ctx, t.DB)
		if err != nil {
			return false, nil, err
		}
		own[len(own)-1].Area = limits[memberArea(p.ID)]
	}
	reasons = append(reasons, own...)
	decided, err := roleDecisions(ctx, t.DB)
	if err != nil {
		return false, nil, err
	}
	roles, err := h.Roles(ctx, t)
	if err != nil {
		return false, nil, err
	}
	for _, o := range roles {
		if slices.Contains(p.Roles, o.ID) && slices.Contains(o.Permissions, permission) {
			reason := Reason{Kind: "role", For: true, Role: o.Name, RoleID: o.ID, Via: roleVia(o.ID, permission, decided, known)}
			if permission == manageUsers && o.Limited {
				reason.Area = o.Area
			}
			reasons = append(reasons, reason)
		}
	}
	return p.Can(permission), reasons, nil
}

// exceptionsFor are the person's own grants and denials that bear on the permission.
func (p *Person) exceptionsFor(permission string) (found []Reason) {
	for _, way := range []string{Deny, Grant} {
		for other, granted := range p.exceptions {
			bears := other == permission || granted && implied(other) == permission || !granted && implied(permission) == other
			if bears && granted == (way == Grant) {
				found = append(found, Reason{Kind: way, For: granted, Via: via(other, permission)})
			}
		}
	}
	return found
}

func via(other, permission string) string {
	if other == permission {
		return ""
	}
	return other
}

// roleVia is the permission of the role that brings this one along; empty when the role holds it by itself.
func roleVia(role, permission string, decided map[string]decisions, known []string) string {
	for _, other := range known {
		if other == permission || implied(other) != permission {
			continue
		}
		alone := map[string]decisions{role: {}}
		for name, granted := range decided[role] {
			if name != other {
				alone[role][name] = granted
			}
		}
		if role != roleAdmin && !rightsOf([]string{role}, alone, known).hold(permission) {
			return other
		}
	}
	return ""
}
