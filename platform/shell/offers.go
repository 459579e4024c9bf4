package shell

import (
	"runes.im/platform/runekit"
	"runes.im/platform/slot"
	"runes.im/platform/token"
	"runes.im/platform/words"
)

// Offers is everything that the house and its runes offer in slots.
func Offers(runes []*runekit.Installed, book *words.Book) []slot.Offer {
	var all []slot.Offer
	for _, t := range token.Core(book) {
		all = append(all, slot.TokenValues.Offer(t))
	}
	for i := range all {
		all[i].Rune = slot.House
	}
	for _, in := range runes {
		all = append(all, in.Offers...)
	}
	return all
}
