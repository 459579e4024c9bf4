// Package words holds every text a person reads, in every language of the house.
package words

import "io/fs"

// Languages are the languages that ship, the first one is the fallback.
var Languages = []string{"en", "de", "fr", "it"}

// Book is the texts of the whole house.
type Book struct{}

// Load reads <lang>.json of every folder given. A key that two folders define is an error.
func Load(folders ...fs.FS) (*Book, error) { panic("words") }

// Text is the text of key in lang with its places {name} filled from the pairs args (name, value …). A text with plural
// forms ({"one": …, "other": …}) chooses by the value of the pair named "n". A missing key reads as the key itself.
func (b *Book) Text(lang, key string, args ...any) string { panic("words") }

// Has reports whether lang has the key.
func (b *Book) Has(lang, key string) bool { panic("words") }

// Match chooses the best language for an Accept-Language header.
func Match(header string) string { panic("words") }
