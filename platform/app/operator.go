package app

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/tenant"
)

// TenantArgs name a tenant.
type TenantArgs struct{ Slug string }

// TenantUse is a tenant in the operator's list, with what it takes.
type TenantUse struct {
	TenantInfo
	Bytes   int64    `json:"bytes"`   // of its folder on the disk
	Members int      `json:"members"` // active ones
	Runes   []string `json:"runes"`   // active ones
	LastUse string   `json:"last_use,omitempty"`
	Trouble string   `json:"trouble,omitempty"` // why it cannot be opened
}

// listTenants is every tenant with what it takes. One that cannot be opened says why and hides no other.
func listTenants(ctx context.Context, a *App, _ struct{}) (any, error) {
	infos, err := a.Tenants.List(ctx)
	if err != nil {
		return nil, err
	}
	list := []TenantUse{}
	for _, i := range infos {
		use := TenantUse{TenantInfo: TenantInfo{Slug: i.Slug, Name: i.Name, State: i.State, Host: a.host(i.Slug)}, Runes: []string{}}
		if err := a.Tenants.Beside(ctx, i.Slug, use.measure); err != nil {
			use.Trouble = a.refusal(err).Sentence
		}
		list = append(list, use)
	}
	return list, nil
}

func (u *TenantUse) measure(ctx context.Context, t *tenant.Tenant) error {
	active, err := entitlement.Active(ctx, t.DB)
	if err != nil {
		return err
	}
	for rune := range active {
		u.Runes = append(u.Runes, rune)
	}
	slices.Sort(u.Runes)
	use, err := identity.UseOf(ctx, t.DB)
	if err != nil {
		return err
	}
	u.Members, u.LastUse = use.Members, use.LastSeen
	u.Bytes, err = weight(t.Folder())
	return err
}

// weight is how many bytes the files below a folder have. Files come and go meanwhile.
func weight(folder string) (bytes int64, err error) {
	err = filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			var info fs.FileInfo
			if info, err = d.Info(); err == nil {
				bytes += info.Size()
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	return bytes, err
}

func suspendTenant(ctx context.Context, a *App, args TenantArgs) (any, error) {
	return a.turn(ctx, args.Slug, a.Tenants.Suspend)
}

func resumeTenant(ctx context.Context, a *App, args TenantArgs) (any, error) {
	return a.turn(ctx, args.Slug, a.Tenants.Resume)
}

// turn changes the state of a tenant and answers with how it is then.
func (a *App) turn(ctx context.Context, slug string, do func(context.Context, string) error) (any, error) {
	if err := do(ctx, slug); err != nil {
		return nil, err
	}
	i, err := a.tenantInfo(ctx, slug)
	return TenantInfo{Slug: i.Slug, Name: i.Name, State: i.State, Host: a.host(i.Slug)}, err
}

func (a *App) tenantInfo(ctx context.Context, slug string) (tenant.Info, error) {
	infos, err := a.Tenants.List(ctx)
	if err != nil {
		return tenant.Info{}, err
	}
	n := slices.IndexFunc(infos, func(i tenant.Info) bool { return i.Slug == slug })
	if n < 0 {
		return tenant.Info{}, fault.New(fault.NotFound, "tenant.missing", "slug", slug)
	}
	return infos[n], nil
}

// Deleted says where the files of a tenant lie that is no more.
type Deleted struct {
	Slug string `json:"slug"`
	Kept string `json:"kept"`
}

func deleteTenant(ctx context.Context, a *App, args TenantArgs) (any, error) {
	i, err := a.tenantInfo(ctx, args.Slug)
	if err != nil {
		return nil, err
	}
	kept, err := a.Tenants.Delete(ctx, args.Slug)
	if err != nil {
		return nil, err
	}
	return Deleted{Slug: args.Slug, Kept: kept}, a.People.Forget(ctx, i.ID)
}
