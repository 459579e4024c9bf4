package app

import (
	"context"
	"fmt"

	"runes.im/platform/config"
	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// NewTenant is the organisation to be made. Without an Owner nobody can enter it until somebody is added.
type NewTenant struct {
	Slug, Name, Locale, Zone string
	Owner                    NewOwner
}

// NewOwner is who owns it.
type NewOwner struct{ Email, Name, Password string }

// TenantInfo is a tenant as the command line shows it.
type TenantInfo struct {
	Slug  string `json:"slug"`
	Name  string `json:"name"`
	State string `json:"state"`
	Host  string `json:"host"`
}

// another refuses a further organisation where the settings speak of one.
func (a *App) another() error {
	form := fault.Form{}
	form.Need(a.Config.Organisations != config.Single || a.Tenants.Empty(), "company", "app.one_organisation")
	return form.Err()
}

func createTenant(ctx context.Context, a *App, n NewTenant) (any, error) {
	if err := a.another(); err != nil {
		return nil, err
	}
	t, err := a.Create(ctx, tenant.New{Slug: n.Slug, Name: n.Name, Locale: n.Locale, Zone: n.Zone}, n.owner())
	if err != nil {
		return nil, err
	}
	defer t.Leave()
	return TenantInfo{Slug: t.Slug, Name: t.Name, State: "active", Host: a.host(t.Slug)}, nil
}

// owner is who the command line named; nil when nobody.
func (n NewTenant) owner() Owner {
	if n.Owner == (NewOwner{}) {
		return nil
	}
	return func(*tenant.Tenant) (identity.NewMember, error) {
		o := n.Owner
		err := identity.CheckNew(o.Email, o.Name, o.Password)
		return identity.NewMember{Email: o.Email, Name: o.Name, Password: o.Password, Locale: n.Locale}, err
	}
}

// Owner says who owns a tenant that is being made: asked when its secrets are there already.
type Owner func(t *tenant.Tenant) (identity.NewMember, error)

// Create makes a tenant in which every installed rune is active, with its owner unless that is nil: all of it or nothing,
// wherever the machine stops.
func (a *App) Create(ctx context.Context, n tenant.New, owner Owner) (*tenant.Tenant, error) {
	all := map[string]bool{}
	for _, in := range a.Runes {
		all[in.ID] = true
	}
	return a.build(ctx, n, plan{owner: owner, active: all})
}

// plan is what a tenant begins with. Furnish and register, where they are not nil, are part of the same all or nothing.
type plan struct {
	owner    Owner
	active   map[string]bool
	furnish  func(ctx context.Context, tx *store.Tx) error
	register func(ctx context.Context, tx *store.Tx, t *tenant.Tenant) error
}

func (a *App) build(ctx context.Context, n tenant.New, p plan) (*tenant.Tenant, error) {
	var founder *identity.Founder
	furnish := func(ctx context.Context, t *tenant.Tenant) (err error) {
		if p.owner != nil {
			if founder, err = a.founder(ctx, t, p.owner); err != nil {
				return err
			}
		}
		if err := t.DB.Migrate(ctx, a.schemas(p.active)...); err != nil {
			return err
		}
		return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			for _, in := range a.Runes {
				if !p.active[in.ID] {
					continue
				}
				if err := entitlement.Activate(ctx, tx, in.ID); err != nil {
					return fmt.Errorf("activate %s: %w", in.ID, err)
				}
			}
			if founder != nil {
				if err := founder.Join(ctx, tx); err != nil {
					return err
				}
			}
			if p.furnish == nil {
				return nil
			}
			return p.furnish(ctx, tx)
		})
	}
	register := func(ctx context.Context, tx *store.Tx, t *tenant.Tenant) error {
		if founder != nil {
			if err := founder.Register(ctx, tx, t.ID); err != nil {
				return err
			}
		}
		if p.register == nil {
			return nil
		}
		return p.register(ctx, tx, t)
	}
	return a.Tenants.Create(ctx, n, tenant.Founding{Furnish: furnish, Register: register})
}

func (a *App) founder(ctx context.Context, t *tenant.Tenant, owner Owner) (*identity.Founder, error) {
	who, err := owner(t)
	if err != nil {
		return nil, err
	}
	return a.People.Founder(ctx, who)
}

// enter opens the tenant for one command; its Leave is the caller's.
func (a *App) enter(ctx context.Context, slug string) (context.Context, *tenant.Tenant, error) {
	t, err := a.Tenants.Enter(ctx, slug)
	if err != nil {
		return nil, nil, err
	}
	return tenant.With(ctx, t), t, nil
}

func (a *App) host(slug string) string { return a.Tenants.Address(slug) }
