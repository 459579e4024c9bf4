// Package team shows who belongs to the organisation and what they may do. The people themselves, their roles and their
// rights are platform/identity; here are its screens.
package team

import (
	"embed"

	"runes.im/platform/runekit"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

//go:embed all:manifest.json all:migrations all:templates all:words all:guide
var files embed.FS

// Rune is Team Management.
var Rune = runekit.Rune{
	Files:  files,
	Core:   true,
	Guide:  runekit.Administration,
	Routes: routes,
	Demo:   fillDemo,
	Offers: []slot.Offer{
		slot.Actions.Offer(slot.Action{
			ID: "team.invite", Title: "team.invite", Icon: "user-plus", Permission: "manage_users", Link: "/team/invite", Dialog: true,
		}),
		slot.Mine.Offer(slot.Own{Title: "team.mine", Icon: "shield-check", Link: "/team/mine"}),
		slot.Settings.Offer(slot.Setting{Section: "members", Title: "team.nav.members", Icon: "users", Link: "/team"}),
		slot.Settings.Offer(slot.Setting{Section: "members", Title: "team.letter", Icon: "mail", Link: "/team/letter"}),
		slot.Settings.Offer(slot.Setting{Section: "members", Title: "team.terms", Icon: "file-text", Link: "/team/terms"}),
		slot.Settings.Offer(slot.Setting{Section: "access", Title: "team.nav.roles", Icon: "shield-check", Link: "/team/roles"}),
		slot.Settings.Offer(slot.Setting{Section: "billing", Title: "team.licences", Icon: "layout-grid", Link: "/team/licences"}),
		slot.Settings.Offer(slot.Setting{Section: "access", Title: "team.exceptions", Icon: "list-checks", Link: "/team/exceptions"}),
		slot.Settings.Offer(slot.Setting{Section: "authentication", Title: "team.factors", Icon: "key-round", Link: "/team/factors"}),
		slot.Steps.Offer(rolesStep),
		slot.Steps.Offer(inviteStep),
		slot.OwnedThings.Offer(guestsOwned),
		letterTokens("invite", "link", "expires"),
		letterTokens("inviter", "name"),
	},
}

func routes(r *web.Router) {
	r.Get("/", "manage_users", showMembers)
	r.Get("/export", "manage_users", exportMembers)
	r.Get("/invite", "manage_users", showInvite)
	r.Post("/invite", "manage_users", invite)
	r.Get("/add", "manage_users", showAdd)
	r.Post("/add", "manage_users", add)
	r.Get("/import", "manage_users", showBulk)
	r.PostFile("/import", "manage_users", maxPeopleFile, readBulk, refuseBulk)
	r.Post("/import/invite", "manage_users", inviteBulk)
	r.Post("/import/links", "manage_users", sendLinks)
	r.Post("/invitations/{id}/again", "manage_users", inviteAgain)
	r.Get("/invitations/{id}/withdraw", "manage_users", showWithdraw)
	r.Post("/invitations/{id}/withdraw", "manage_users", withdraw)

	r.Get("/members/{id}", "manage_users", showMember)
	r.Post("/members/{id}/state", "manage_users", switchMember)
	r.Get("/members/{id}/return", "manage_users", showReturn)
	r.Post("/members/{id}/return", "manage_users", letReturn)
	r.Get("/members/{id}/deactivate", "manage_users", showDeactivate)
	r.Post("/members/{id}/deactivate", "manage_users", deactivate)
	r.Get("/members/{id}/signout", "manage_users", showSignOut)
	r.Post("/members/{id}/signout", "manage_users", signOut)
	r.Get("/members/{id}/reset", "manage_users", showResetLink)
	r.Post("/members/{id}/reset", "manage_users", makeReset)
	r.Get("/members/{id}/email", "manage_users", showEmailLinks)
	r.Post("/members/{id}/email", "manage_users", makeEmailLinks)
	r.Get("/members/{id}/factors", "manage_users", showResetFactors)
	r.Post("/members/{id}/factors", "manage_users", resetFactors)
	r.Get("/members/{id}/roles", "manage_users", showAddRoles)
	r.Post("/members/{id}/roles", "manage_users", addRoles)
	r.Post("/members/{id}/roles/{role}/take", "manage_users", takeRole)
	r.Post("/members/{id}/rights", "manage_roles", decide)
	r.Get("/members/{id}/details", "manage_users", showDetails)
	r.Post("/members/{id}/details", "manage_users", saveDetails)
	r.Post("/members/{id}/sidebar", "manage_users", saveMenu)
	r.Get("/members/{id}/owner", "manage_users", showOwner)
	r.Post("/members/{id}/owner", "manage_users", setOwner)
	r.Get("/members/{id}/guest", "manage_users", showHost)
	r.Post("/members/{id}/guest", "manage_users", host)
	r.Get("/members/{id}/licences/{rune}", "manage_users", showLicence)
	r.Post("/members/{id}/licences/{rune}", "manage_users", giveLicence)
	r.Get("/licences", "manage_users", showLicences)
	r.Post("/licences/{rune}", "manage_users", ruleLicence)
	r.Get("/members/{id}/password", "manage_users", showPassword)
	r.Post("/members/{id}/password", "manage_users", givePassword)
	r.Get("/signout", "manage_users", showSignOutMany)
	r.Post("/signout", "manage_users", endMany)
	r.Get("/members/{id}/area", "manage_roles", showLimit)
	r.Post("/members/{id}/area", "manage_roles", limit)
	r.Get("/members/{id}/why/{permission}", "manage_users", showWhy)

	r.Get("/roles", "manage_roles", showRoles)
	r.Get("/roles/new", "manage_roles", showNewRole)
	r.Post("/roles/new", "manage_roles", saveRole)
	r.Get("/roles/{id}", "manage_roles", showRole)
	r.Post("/roles/{id}", "manage_roles", saveRole)
	r.Get("/roles/{id}/people", "manage_roles", showAddPeople)
	r.Post("/roles/{id}/people", "manage_roles", addPeople)
	r.Get("/roles/{id}/remove", "manage_roles", showRemoveRole)
	r.Post("/roles/{id}/remove", "manage_roles", removeRole)
	r.Get("/factors", "manage_roles", showFactorRules)
	r.Post("/factors", "manage_roles", saveFactorRule)
	r.Get("/exceptions", "manage_roles", showExceptions)

	r.Get("/letter", "manage_invite_settings", showLetter)
	r.Post("/letter", "manage_invite_settings", saveLetter)
	r.Post("/letter/days", "manage_invite_settings", saveDays)
	r.Get("/terms", "manage_invite_settings", showTerms)
	r.Post("/terms", "manage_invite_settings", saveTerms)

	r.Get("/mine", web.SignedIn, showMine)
	r.Post("/guests/{id}/longer", web.SignedIn, askLonger)
}
