package app

import (
	"context"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/shell"
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

// found is what the wizard in the browser does at its end: the same as the command.
func (a *App) found(ctx context.Context, f shell.Founding) (address string, err error) {
	t, _, err := a.setUp(ctx, Setup{
		Company: f.Company, Slug: f.Slug, Email: f.Email, Name: f.Name, Password: f.Password, Locale: f.Locale,
	})
	if err != nil {
		return "", err
	}
	defer t.Leave()
	return a.url(a.host(t.Slug)), nil
}

// setUp makes the first tenant and its owner. One at a time: two browsers that press the button together make one.
func (a *App) setUp(ctx context.Context, s Setup) (*tenant.Tenant, *identity.Person, error) {
	a.building.Lock()
	defer a.building.Unlock()
	if !a.Tenants.Empty() {
		return nil, nil, fault.New(fault.Conflict, "app.set_up_already")
	}
	// All that is wrong is said at once, before anything is made.
	if err := identity.CheckNew(s.Email, s.Name, s.Password); err != nil {
		return nil, nil, err
	}
	t, err := a.Create(ctx, tenant.New{Slug: s.Slug, Name: s.Company, Locale: s.Locale, Zone: s.Zone}, func(*tenant.Tenant) (identity.NewMember, error) {
		return identity.NewMember{Email: s.Email, Name: s.Name, Password: s.Password, Locale: s.Locale}, nil
	})
	if err != nil {
		return nil, nil, err
	}
	owner, err := a.People.MemberByEmail(tenant.With(ctx, t), t, s.Email)
	if err != nil {
		t.Leave()
		return nil, nil, err
	}
	return t, owner, nil
}
