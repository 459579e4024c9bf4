// Package contacts is the directory of everybody outside the organisation: companies and their people, pointed at by
// tasks, tickets, invoices and documents.
package contacts

import (
	"embed"

	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

//go:embed all:manifest.json all:migrations all:templates all:words all:guide
var files embed.FS

// Rune is Contact Hub.
var Rune = runekit.Rune{
	Files:  files,
	Routes: routes,
	Guide:  runekit.Basic,
	Nouns:  []record.Kind{companies, people, lists},
	Offers: offers,
	Demo:   fillDemo,
}

func routes(r *web.Router) {
	companies.Pages(r)
	people.Pages(r)
	lists.Pages(r)
	r.Get("/lists/put/{holds}", "manage_contacts", showPut)
	r.Post("/lists/put/{holds}", "manage_contacts", put)
	r.Get("/lists/{id}/drop", "manage_contacts", showDrop)
	r.Post("/lists/{id}/drop", "manage_contacts", drop)
	r.Get("/{id}", "view_contacts", showCompany)
	r.Get("/people/{id}/vcard", "view_contacts", showCard)
	r.Get("/roles", "manage_contacts", showRoles)
	r.Post("/roles", "manage_contacts", saveRoles)
}

var offers = []slot.Offer{
	slot.Actions.Offer(slot.Action{ID: "contacts.new_company", Title: "contacts.company.new", Icon: "building-2", Permission: "manage_contacts", Link: "/contacts/new", Dialog: true}),
	slot.Widgets.Offer(changed),
	slot.TokenValues.Offer(contactTokens),
	slot.TokenValues.Offer(customerTokens),
}
