package identity

import (
	"context"

	"runes.im/platform/live"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// House is the one door to people.
type House struct{}

// New makes the house; system is migrated with SystemSchema, hub ends the streams of those who lose their rights.
func New(system *store.DB, hub *live.Hub) *House { panic("identity") }

// SystemSchema is the accounts in system.db, Schema the people of one tenant.
var SystemSchema, Schema store.Schema

// Source is where a request comes from.
type Source struct {
	Address, UserAgent string
	Device             string // the device cookie, see DeviceToken; empty when there is none
}

func (h *House) Provide(permissions []string) { panic("identity") }
func (h *House) SignIn(ctx context.Context, t *tenant.Tenant, email, password string, keep bool, from Source) (token string, err error) {
	panic("identity")
}
func (h *House) BySession(ctx context.Context, t *tenant.Tenant, token string) (*Person, error) {
	panic("identity")
}
func (h *House) SignOut(ctx context.Context, t *tenant.Tenant, p *Person) error { panic("identity") }
func (h *House) ByAppPassword(ctx context.Context, t *tenant.Tenant, login, secret, scope string, from Source) (*Person, error) {
	panic("identity")
}
func (h *House) MakeAppPassword(ctx context.Context, t *tenant.Tenant, memberID, label string, scopes []string) (AppPassword, string, error) {
	panic("identity")
}
func (h *House) AppPasswords(ctx context.Context, t *tenant.Tenant, memberID string) ([]AppPassword, error) {
	panic("identity")
}
func (h *House) RevokeAppPassword(ctx context.Context, t *tenant.Tenant, memberID, id string) error {
	panic("identity")
}

// NewMember is a person to be added. Role is "admin", "employee", "guest" or the name of another role; empty means
// employee.
type NewMember struct {
	Email, Name, Role, Password, Locale string
	Owner                               bool
}

func (h *House) AddMember(ctx context.Context, t *tenant.Tenant, n NewMember) (*Person, error) {
	panic("identity")
}
func (h *House) Members(ctx context.Context, t *tenant.Tenant) ([]*Person, error) { panic("identity") }
func (h *House) Member(ctx context.Context, t *tenant.Tenant, id string) (*Person, error) {
	panic("identity")
}
func (h *House) MemberByEmail(ctx context.Context, t *tenant.Tenant, email string) (*Person, error) {
	panic("identity")
}
func (h *House) SetPassword(ctx context.Context, t *tenant.Tenant, memberID, password string) error {
	panic("identity")
}
func (h *House) Suspend(ctx context.Context, t *tenant.Tenant, memberID string) error {
	panic("identity")
}
func (h *House) Resume(ctx context.Context, t *tenant.Tenant, memberID string) error {
	panic("identity")
}
func (h *House) SavePreferences(ctx context.Context, t *tenant.Tenant, p *Person, locale, zone, theme string) error {
	panic("identity")
}

// State is active or suspended.
func (p *Person) State() string { panic("identity") }

// FormToken is what forms of this person's session carry to prove that they are ours.
func (h *House) FormToken(t *tenant.Tenant, p *Person) string { panic("identity") }

// DeviceToken is the value of a long-lived cookie (ten years, HttpOnly, Path=/login) that the browser of somebody who
// just signed in keeps. Guessing by others never locks such a device out.
func (h *House) DeviceToken(t *tenant.Tenant, token string) string { panic("identity") }

// SaveRole makes the named role hold exactly these permissions; it is made when missing.
func (h *House) SaveRole(ctx context.Context, t *tenant.Tenant, name string, permissions []string) error {
	panic("identity")
}
