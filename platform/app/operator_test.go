package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/config"
)

func TestModulesThatAreNotAllowedRest(t *testing.T) {
	ctx, cfg := context.Background(), settings(t)
	if err := Call(ctx, cfg, three(), "tenant.create", NewTenant{Slug: "acme", Name: "Acme"}, new(TenantInfo)); err != nil {
		t.Fatal(err)
	}
	limit := func(runes ...string) error {
		runes = append([]string{}, runes...) // none means all, nil means as it is
		return Call(ctx, cfg, three(), "tenant.limit", LimitArgs{Slug: "acme", Runes: &runes}, new(TenantUse))
	}
	states := func(want map[string]string) {
		t.Helper()
		var list []RuneInfo
		if err := Call(ctx, cfg, three(), "rune.list", RuneArgs{Tenant: "acme"}, &list); err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			if r.State != want[r.Name] {
				t.Errorf("%s is %s, want %s", r.Name, r.State, want[r.Name])
			}
		}
	}
	var refused *Refusal
	if err := limit("tickets"); !errors.As(err, &refused) || refused.Sentence != "tickets needs book. Allow that as well." {
		t.Errorf("a module without what it needs: %v", err)
	}
	states(map[string]string{"looks": "active", "book": "active", "tickets": "active"})
	// Only the core: the one that needs the other goes first.
	if err := limit("looks"); err != nil {
		t.Fatal(err)
	}
	states(map[string]string{"looks": "active", "book": "suspended", "tickets": "suspended"})
	if err := Call(ctx, cfg, three(), "rune.activate", RuneArgs{Tenant: "acme", Name: "book"}, new(RuneInfo)); !errors.As(err, &refused) {
		t.Errorf("activating what is not allowed: %v", err)
	}
	if err := limit(); err != nil {
		t.Fatal(err)
	}
	if err := Call(ctx, cfg, three(), "rune.activate", RuneArgs{Tenant: "acme", Name: "book"}, new(RuneInfo)); err != nil {
		t.Error(err)
	}
}

// What was to be deleted goes when its days are over, not before, and its folder is kept aside.
func TestADeletionIsDoneWhenItsDaysAreOver(t *testing.T) {
	now := time.Now()
	ctx := clock.With(context.Background(), func() time.Time { return now })
	cfg := settings(t)
	cfg.Organisations = config.Operator
	a, err := Open(ctx, cfg, three())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for _, slug := range []string{"acme", "globex"} {
		if _, err := createTenant(ctx, a, NewTenant{Slug: slug, Name: slug}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := deleteTenant(ctx, a, DeleteArgs{Slug: "acme", Days: 30}); err != nil {
		t.Fatal(err)
	}
	there := func(want int) {
		t.Helper()
		a.deleteOverdue(ctx)
		infos, err := a.Tenants.List(ctx)
		if err != nil || len(infos) != want {
			t.Errorf("%d organisations, %v, want %d", len(infos), err, want)
		}
	}
	now = now.AddDate(0, 0, 29)
	there(2)
	now = now.AddDate(0, 0, 2)
	there(1)
	kept, err := os.ReadDir(filepath.Join(a.Config.Data, "deleted"))
	if err != nil || len(kept) != 1 {
		t.Errorf("kept aside: %v, %v", kept, err)
	}
	lines, err := a.Log(ctx, 0, 1)
	if err != nil || len(lines) != 1 || lines[0].Action != "tenant.deleted" {
		t.Errorf("log: %+v, %v", lines, err)
	}
}
