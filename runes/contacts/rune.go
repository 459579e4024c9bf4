// Package contacts is the directory of everybody outside the organisation: companies and their people, pointed at by
// tasks, tickets, invoices and documents.
package contacts

import (
	"embed"
	"time"

	"runes.im/platform/job"
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
	Nouns:  []record.Kind{companies, people, lists, messages},
	Doors:  doors,
	Jobs:   jobs,
	Offers: offers,
	Demo:   fillDemo,
}

func routes(r *web.Router) {
	companies.Pages(r)
	people.Pages(r)
	lists.Pages(r)
	messages.Pages(r)
	r.Get("/messages/{id}", "view_contacts", showMessage)
	r.Get("/lists/put/{holds}", "manage_contacts", showPut)
	r.Post("/lists/put/{holds}", "manage_contacts", put)
	r.Get("/lists/{id}/drop", "manage_contacts", showDrop)
	r.Post("/lists/{id}/drop", "manage_contacts", drop)
	r.Get("/{id}", "view_contacts", showCompany)
	r.Get("/{id}/vcard", "view_contacts", sendCompanyCard)
	r.Get("/people/{id}", "view_contacts", showPerson)
	r.Get("/people/{id}/vcard", "view_contacts", sendCard)
	r.Get("/lists/{id}/vcard", "view_contacts", sendListCards)
	r.Get("/sync", "view_contacts", showSync)
	r.Get("/sync/new", "view_contacts", showNewDevice)
	r.Post("/sync/new", "view_contacts", makeDevice)
	r.Get("/sync/revoke/{id}", "view_contacts", showRevoke)
	r.Post("/sync/revoke/{id}", "view_contacts", revoke)
	r.Get("/people/{id}/write", "view_contacts", showWrite)
	r.Get("/roles", "manage_contacts", showRoles)
	r.Post("/roles", "manage_contacts", saveRoles)
}

var jobs = []job.Kind{
	{Name: "contacts.forget_books", Every: 24 * time.Hour, Run: forgetBooks},
}

var offers = []slot.Offer{
	slot.Actions.Offer(slot.Action{ID: "contacts.new_company", Title: "contacts.company.new", Icon: "building-2", Permission: "manage_contacts", Link: "/contacts/new", Dialog: true}),
	slot.Widgets.Offer(changed),
	record.PersonalBy(people, "email"),
	slot.Notices.Offer(slot.Notice{Kind: "contacts.company_assigned", Title: "contacts.notice_assigned", Permission: "view_contacts", Mail: true}),
	slot.TokenValues.Offer(contactTokens),
	slot.TokenValues.Offer(customerTokens),
}
