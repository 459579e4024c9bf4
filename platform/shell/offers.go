package shell

import (
	"runes.im/platform/runekit"
	"runes.im/platform/slot"
	"runes.im/platform/token"
	"runes.im/platform/web"
	"runes.im/platform/words"
)

// Offers is everything that the house and its runes offer in slots.
func Offers(runes []*runekit.Installed, book *words.Book) []slot.Offer {
	var all []slot.Offer
	for _, t := range token.Core(book) {
		all = append(all, slot.TokenValues.Offer(t))
	}
	all = append(all, slot.Widgets.Offer(glance))
	for i := range all {
		all[i].Rune = slot.House
	}
	for _, in := range runes {
		all = append(all, in.Offers...)
	}
	return all
}

// slots are the pages on which the offers of all runes meet.
func (s *Shell) slots(r *web.Router) {
	r.Get("/tokens", web.SignedIn, listTokens)
	r.Post("/tokens/preview", web.SignedIn, previewTokens)
	r.Get("/pick", web.SignedIn, pick)
	r.Post("/pick", web.SignedIn, pickNew)
	r.Get("/bin", web.SignedIn, s.showBins)
	r.Get("/get/{rune}", "manage_runes", s.showGet)
}
