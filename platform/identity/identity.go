// Package identity knows people: accounts and passwords of the appliance, memberships, roles, sessions and app
// passwords of a tenant, and whether a person may do a thing.
package identity

import (
	"embed"
	"slices"
	"sync/atomic"

	"runes.im/platform/fault"
	"runes.im/platform/live"
	"runes.im/platform/secret"
	"runes.im/platform/store"
)

//go:embed migrations system
var migrations embed.FS

// Words are the sentences of this room.
//
//go:embed words
var Words embed.FS

// SystemSchema is the accounts in system.db, Schema the people of one tenant.
var (
	SystemSchema = store.Embedded("identity_system", migrations, "system")
	Schema       = store.Embedded("identity", migrations, "migrations")
)

// House is the one door to people.
type House struct {
	system   *store.DB
	hub      *live.Hub
	hashes   *hasher
	trusts   bool        // the operator answers for whoever runs an organisation
	box      *secret.Box // for the secrets of second factors
	pause    pauser
	beside   func(fn func())          // runs what an answer does not wait for; a test holds it
	known    atomic.Pointer[[]string] // every permission of the installed runes
	shelves  atomic.Pointer[[]Shelf]
	seats    atomic.Pointer[[]SeatPrice]
	accounts atomic.Uint64 // goes up with every change of an account: people known before are read anew
	faces    atomic.Uint64 // goes up with every picture, and with every membership of somebody who may have one
}

// New makes the house; system is migrated with SystemSchema, hub ends the streams of those who lose their rights.
func New(system *store.DB, hub *live.Hub) *House {
	h := &House{system: system, hub: hub, hashes: newHasher(), pause: sleep, beside: func(fn func()) { go fn() }, trusts: true}
	h.Provide(nil)
	return h
}

// Shelf is the permissions that one rune brings.
type Shelf struct {
	Rune        string
	Permissions []string
	Entries     []SidebarEntry
	Presets     []RolePreset
}

// RolePreset is a role that a rune suggests.
type RolePreset struct {
	Key         string
	Permissions []string
}

// Provide tells the house every permission of the installed runes, once at start.
func (h *House) Provide(shelves []Shelf) {
	known := []string{}
	for _, s := range shelves {
		known = append(known, s.Permissions...)
	}
	h.shelves.Store(&shelves)
	h.known.Store(&known)
	h.accounts.Add(1)
}

// Catalogue is every permission of the installed runes, rune by rune. The slice is shared: only read it.
func (h *House) Catalogue() []Shelf { return *h.shelves.Load() }

// Source is where a request comes from.
type Source struct {
	Address, UserAgent string
	Device             string // the device cookie, see DeviceToken; empty when there is none
}

// Person is a member of a tenant at work in this request. Requests share it: nobody changes it.
type Person struct {
	ID        string // the membership's id in this tenant
	AccountID string
	Name      string
	Email     string
	Locale    string   // en, de, fr, it
	Zone      string   // IANA time zone
	Theme     string   // light, dark, system
	Density   string   // comfortable, compact
	Letters   bool     // single letters are shortcuts
	Roles     []string // ids: admin, employee, guest or others
	Owner     bool     // organisation owner: may everything
	Service   bool     // the account of a program: nobody signs in with it
	Guest     *Guest   // of those alone whose membership has a sponsor and an end
	Session   string   // id of the session or app password that let this person in

	state      string
	credential int64
	key        fingerprint // of the session's token that they came with
	kept       bool        // the session outlives the browser window
	renews     bool        // the session's token was given under other rights
	rights     rights
	exceptions decisions                    // of this person alone; they are in rights already
	area       map[string]bool              // roles whose people alone they manage; nil: everybody
	resting    map[string]bool              // permissions without effect for want of a licence
	hidden     map[string]bool              // entries of the sidebar
	only       map[string]bool              // of somebody who came with an API token: the permissions of the token
	usable     func(permission string) bool // where this request comes from; nil: everything
}

// State is active, suspended, deactivated, or ended for a guest whose time is over.
func (p *Person) State() string { return p.state }

// SignedIn is what every member of the organisation may, whatever their rights.
const SignedIn = "signed_in"

// Can reports whether the person holds the permission. manage_x implies view_x. The empty permission is everybody
// signed in. One that costs a seat has no effect without the licence, where licences are given by hand.
func (p *Person) Can(permission string) bool { return p.may(permission) && !p.resting[permission] }

// may is Can, licence or not: what somebody may pass on is a matter of rights.
func (p *Person) may(permission string) bool {
	if p == nil || p.state != active {
		return false
	}
	if permission == SignedIn {
		return true
	}
	if p.only != nil && permission != "" && !p.only[permission] {
		return false
	}
	if p.usable != nil && !p.usable(permission) {
		return false
	}
	return permission == "" || p.Owner || p.rights.hold(permission)
}

// IsGuest reports whether the person came in as a guest. Guests know nobody but themselves: an organisation's people are
// nothing that comes along with a shared folder.
func (p *Person) IsGuest() bool {
	return p.Guest != nil || !p.Owner && !p.Service && !slices.ContainsFunc(p.Roles, func(role string) bool { return role != roleGuest })
}

const (
	active      = "active"
	suspended   = "suspended"
	deactivated = "deactivated"
	ended       = "ended" // a guest's time is over
)

// signedOut is the one answer to everybody who is not let in: which part was wrong is nobody's business.
func signedOut() error { return fault.New(fault.SignedOut, "identity.wrong") }

func sessionOver() error { return fault.New(fault.SignedOut, "identity.session_over") }
