// Package identity knows people: accounts and passwords of the appliance, memberships, roles, sessions and app
// passwords of a tenant, and whether a person may do a thing.
package identity

import "time"

// Person is a member of a tenant at work in this request.
type Person struct {
	ID        string // the membership's id in this tenant
	AccountID string
	Name      string
	Email     string
	Locale    string // en, de, fr, it
	Zone      string // IANA time zone
	Theme     string // light, dark, system
	Owner     bool   // organisation owner: may everything
	Session   string // id of the session or app password that let this person in
	can       map[string]bool
}

// Can reports whether the person holds the permission. manage_x implies view_x. The empty permission is everybody
// signed in.
func (p *Person) Can(permission string) bool { panic("identity") }

// AppPassword lets one client program in, and only into its scopes. The secret is shown once.
type AppPassword struct {
	ID       string
	Label    string
	Scopes   []string // "sync" (files, calendars, contacts over DAV and OCS), "smtp"
	Client   string   // the program that used it last, from its User-Agent
	LastUsed time.Time
	LastFrom string // network address
	MadeAt   time.Time
}
