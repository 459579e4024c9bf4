// Package brand is how the organisation looks: its pictures, its sign-in page, the business cards and signatures of its
// people.
package brand

import (
	"embed"
	"time"

	"runes.im/platform/job"
	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

//go:embed all:manifest.json all:migrations all:templates all:words all:guide
var files embed.FS

// Rune is Brand & Identity.
var Rune = runekit.Rune{
	Files:  files,
	Core:   true,
	Guide:  runekit.Basic,
	Routes: routes,
	Doors:  cardDoors,
	Emits:  []store.Event{ProfileUpdated{}, ThemePublished{}},
	Nouns:  []record.Kind{assets},
	Jobs:   []job.Kind{{Name: copying, Every: 6 * time.Hour, Run: copyAssets}},
	Offers: []slot.Offer{
		slot.Looks.Offer(looks),
		slot.TokenValues.Offer(companyTokens),
		slot.TokenValues.Offer(brandTokens),
		slot.Foundings.Offer(slot.Founding{Do: founded}),
		slot.Logins.Offer(slot.Login{Design: showToAll}),
		slot.PersonalData.Offer(cardData),
		slot.Shelves.Offer(shelf),
		slot.Settings.Offer(slot.Setting{Section: "appearance", Title: "brand.nav.profile", Icon: "building-2", Link: "/brand/profile"}),
		slot.Settings.Offer(slot.Setting{Section: "appearance", Title: "brand.nav.login", Icon: "log-in", Link: "/brand/login"}),
		slot.Settings.Offer(slot.Setting{Section: "appearance", Title: "brand.nav.network", Icon: "globe", Link: "/brand/network"}),
		slot.Settings.Offer(slot.Setting{Section: "themes", Title: "brand.nav.settings", Icon: "sliders-horizontal", Link: "/brand/settings"}),
		slot.Steps.Offer(profileStep),
		slot.Steps.Offer(lookStep),
		slot.Mine.Offer(slot.Own{Title: "brand.card.mine", Icon: "id-card", Link: "/brand/card"}),
	},
	Demo: fillDemo,
}

func routes(r *web.Router) {
	r.Get("/", web.SignedIn, showFirst)
	profileRoutes(r)
	themeRoutes(r)
	networkRoutes(r)
	subdomainRoutes(r)
	lookRoutes(r)
	assetRoutes(r)
	loginRoutes(r)
	cardRoutes(r)
	r.Get("/signature", web.SignedIn, showSignature)
}

// showFirst is the address of the rune itself: the company data, or the page that everybody may open.
func showFirst(v *web.Visit) error {
	if v.Can("manage_tenant_identity") {
		return v.Go("/brand/profile")
	}
	return v.Go("/brand/assets")
}
