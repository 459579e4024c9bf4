// Package slot is where runes meet without knowing each other: one offers, another asks, and a missing or suspended
// rune is a missing answer.
package slot

import (
	"context"
	"html/template"

	"runes.im/platform/identity"
	"runes.im/platform/tenant"
)

// Slot is a meeting point for answers of type T.
type Slot[T any] struct{ name string }

// Offer is one rune's answer to a slot. Rune is filled by the house.
type Offer struct {
	Rune string
	slot string
	what any
}

// Answer is what one rune offers.
type Answer[T any] struct {
	Rune string
	What T
}

// Offer makes what an answer to the slot.
func (s Slot[T]) Offer(what T) Offer { return Offer{slot: s.name, what: what} }

// Answers picks the slot's answers out of all offers, leaving out runes that active does not hold.
func (s Slot[T]) Answers(offers []Offer, active map[string]bool) []Answer[T] {
	var found []Answer[T]
	for _, o := range offers {
		if what, ok := o.what.(T); ok && o.slot == s.name && active[o.Rune] {
			found = append(found, Answer[T]{Rune: o.Rune, What: what})
		}
	}
	return found
}

// Among is the answers alone, for whoever does not care which rune gave them.
func (s Slot[T]) Among(offers []Offer, active map[string]bool) []T {
	var found []T
	for _, a := range s.Answers(offers, active) {
		found = append(found, a.What)
	}
	return found
}

// Asker is on whose behalf a slot is asked: answers hold only what this person may see, in this language.
type Asker struct {
	Tenant *tenant.Tenant
	Person *identity.Person
}

// Widget is a card on Home.
type Widget struct {
	ID         string // "storage.recent"
	Title      string // words key
	Icon       string
	Link       string // where its corner link leads
	LinkText   string // words key
	Permission string
	Template   string // of the offering rune
	Data       func(ctx context.Context, a Asker) (any, error)
}

// Action is an entry of the "+" menu.
type Action struct {
	ID, Title, Icon, Permission, Link string // Title is a words key
}

// FileArchive is where other runes keep files for people: the storage rune answers.
type FileArchive struct {
	Save func(ctx context.Context, a Asker, folder, name string, content []byte) (ref Ref, err error)
}

// Ref points at a record of whatever rune owns the kind.
type Ref struct{ Kind, ID string }

// Title is how a Ref reads: a dead one has no Href.
type Title struct {
	Text, Icon string
	Href       template.URL
}

// Titles resolves refs of one kind in one go.
type Titles struct {
	Kind    string
	Resolve func(ctx context.Context, a Asker, ids []string) (map[string]Title, error)
}

// Search is a kind of record that people find from the palette and the search page. The documents come from
// search.Put; here the rune says how they are shown and who may see them.
type Search struct {
	Kind       string // that of the documents: "file"
	Title      string // words key of the group
	Icon       string
	Permission string // without it nothing of the kind is found
	// Scope narrows the search to documents with one of these labels and those for everybody, unless all is true. nil:
	// the person's own id is the one label. It saves work; it is Allowed that decides.
	Scope func(ctx context.Context, a Asker) (labels []string, all bool, err error)
	// Allowed is asked at each reading: what is missing in the answer is not shown. nil: permission and scope decide.
	Allowed func(ctx context.Context, a Asker, ids []string) (map[string]Sight, error)
	// CatchUp brings what waits to be indexed into the index, if that is little work. nil: nothing ever waits.
	CatchUp func(ctx context.Context, a Asker) error
}

// Sight is how a record reads for one person.
type Sight struct {
	Subtitle string // empty: that of the document
}

// The meeting points of the house.
var (
	Widgets      = Slot[Widget]{"widget"}
	Actions      = Slot[Action]{"action"}
	FileArchives = Slot[FileArchive]{"file_archive"}
	RefTitles    = Slot[Titles]{"titles"}
	Searches     = Slot[Search]{"search"}
)
