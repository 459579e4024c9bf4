package tenant

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"runes.im/platform/store"
)

// A tenant is made whole or not at all: a step that fails leaves no folder, no row and no slug that is taken.
func TestAFoundingIsAllOrNothing(t *testing.T) {
	s := build(t)
	broken := errors.New("broken")
	note := func(ctx context.Context, tx *store.Tx, text string) error {
		_, err := tx.Exec(ctx, "CREATE TABLE IF NOT EXISTS notes (text TEXT NOT NULL) STRICT")
		if err == nil {
			_, err = tx.Exec(ctx, "INSERT INTO notes (text) VALUES (?)", text)
		}
		return err
	}
	furnish := func(end error) func(context.Context, *Tenant) error {
		return func(ctx context.Context, t *Tenant) error {
			if From(ctx) != t || t.Slug != "acme" || t.Secrets == nil || t.Blobs == nil {
				return errors.New("furnished what is not the tenant")
			}
			err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return note(ctx, tx, "inside") })
			return errors.Join(err, end)
		}
	}
	register := func(end error) func(context.Context, *store.Tx, *Tenant) error {
		return func(ctx context.Context, tx *store.Tx, t *Tenant) error { return errors.Join(note(ctx, tx, t.ID), end) }
	}
	for name, f := range map[string]Founding{
		"furnishing":  {Furnish: furnish(broken), Register: register(nil)},
		"registering": {Furnish: furnish(nil), Register: register(broken)},
	} {
		if _, err := s.Create(s.ctx, New{Slug: "acme", Name: "Acme"}, f); !errors.Is(err, broken) {
			t.Fatalf("%s: got %v, want the failure", name, err)
		}
		if _, err := os.Stat(filepath.Join(s.dir, "tenants", "acme")); !os.IsNotExist(err) {
			t.Errorf("%s: the folder is still there: %v", name, err)
		}
		if !s.Empty() {
			t.Errorf("%s: the tenant is there", name)
		}
	}
	made, err := s.Create(s.ctx, New{Slug: "acme", Name: "Acme"}, Founding{Furnish: furnish(nil), Register: register(nil)})
	if err != nil {
		t.Fatal(err)
	}
	defer made.Leave()
	var inside, outside string
	if err := made.DB.QueryRow(s.ctx, "SELECT text FROM notes").Scan(&inside); err != nil || inside != "inside" {
		t.Errorf("in its database: %q, %v", inside, err)
	}
	// Of the founding that failed nothing is left in system.db either.
	if err := s.o.System.QueryRow(s.ctx, "SELECT group_concat(text) FROM notes").Scan(&outside); err != nil || outside != made.ID {
		t.Errorf("in system.db: %q, %v, want %q", outside, err, made.ID)
	}
}
