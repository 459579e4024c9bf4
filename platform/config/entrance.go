package config

import (
	"fmt"
	"slices"
	"strings"
)

// Who makes organisations. In single mode the base domain is the one organisation; in the others people choose there.
const (
	Single      = "single"
	Operator    = "operator"
	SelfService = "self-service"
)

// Who may register an account; anything else is a list of the domains whose addresses may.
const (
	Invitation = "invitation"
	Open       = "open"
)

func (c *Config) checkEntrance() error {
	if !slices.Contains([]string{Single, Operator, SelfService}, c.Organisations) {
		return fmt.Errorf("--organisations is single, operator or self-service, not %q", c.Organisations)
	}
	for n, rule := range c.Registration {
		rule = strings.ToLower(rule)
		c.Registration[n] = rule
		switch {
		case rule == Invitation || rule == Open:
			if len(c.Registration) > 1 {
				return fmt.Errorf("--registration %s stands alone", rule)
			}
		case !strings.Contains(rule, ".") || strings.ContainsAny(rule, "@ /"):
			return fmt.Errorf("--registration is invitation, open or domains like halden.example, not %q", rule)
		}
	}
	// Who registers comes to make an organisation: where that is closed, there would be nothing for them.
	if c.Registers() && c.Organisations != SelfService {
		return fmt.Errorf("--registration %s needs --organisations self-service", strings.Join(c.Registration, ","))
	}
	return nil
}

// Registers reports whether anybody may register an account without being invited.
func (c *Config) Registers() bool {
	return len(c.Registration) > 0 && c.Registration[0] != Invitation
}

// MayRegister reports whether the owner of the address may.
func (c *Config) MayRegister(email string) bool {
	if !c.Registers() {
		return false
	}
	_, domain, _ := strings.Cut(strings.ToLower(email), "@")
	return c.Registration[0] == Open || slices.Contains(c.Registration, domain)
}

// Domains are those whose addresses may register; nil: all, or none at all.
func (c *Config) Domains() []string {
	if !c.Registers() || c.Registration[0] == Open {
		return nil
	}
	return c.Registration
}
