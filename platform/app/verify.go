package app

import (
	"context"
	"fmt"

	"runes.im/platform/audit"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// VerifyArgs say how deep to look.
type VerifyArgs struct {
	Quick  bool // do not read the file contents again
	Repair bool // first remove what a crash left behind: contents that nobody uses and files that no row names
}

// Verdict is what a check found; no problems means everything is sound.
type Verdict struct {
	Tenants   int      `json:"tenants"`
	Databases int      `json:"databases"`
	Removed   int      `json:"removed"` // leftovers, by a repair
	Problems  []string `json:"problems"`
}

// verify looks at everything and goes on after the first damage, so that one broken tenant does not hide another.
func verify(ctx context.Context, a *App, args VerifyArgs) (any, error) {
	v := &Verdict{Problems: []string{}, Databases: 1}
	found, err := a.System.Check(ctx)
	v.note("system.db", found, err)
	v.chain(ctx, "system.db", a.System)
	infos, err := a.Tenants.List(ctx)
	if err != nil {
		v.note("system.db", nil, err)
	}
	for _, i := range infos {
		v.Tenants++
		tctx, t, err := a.enter(ctx, i.Slug)
		if err != nil {
			v.note(i.Slug, nil, fmt.Errorf("%s", a.refusal(err)))
			continue
		}
		v.Databases++
		v.tenant(tctx, t, args)
		t.Leave()
	}
	return v, nil
}

func (v *Verdict) tenant(ctx context.Context, t *tenant.Tenant, args VerifyArgs) {
	found, err := t.DB.Check(ctx)
	v.note(t.Slug+" database", found, err)
	if args.Repair {
		removed, err := t.Blobs.Sweep(ctx, 0)
		v.Removed += removed
		v.note(t.Slug+" repair", nil, err)
	}
	found, err = t.Blobs.Check(ctx, !args.Quick)
	v.note(t.Slug+" files", found, err)
	v.chain(ctx, t.Slug, t.DB)
}

func (v *Verdict) chain(ctx context.Context, where string, db *store.DB) {
	broken, err := audit.Verify(ctx, db)
	var found []string
	if broken > 0 {
		found = []string{fmt.Sprintf("the chain breaks at line %d", broken)}
	}
	v.note(where+" audit log", found, err)
}

func (v *Verdict) note(where string, found []string, err error) {
	if err != nil {
		found = append(found, err.Error())
	}
	for _, f := range found {
		v.Problems = append(v.Problems, where+": "+f)
	}
}
