// Package runekit is the contract between a rune and the house: everything a rune tells about itself.
package runekit

import (
	"context"
	"io/fs"

	"runes.im/platform/event"
	"runes.im/platform/identity"
	"runes.im/platform/job"
	"runes.im/platform/record"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// Rune is one module. Files holds its folder: manifest.json, templates/, words/, migrations/.
type Rune struct {
	Files   fs.FS
	Routes  func(r *web.Router) // pages at /<id>
	Doors   func(d *web.Doors)  // protocol surfaces at absolute paths
	Emits   []store.Event       // zero values of every event it emits
	Listens []event.Listener
	Offers  []slot.Offer
	// Guide is the group of the help centre for the rune's guide/<language>.md: Basic, Advanced, Additional, Integrations or
	// Administration. Empty: Additional.
	Guide string
	Jobs  []job.Kind
	Core  bool          // belongs to every organisation: it is never suspended
	Nouns []record.Kind // what they bring in jobs, events and the API is added when the rune is loaded
	// Demo fills the demo workspace; people are its members, the owner first.
	Demo func(ctx context.Context, t *tenant.Tenant, people []*identity.Person) error
}
