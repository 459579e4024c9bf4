package identity

import (
	_ "embed"
	"strings"
)

//go:embed administration.txt
var administrationRules string

// Administrative reports whether the permission is that of an administrator: organisations may limit where it is used from.
func Administrative(permission string) bool {
	if isRuled, holds := ruled(administrationRules, permission); isRuled {
		return holds
	}
	return strings.HasPrefix(permission, "manage_") && strings.HasSuffix(permission, "_settings")
}

// ruled is what a list of differences says about the permission.
func ruled(rules, permission string) (isRuled, holds bool) {
	for line := range strings.Lines(rules) {
		if rule := strings.TrimSpace(line); rule != "" && strings.TrimLeft(rule, "+-") == permission {
			return true, rule[0] == '+'
		}
	}
	return false, false
}

// From is the person at a place where only some permissions may be used: every door, page and answer sees those alone. nil
// is every permission.
func (p *Person) From(usable func(permission string) bool) *Person {
	if p == nil || usable == nil {
		return p
	}
	there := *p
	there.usable = usable
	return &there
}
