package app

import (
	"context"
	"fmt"

	"runes.im/platform/entitlement"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// NewTenant is the organisation to be made.
type NewTenant struct {
	Slug, Name, Locale, Zone string
}

// TenantInfo is a tenant as the command line shows it.
type TenantInfo struct {
	Slug  string `json:"slug"`
	Name  string `json:"name"`
	State string `json:"state"`
	Host  string `json:"host"`
}

func createTenant(ctx context.Context, a *App, n NewTenant) (any, error) {
	t, err := a.Create(ctx, tenant.New(n))
	if err != nil {
		return nil, err
	}
	defer t.Leave()
	return TenantInfo{Slug: t.Slug, Name: t.Name, State: "active", Host: a.host(t.Slug)}, nil
}

func listTenants(ctx context.Context, a *App, _ struct{}) (any, error) {
	infos, err := a.Tenants.List(ctx)
	if err != nil {
		return nil, err
	}
	list := []TenantInfo{}
	for _, i := range infos {
		list = append(list, TenantInfo{Slug: i.Slug, Name: i.Name, State: i.State, Host: a.host(i.Slug)})
	}
	return list, nil
}

// Create makes a tenant in which every installed rune is active.
func (a *App) Create(ctx context.Context, n tenant.New) (*tenant.Tenant, error) {
	t, err := a.Tenants.Create(ctx, n)
	if err != nil {
		return nil, err
	}
	for _, in := range a.Runes {
		if err := a.activate(tenant.With(ctx, t), t, in.ID); err != nil {
			t.Leave()
			return nil, fmt.Errorf("activate %s: %w", in.ID, err)
		}
	}
	return t, nil
}

// activate brings the rune's tables up to date and then lets people in.
func (a *App) activate(ctx context.Context, t *tenant.Tenant, rune string) error {
	if err := t.DB.Migrate(ctx, a.schemas(map[string]bool{rune: true})...); err != nil {
		return err
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return entitlement.Activate(ctx, tx, rune)
	})
}

// enter opens the tenant for one command; its Leave is the caller's.
func (a *App) enter(ctx context.Context, slug string) (context.Context, *tenant.Tenant, error) {
	t, err := a.Tenants.Enter(ctx, slug)
	if err != nil {
		return nil, nil, err
	}
	return tenant.With(ctx, t), t, nil
}

func (a *App) host(slug string) string { return slug + "." + a.Config.BaseDomain }
