// Package web is how a request meets the house: host to tenant, cookie or app password to person, route to
// permission, error to page.
package web

import (
	"embed"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
)

// Words holds the sentences of this room, and those of fault.
//
//go:embed words
var Words embed.FS

// Handler answers one request. A returned error becomes status and page in one place.
type Handler func(v *Visit) error

// Permissions that are not permissions: who else may enter a route.
const (
	Public   = "public"          // anybody, signed in or not (v.Person may be nil)
	SignedIn = identity.SignedIn // any member of the tenant
	NoTenant = "no_tenant"       // anybody, while there is no tenant yet (v.Tenant is nil): the set-up wizard
	Operator = "operator"        // on the appliance's own host: accounts that run it; for everybody else the page is not there
	AtGate   = "at_gate"         // on the appliance's own host, which is no tenant's (v.Tenant is nil): the page sees who is there
)

// errNotFound is the one answer for what does not exist and for what this person may not know of.
var errNotFound = fault.New(fault.NotFound, "web.not_found")
