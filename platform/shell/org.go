package shell

import (
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// Entrance is what the operator lets people do by themselves.
type Entrance struct {
	SelfService bool // make an organisation
	Registers   bool // register an account without an invitation
	Domains     []string
	MayRegister func(email string) bool
}

// Establishing is an organisation as the wizard was filled in for it.
type Establishing struct {
	Slug, Locale, Zone string
	Company            slot.Company
	Runes              []string
	Owner              identity.NewMember
	Order              tenant.Order
}

// The wizard's addresses: one a step.
const (
	wizardPath   = "/organizations/new"
	detailsPath  = wizardPath + "/details"
	productsPath = wizardPath + "/products"
	quotePath    = wizardPath + "/quote"
	overviewPath = wizardPath + "/overview"
)

// wizardRoutes stand on the appliance's own host and inside every organisation: whoever is signed in goes on where they are.
func (s *Shell) wizardRoutes(r *web.Router, permission string) {
	for path, draw := range map[string]func(*wizard) error{
		wizardPath: (*wizard).showName, detailsPath: (*wizard).showDetails, productsPath: (*wizard).showProducts,
		quotePath: (*wizard).showQuote, overviewPath: (*wizard).showOverview,
	} {
		r.Get(path, permission, s.wizardly(draw))
	}
	for path, take := range map[string]func(*wizard) error{
		wizardPath: (*wizard).takeName, detailsPath: (*wizard).takeDetails, productsPath: (*wizard).takeProducts,
		quotePath: (*wizard).takeQuote, overviewPath: (*wizard).finish, wizardPath + "/discard": (*wizard).discard,
	} {
		r.Post(path, permission, s.wizardly(take))
	}
}

// wizardly finds out who makes an organisation and what they have begun. Where the operator keeps that to themselves there is no
// such page.
func (s *Shell) wizardly(do func(*wizard) error) web.Handler {
	return func(v *web.Visit) error {
		if !s.Entrance.SelfService {
			return fault.New(fault.NotFound, "web.not_found")
		}
		w := &wizard{Shell: s, v: v}
		if v.Person != nil {
			w.who = v.Person.Calling()
		} else {
			c, err := caller(v)
			if c == nil {
				return err
			}
			w.who = c
		}
		if err := w.recall(); err != nil {
			return err
		}
		return do(w)
	}
}
