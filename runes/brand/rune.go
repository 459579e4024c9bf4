// Package brand is how the organisation looks: its pictures, its sign-in page, the business cards and signatures of its
// people.
package brand

import (
	"embed"

	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/slot"
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
	Nouns:  []record.Kind{assets},
	Offers: []slot.Offer{
		slot.Logins.Offer(slot.Login{Design: showToAll}),
		slot.Mine.Offer(slot.Own{Title: "brand.card.mine", Icon: "id-card", Link: "/brand/card"}),
	},
	Demo: fillDemo,
}

func routes(r *web.Router) {
	r.Get("/", web.SignedIn, showFirst)
	assetRoutes(r)
	loginRoutes(r)
	cardRoutes(r)
	r.Get("/signature", web.SignedIn, showSignature)
}

// showFirst is the address of the rune itself: the page that everybody may open.
func showFirst(v *web.Visit) error { return v.Go("/brand/assets") }
