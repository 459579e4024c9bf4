// Package runekit is the contract between a rune and the house: everything a rune tells about itself.
package runekit

import (
	"context"
	"io/fs"

	"runes.im/platform/event"
	"runes.im/platform/identity"
	"runes.im/platform/job"
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
	Jobs    []job.Kind
	// Demo fills the demo workspace; people are its members, the owner first.
	Demo func(ctx context.Context, t *tenant.Tenant, people []*identity.Person) error
}

// Manifest is manifest.json: what people and the Rune Center see, the same for third-party runes.
type Manifest struct {
	Name                string             `json:"name"`
	DisplayName         string             `json:"display_name"`
	Version             string             `json:"version"`
	Author              string             `json:"author"`
	Dependencies        []string           `json:"dependencies"`
	UIHooks             UIHooks            `json:"ui_hooks"`
	ProvidedPermissions map[string]string  `json:"provided_permissions"`
	Marketing           Marketing          `json:"marketing"`
	AuthorContact       string             `json:"author_contact"`
}

// UIHooks say where a rune shows up. Order in the file is order on the screen.
type UIHooks struct {
	Icon    string    `json:"icon"`  // of the rune's own line in the sidebar
	Block   string    `json:"block"` // "personal", "runes", "workspace"
	Order   int       `json:"order"` // place within the block
	Sidebar []Sidebar `json:"-"`     // decoded in file order
}

// Sidebar is one entry. Label is the English name; the words key <rune>.nav.<key> has it in every language.
type Sidebar struct {
	Key        string `json:"-"`
	Icon       string `json:"icon"`
	Label      string `json:"label"`
	Route      string `json:"route"` // local path: "/storage"
	Permission string `json:"permission"`
}

// Marketing is the rune's page in the Rune Center.
type Marketing struct {
	Tagline         string   `json:"tagline"`
	LongDescription string   `json:"long_description"`
	Features        []string `json:"features"`
	Media           []string `json:"media"`
}
