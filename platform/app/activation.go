package app

import (
	"context"
	"slices"
	"strings"

	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/notify"
	"runes.im/platform/runekit"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// RuneArgs name a rune of a tenant.
type RuneArgs struct{ Tenant, Name string }

// RuneInfo is a rune as the command line shows it. State is active, suspended or available: never activated.
type RuneInfo struct {
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Version string   `json:"version"`
	State   string   `json:"state"`
	Core    bool     `json:"core"`  // belongs to every organisation and is never suspended
	Needs   []string `json:"needs"` // runes that must be active first
	Roles   []string `json:"roles"` // that it suggests and nobody has made
}

func listRunes(ctx context.Context, a *App, args RuneArgs) (any, error) {
	ctx, t, err := a.enter(ctx, args.Tenant)
	if err != nil {
		return nil, err
	}
	defer t.Leave()
	return a.runes(ctx, t)
}

func (a *App) runes(ctx context.Context, t *tenant.Tenant) ([]RuneInfo, error) {
	states, err := entitlement.States(ctx, t.DB)
	if err != nil {
		return nil, err
	}
	list := []RuneInfo{}
	for _, in := range a.Runes {
		info := RuneInfo{
			Name: in.ID, Title: in.Manifest.DisplayName, Version: in.Manifest.Version, Core: in.Core,
			State: "available", Needs: append([]string{}, in.Manifest.Dependencies...), Roles: []string{},
		}
		offered, err := a.offeredRoles(ctx, t, in)
		if err != nil {
			return nil, err
		}
		for _, p := range offered {
			info.Roles = append(info.Roles, a.presetName("en", in, p))
		}
		if active, known := states[in.ID]; active {
			info.State = "active"
		} else if known {
			info.State = "suspended"
		}
		list = append(list, info)
	}
	return list, nil
}

func activateRune(ctx context.Context, a *App, args RuneArgs) (any, error) {
	return a.switchRune(ctx, args, a.Activate)
}

func suspendRune(ctx context.Context, a *App, args RuneArgs) (any, error) {
	return a.switchRune(ctx, args, a.Suspend)
}

// switchRune does the deed and answers with how the rune is afterwards.
func (a *App) switchRune(ctx context.Context, args RuneArgs, do func(context.Context, *tenant.Tenant, *runekit.Installed) error) (any, error) {
	in, err := a.installed(args.Name)
	if err != nil {
		return nil, err
	}
	ctx, t, err := a.enter(ctx, args.Tenant)
	if err != nil {
		return nil, err
	}
	defer t.Leave()
	if err := do(ctx, t, in); err != nil {
		return nil, err
	}
	list, err := a.runes(ctx, t)
	if err != nil {
		return nil, err
	}
	return list[slices.IndexFunc(list, func(i RuneInfo) bool { return i.Name == in.ID })], nil
}

func (a *App) installed(name string) (*runekit.Installed, error) {
	var names []string
	for _, in := range a.Runes {
		if in.ID == name {
			return in, nil
		}
		names = append(names, in.ID)
	}
	return nil, fault.New(fault.NotFound, "app.no_rune", "name", name, "installed", strings.Join(names, ", "))
}

// Activate brings the rune's tables up to date and then lets people in: its pages, doors, jobs and deliveries are there
// with the commit. What it needs must be active before.
func (a *App) Activate(ctx context.Context, t *tenant.Tenant, in *runekit.Installed) error {
	if !a.allowed(t.Limits(), in) {
		return fault.New(fault.Conflict, "app.rune_not_allowed", "name", in.ID)
	}
	if schema, keeps := in.Schema(); keeps {
		if err := t.DB.Migrate(ctx, schema); err != nil {
			return err
		}
	}
	offers, err := a.offerRoles(ctx, t, in)
	if err != nil {
		return err
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		states, err := entitlement.States(ctx, tx)
		if err != nil {
			return err
		}
		var missing []string
		for _, need := range in.Manifest.Dependencies {
			if !states[need] {
				missing = append(missing, need)
			}
		}
		if len(missing) > 0 {
			return fault.New(fault.Conflict, "app.rune_needs", "name", in.ID, "needs", strings.Join(missing, ", "))
		}
		if err := entitlement.Activate(ctx, tx, in.ID); err != nil || states[in.ID] {
			return err
		}
		for _, note := range offers {
			if err := notify.Send(ctx, tx, note); err != nil {
				return err
			}
		}
		return nil
	})
}

// Suspend takes the rune out of reach with the commit and keeps its data. It is refused while an active rune needs it.
func (a *App) Suspend(ctx context.Context, t *tenant.Tenant, in *runekit.Installed) error {
	if in.Core {
		return fault.New(fault.Conflict, "app.rune_core", "name", in.ID)
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		states, err := entitlement.States(ctx, tx)
		if err != nil {
			return err
		}
		var needed []string
		for _, other := range a.Runes {
			if states[other.ID] && slices.Contains(other.Manifest.Dependencies, in.ID) {
				needed = append(needed, other.ID)
			}
		}
		if len(needed) > 0 {
			return fault.New(fault.Conflict, "app.rune_needed", "name", in.ID, "by", strings.Join(needed, ", "))
		}
		return entitlement.Suspend(ctx, tx, in.ID)
	})
}
