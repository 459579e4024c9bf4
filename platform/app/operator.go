package app

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/blob"
	"runes.im/platform/clock"
	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/isolation"
	"runes.im/platform/runekit"
	"runes.im/platform/secret"
	"runes.im/platform/shell"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// TenantArgs name a tenant.
type TenantArgs struct{ Slug string }

// TenantUse is a tenant in the operator's list, with what it takes.
type TenantUse = shell.TenantUse

// listTenants is every tenant with what it takes.
func listTenants(ctx context.Context, a *App, _ struct{}) (any, error) { return a.Uses(ctx) }

// Uses is every tenant with what it takes. One that cannot be opened says why and hides no other.
func (a *App) Uses(ctx context.Context) ([]TenantUse, error) {
	infos, err := a.Tenants.List(ctx)
	if err != nil {
		return nil, err
	}
	list := []TenantUse{}
	for _, i := range infos {
		list = append(list, a.use(ctx, i))
	}
	return list, nil
}

// UseOf is one of them.
func (a *App) UseOf(ctx context.Context, slug string) (TenantUse, error) {
	i, err := a.tenantInfo(ctx, slug)
	if err != nil {
		return TenantUse{}, err
	}
	return a.use(ctx, i), nil
}

func (a *App) use(ctx context.Context, i tenant.Info) TenantUse {
	u := TenantUse{
		ID: i.ID, Slug: i.Slug, Name: i.Name, State: i.State, Host: a.host(i.Slug), Runes: []string{}, Hosts: []string{},
		Limits: i.Limits, MadeAt: i.MadeAt, DeleteAt: i.DeleteAt,
	}
	if err := a.Tenants.Beside(ctx, i.Slug, func(ctx context.Context, t *tenant.Tenant) error { return measure(ctx, t, &u) }); err != nil {
		u.Trouble = a.refusal(err).Sentence
	}
	return u
}

func measure(ctx context.Context, t *tenant.Tenant, u *TenantUse) error {
	active, err := entitlement.Active(ctx, t.DB)
	if err != nil {
		return err
	}
	for rune := range active {
		u.Runes = append(u.Runes, rune)
	}
	slices.Sort(u.Runes)
	u.Hosts = append(u.Hosts, t.Hosts()...)
	use, err := identity.UseOf(ctx, t.DB)
	if err != nil {
		return err
	}
	u.Members = use.Members
	if use.LastSeen != "" {
		if u.LastUse, err = clock.Parse(use.LastSeen); err != nil {
			return err
		}
	}
	if u.Awaits, u.NoOwner, err = identity.Ownerless(ctx, t.DB); err != nil {
		return err
	}
	if u.Contents, err = blob.Total(ctx, t.DB); err != nil {
		return err
	}
	lines, err := audit.About(ctx, t.DB, "tenant:"+t.ID, 50)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if l.Action == "tenant.exported" && l.At.After(u.Exported) {
			u.Exported = l.At
		}
	}
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

