package slot

import (
	"context"

	"runes.im/platform/tenant"
)

// Look is who says how an organisation looks on every page, before and after signing in.
type Look struct {
	Of func(ctx context.Context, t *tenant.Tenant) (*Appearance, error) // asked for every page: the answer comes from memory
	// Usable are the permissions that may be used by who comes from the network address: organisations keep those of their
	// administrators to networks of their own. A nil answer is all of them.
	Usable func(ctx context.Context, t *tenant.Tenant, address string) (func(permission string) bool, error)
	// Logo is the picture of its logo, for pages that are not on its own host; fault.NotFound without one.
	Logo func(ctx context.Context, t *tenant.Tenant) (kind string, content []byte, err error)
}

// Appearance is how an organisation looks. Addresses are local, and anybody may read what lies there; whatever is empty is
// the house's own.
type Appearance struct {
	Sheet          string // style sheet with the organisation's colours; the address changes with them
	Name           string // of the platform: in the browser's title and above the sidebar
	Logo, LogoDark string // beside or instead of the name, on light and on dark ground
	Icon           string // of the browser's tab
	Banner         string // above Home, 21:9
	Manifest       string // what a phone reads that keeps the workspace as an app
	Header         string // of the pages: empty, solid or image
	IsIndexed      bool   // search engines may list its public pages
}

// Looks has one answer at most: the rune Brand & Identity gives it.
var Looks = Slot[Look]{"look"}
