package main

import (
	"runes.im/platform/runekit"
	"runes.im/runes/brand"
	"runes.im/runes/contacts"
	"runes.im/runes/storage"
	"runes.im/runes/team"
)

// installed are the built-in runes, in the order in which they came into the house.
func installed() []runekit.Rune {
	return []runekit.Rune{contacts.Rune, storage.Rune, team.Rune, brand.Rune}
}
