package app

import (
	"context"
	"crypto/rand"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/tenant"
)

// Setup is what the first run needs to know: the first organisation and its owner.
type Setup struct {
	Company, Slug, Email, Name, Password, Locale, Zone string
}

// SetupInfo is what the first run made.
type SetupInfo struct {
	Tenant TenantInfo `json:"tenant"`
	Owner  UserInfo   `json:"owner"`
}

func setup(ctx context.Context, a *App, s Setup) (any, error) {
	t, owner, err := a.setUp(ctx, s)
	if err != nil {
		return nil, err
	}
	defer t.Leave()
	made := TenantInfo{Slug: t.Slug, Name: t.Name, State: "active", Host: a.host(t.Slug)}
	return SetupInfo{Tenant: made, Owner: userInfo(owner)}, nil
}

// setUp makes the first tenant and its owner. One at a time: two browsers that press the button together make one.
func (a *App) setUp(ctx context.Context, s Setup) (*tenant.Tenant, *identity.Person, error) {
	a.building.Lock()
	defer a.building.Unlock()
	if !a.Tenants.Empty() {
		return nil, nil, fault.New(fault.Conflict, "app.set_up_already")
	}
	t, err := a.create(ctx, tenant.New{Slug: s.Slug, Name: s.Company, Locale: s.Locale, Zone: s.Zone})
	if err != nil {
		return nil, nil, err
	}
	owner, err := a.People.AddMember(tenant.With(ctx, t), t, identity.NewMember{
		Email: s.Email, Name: s.Name, Role: "admin", Password: s.Password, Locale: s.Locale, Owner: true,
	})
	if err != nil {
		t.Leave()
		return nil, nil, err
	}
	return t, owner, nil
}

// newSetupCode is short enough to type and long enough not to be guessed: 60 random bits.
func newSetupCode() string {
	letters := strings.ToLower(rand.Text())
	return letters[:4] + "-" + letters[4:8] + "-" + letters[8:12]
}
