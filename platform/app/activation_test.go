package app

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"runes.im/platform/runekit"
)

// three are a rune that everybody has, one that stands alone and one that needs it.
func three() []runekit.Rune {
	named := func(name, needs string, core bool) runekit.Rune {
		manifest := `{"name": "` + name + `", "display_name": "` + strings.ToUpper(name) + `", "version": "1.0.0", "author": "RUNES", "dependencies": [` + needs + `]}`
		files := fstest.MapFS{"manifest.json": {Data: []byte(manifest)}}
		files["migrations/0001_things.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE " + name + "_things (id TEXT PRIMARY KEY) STRICT;")}
		return runekit.Rune{Files: files, Core: core}
	}
	return []runekit.Rune{named("looks", "", true), named("tickets", `"book"`, false), named("book", "", false)}
}

func TestRunesHoldEachOtherActive(t *testing.T) {
	ctx, cfg := context.Background(), settings(t)
	if err := Call(ctx, cfg, three(), "tenant.create", NewTenant{Slug: "acme", Name: "Acme"}, new(TenantInfo)); err != nil {
		t.Fatal(err)
	}
	do := func(command, name, want string) {
		t.Helper()
		var info RuneInfo
		err := Call(ctx, cfg, three(), command, RuneArgs{Tenant: "acme", Name: name}, &info)
		var refused *Refusal
		switch {
		case errors.As(err, &refused):
			if refused.Sentence != want {
				t.Errorf("%s %s: refused with %q, want %q", command, name, refused.Sentence, want)
			}
		case err != nil:
			t.Fatal(err)
		case info.Name != name || info.State != want:
			t.Errorf("%s %s: got %+v, want %s", command, name, info, want)
		}
	}
	do("rune.suspend", "looks", "looks belongs to every organisation and cannot be suspended.")
	do("rune.suspend", "book", "book cannot be suspended: tickets needs it. Suspend that first.")
	do("rune.suspend", "tickets", "suspended")
	do("rune.suspend", "book", "suspended")
	do("rune.activate", "tickets", "tickets needs book. Activate that first.")
	do("rune.activate", "book", "active")
	do("rune.activate", "tickets", "active")
	do("rune.activate", "tickets", "active")
	var all []RuneInfo
	if err := Call(ctx, cfg, three(), "rune.list", RuneArgs{Tenant: "acme"}, &all); err != nil {
		t.Fatal(err)
	}
	listed, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if want := `[{"name":"looks","title":"LOOKS","version":"1.0.0","state":"active","core":true,"needs":[],"roles":[]},` +
		`{"name":"tickets","title":"TICKETS","version":"1.0.0","state":"active","core":false,"needs":["book"],"roles":[]},` +
		`{"name":"book","title":"BOOK","version":"1.0.0","state":"active","core":false,"needs":[],"roles":[]}]`; string(listed) != want {
		t.Errorf("got %s", listed)
	}
}

// A rune that came into the house after the organisation gets its tables with its activation.
func TestALaterRuneBringsItsTables(t *testing.T) {
	ctx, cfg := context.Background(), settings(t)
	if err := Call(ctx, cfg, three()[:1], "tenant.create", NewTenant{Slug: "acme", Name: "Acme"}, new(TenantInfo)); err != nil {
		t.Fatal(err)
	}
	var all []RuneInfo
	if err := Call(ctx, cfg, three(), "rune.list", RuneArgs{Tenant: "acme"}, &all); err != nil || all[2].State != "available" {
		t.Fatalf("got %+v, %v, want book available", all, err)
	}
	if err := Call(ctx, cfg, three(), "rune.activate", RuneArgs{Tenant: "acme", Name: "book"}, new(RuneInfo)); err != nil {
		t.Fatal(err)
	}
	a, err := Open(ctx, cfg, three())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	tenant, err := a.Tenants.Enter(ctx, "acme")
	if err != nil {
		t.Fatal(err)
	}
	defer tenant.Leave()
	var tables string
	err = tenant.DB.QueryRow(ctx, "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE name LIKE '%_things' ORDER BY name)").Scan(&tables)
	if err != nil || tables != "book_things looks_things" {
		t.Errorf("got the tables %q, %v", tables, err)
	}
}
