package identity

import (
	_ "embed"
	"maps"
	"strings"
)

// The ids of the default roles.
const (
	roleAdmin    = "admin"
	roleEmployee = "employee"
	roleGuest    = "guest"
)

// employeeRules says where the everyday permissions differ from "everything that only looks or uses".
//
//go:embed employee.txt
var employeeRules string

// rights are what the roles of a person come to. With all set, listed are the exceptions; else they are the rights.
type rights struct {
	all    bool
	listed map[string]bool
}

func (r rights) hold(permission string) bool { return r.listed[permission] != r.all }

// decisions are what somebody decided about a role, by permission; what is not decided follows the role's nature.
type decisions map[string]bool

// rightsOf is the union of the roles.
func rightsOf(roles []string, decided map[string]decisions, known []string) rights {
	held := map[string]bool{}
	admin := false
	for _, role := range roles {
		admin = admin || role == roleAdmin
		for permission, granted := range decided[role] {
			held[permission] = held[permission] || granted
		}
		if role == roleEmployee {
			for _, permission := range known {
				if _, isDecided := decided[role][permission]; !isDecided && everyday(permission) {
					held[permission] = true
				}
			}
		}
	}
	for permission, granted := range held {
		if granted {
			held[implied(permission)] = true
		}
	}
	if !admin {
		return rights{listed: only(held, true)}
	}
	return rights{all: true, listed: adminLacks(held, decided[roleAdmin])}
}

// with are the rights after what somebody decided about this one person. A denial wins, and who may not look may not
// manage either.
func (r rights) with(own decisions) rights {
	if len(own) == 0 {
		return r
	}
	r.listed = maps.Clone(r.listed)
	for permission, granted := range own {
		if granted {
			r.set(permission, true)
			r.set(implied(permission), true)
		}
	}
	for permission, granted := range own {
		if granted {
			continue
		}
		r.set(permission, false)
		if what, ok := strings.CutPrefix(permission, "view_"); ok {
			r.set("manage_"+what, false)
		}
	}
	return r
}

func (r rights) set(permission string, held bool) {
	delete(r.listed, permission)
	if held != r.all {
		r.listed[permission] = true
	}
}

// adminLacks is what was taken from the admin role and no other role gives back. Who takes away manage_users or
// manage_roles could never undo it, so these stay.
func adminLacks(held map[string]bool, decided decisions) map[string]bool {
	lacks := map[string]bool{}
	for permission, granted := range decided {
		if granted || held[permission] || permission == "manage_users" || permission == "manage_roles" {
			continue
		}
		manage := "manage_" + strings.TrimPrefix(permission, "view_")
		if _, isDecided := decided[manage]; strings.HasPrefix(permission, "view_") && !isDecided {
			continue // whoever manages may look
		}
		lacks[permission] = true
	}
	return lacks
}

// implied is the permission that comes with this one, or the same.
func implied(permission string) string {
	if what, ok := strings.CutPrefix(permission, "manage_"); ok {
		return "view_" + what
	}
	return permission
}

// everyday reports whether an employee holds the permission unless somebody decided otherwise.
func everyday(permission string) bool {
	if isRuled, holds := ruled(employeeRules, permission); isRuled {
		return holds
	}
	return strings.HasPrefix(permission, "view_") || strings.HasPrefix(permission, "use_")
}

func only(set map[string]bool, value bool) map[string]bool {
	found := make(map[string]bool, len(set))
	for key, v := range set {
		if v == value {
			found[key] = true
		}
	}
	return found
}