func keepTenant(ctx context.Context, a *App, args TenantArgs) (any, error) {
	return a.turn(ctx, args.Slug, a.Tenants.Keep)
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

// DeleteArgs name a tenant and how many days it may still be taken back; 0: it goes at once.
type DeleteArgs struct {
	Slug string
	Days int
}

// Deleted says where the files of a tenant lie that is no more, or that it waits.
type Deleted struct {
	Slug string `json:"slug"`
	Kept string `json:"kept,omitempty"`
	Days int    `json:"days,omitempty"`
}

func deleteTenant(ctx context.Context, a *App, args DeleteArgs) (any, error) {
	if args.Days > 0 {
		return Deleted{Slug: args.Slug, Days: args.Days}, a.Tenants.DeleteLater(ctx, args.Slug, args.Days)
	}
	i, err := a.tenantInfo(ctx, args.Slug)
	if err != nil {
		return nil, err
	}
	kept, err := a.Tenants.Delete(ctx, args.Slug)
	if err != nil {
		return nil, err
	}
	return Deleted{Slug: args.Slug, Kept: kept}, errors.Join(a.People.Forget(ctx, i.ID), a.Certs.ForgetTenant(ctx, i.ID))
}

// deleteOverdue lets go of the tenants whose time to be taken back has ended.
func (a *App) deleteOverdue(ctx context.Context) {
	for _, i := range a.Tenants.Overdue(ctx) {
		if _, err := deleteTenant(ctx, a, DeleteArgs{Slug: i.Slug}); err != nil {
			a.log.Error("a tenant whose time has ended is still there", "tenant", i.Slug, "err", err)
		}
	}
}

// MakeFor makes a tenant that waits for its owner. When nobody could be asked, it is there all the same, and AskOwner helps.
func (a *App) MakeFor(ctx context.Context, n tenant.New, email, name string) (slug, token string, err error) {
	if err := identity.CheckInvitee(email, name); err != nil {
		return "", "", err
	}
	if err := a.another(); err != nil {
		return "", "", err
	}
	t, err := a.Create(ctx, n, nil)
	if err != nil {
		return "", "", err
	}
	defer t.Leave()
	_, token, err = a.People.InviteOwner(tenant.With(ctx, t), t, email, name)
	return t.Slug, token, err
}

// AskOwner makes a new link for the owner of a tenant that has none.
func (a *App) AskOwner(ctx context.Context, slug, email, name string) (token string, err error) {
	err = a.Tenants.Beside(ctx, slug, func(ctx context.Context, t *tenant.Tenant) error {
		_, token, err = a.People.InviteOwner(ctx, t, email, name)
		return err
	})
	return token, err
}

// OwnerArgs name who is to own a tenant.
type OwnerArgs struct{ Slug, Email, Name string }

// Asked is the link of somebody who is to own a tenant.
type Asked struct {
	Slug string `json:"slug"`
	Link string `json:"link"`
}

func askOwner(ctx context.Context, a *App, args OwnerArgs) (any, error) {
	token, err := a.AskOwner(ctx, args.Slug, args.Email, args.Name)
	return Asked{Slug: args.Slug, Link: a.url(a.host(args.Slug)) + "/join/" + token}, err
}

// LimitArgs are what a tenant is allowed; what stands empty stays as it is.
type LimitArgs struct {
	Slug    string
	Storage *int64
	Members *int
	Runes   *[]string
}

func limitTenant(ctx context.Context, a *App, args LimitArgs) (any, error) {
	i, err := a.tenantInfo(ctx, args.Slug)
	if err != nil {
		return nil, err
	}
	l := i.Limits
	l.Storage, l.Members, l.Runes = *cmp.Or(args.Storage, &l.Storage), *cmp.Or(args.Members, &l.Members), *cmp.Or(args.Runes, &l.Runes)
	if err := a.Allow(ctx, args.Slug, l); err != nil {
		return nil, err
	}
	return a.UseOf(ctx, args.Slug)
}

// Allow sets what a tenant may use. Runes that are no longer allowed are suspended, those that need others first.
func (a *App) Allow(ctx context.Context, slug string, l tenant.Limits) error {
	if err := a.fits(l); err != nil {
		return err
	}
	if err := a.Tenants.SetLimits(ctx, slug, l); err != nil {
		return err
	}
	return a.Tenants.Beside(ctx, slug, func(ctx context.Context, t *tenant.Tenant) error {
		for {
			active, err := entitlement.Active(ctx, t.DB)
			if err != nil {
				return err
			}
			n := slices.IndexFunc(a.Runes, func(in *runekit.Installed) bool {
				return active[in.ID] && !a.allowed(l, in) && !slices.ContainsFunc(a.Runes, func(other *runekit.Installed) bool {
					return active[other.ID] && slices.Contains(other.Manifest.Dependencies, in.ID)
				})
			})
			if n < 0 {
				return nil
			}
			if err := a.Suspend(ctx, t, a.Runes[n]); err != nil {
				return err
			}
		}
	})
}

// allowed reports whether the rune may be active under the limits; those of the core belong to everybody.
func (a *App) allowed(l tenant.Limits, in *runekit.Installed) bool { return in.Core || l.Allows(in.ID) }

// fits refuses runes that do not exist, and a rune without those it needs.
func (a *App) fits(l tenant.Limits) error {
	form := fault.Form{}
	for _, name := range l.Runes {
		in, err := a.installed(name)
		if err != nil {
			return err
		}
		var missing []string
		for _, need := range in.Manifest.Dependencies {
			if other, err := a.installed(need); err != nil || !a.allowed(l, other) {
				missing = append(missing, need)
			}
		}
		form.Need(len(missing) == 0, "runes", "app.limit_needs", "name", name, "needs", strings.Join(missing, ", "))
	}
	return form.Err()
}

// Log is what was done to the appliance and its tenants, the newest line first.
func (a *App) Log(ctx context.Context, before int64, limit int) ([]audit.Line, error) {
	return audit.Lines(ctx, a.System, before, limit)
}

// OperatorArgs name an account.
type OperatorArgs struct{ Email string }

// OperatorInfo is somebody who runs the appliance.
type OperatorInfo struct {
	Email string `json:"email"`
	Name  string `json:"name"`
}

func listOperators(ctx context.Context, a *App, _ struct{}) (any, error) {
	all, err := a.People.Operators(ctx)
	list := []OperatorInfo{}
	for _, o := range all {
		list = append(list, OperatorInfo{Email: o.Email, Name: o.Name})
	}
	return list, err
}

func addOperator(ctx context.Context, a *App, args OperatorArgs) (any, error) {
	if err := a.People.AddOperator(ctx, args.Email); err != nil {
		return nil, err
	}
	return listOperators(ctx, a, struct{}{})
}

func removeOperator(ctx context.Context, a *App, args OperatorArgs) (any, error) {
	if err := a.People.RemoveOperator(ctx, args.Email); err != nil {
		return nil, err
	}
	return listOperators(ctx, a, struct{}{})
}

// Prover checks that tenants are apart, and sound.
func (a *App) Prover() *isolation.Prover {
	return &isolation.Prover{
		People: a.People, Tenants: a.Tenants, Schemas: a.schemas,
		Apart: func(ctx context.Context, dir string, system *store.DB, master *secret.Master) (*tenant.Registry, error) {
			return tenant.Open(ctx, tenant.Options{Dir: dir, System: system, Master: master, Schemas: a.schemas, BaseDomain: "stranger.test"})
		},
	}
}
