package entitlement

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"runes.im/platform/audit"
	"runes.im/platform/store"
)

func openTest(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "tenant.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(t.Context(), audit.Schema, Schema); err != nil {
		t.Fatal(err)
	}
	return db
}

func turn(t *testing.T, db *store.DB, change func(context.Context, *store.Tx, string) error, rune string) {
	t.Helper()
	err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return change(ctx, tx, rune) })
	if err != nil {
		t.Fatal(err)
	}
}

func wantActive(t *testing.T, db *store.DB, want ...string) {
	t.Helper()
	active, err := Active(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(active)); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func wantNews(t *testing.T, db *store.DB, want ...string) {
	t.Helper()
	rows, err := db.Query(t.Context(), "SELECT topic || ' ' || payload FROM store_outbox ORDER BY number")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		got = append(got, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestARuneIsActiveUntilItIsSuspended(t *testing.T) {
	db := openTest(t)
	wantActive(t, db)
	turn(t, db, Activate, "storage")
	turn(t, db, Activate, "contacts")
	wantActive(t, db, "contacts", "storage")
	turn(t, db, Suspend, "storage")
	wantActive(t, db, "contacts")
	turn(t, db, Activate, "storage")
	wantActive(t, db, "contacts", "storage")
	lines, err := audit.Lines(t.Context(), db, 0, 10)
	if err != nil || len(lines) != 4 || lines[1].Action != "entitlement.rune_suspended" || lines[1].Object != "rune:storage" {
		t.Errorf("audit: got %+v, %v", lines, err)
	}
}

func TestEveryChangeIsToldOnce(t *testing.T) {
	db := openTest(t)
	turn(t, db, Suspend, "storage")
	turn(t, db, Activate, "storage")
	turn(t, db, Activate, "storage")
	turn(t, db, Suspend, "storage")
	turn(t, db, Suspend, "storage")
	wantNews(t, db, `center.rune_activated {"rune":"storage"}`, `center.rune_suspended {"rune":"storage"}`)
}

func TestAWriteThatFailsChangesNothing(t *testing.T) {
	db := openTest(t)
	wantActive(t, db)
	refusal := errors.New("no")
	err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := Activate(ctx, tx, "storage"); err != nil {
			return err
		}
		return refusal
	})
	if !errors.Is(err, refusal) {
		t.Fatal(err)
	}
	wantActive(t, db)
	wantNews(t, db)
}

func TestTheSetComesFromMemory(t *testing.T) {
	db := openTest(t)
	turn(t, db, Activate, "storage")
	wantActive(t, db, "storage")
	err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE entitlement_runes SET is_active = 0 WHERE rune = ?", "storage")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	wantActive(t, db, "storage")
}

// A set that was read before a change and comes late must not be remembered after it.
func TestALateReadIsNotRemembered(t *testing.T) {
	db := openTest(t)
	k := knownOf(db.Memo())
	_, number := k.get()
	old, err := States(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	turn(t, db, Activate, "storage")
	k.put(old, number)
	wantActive(t, db, "storage")
}

func TestReadersAndChangesAtOnce(t *testing.T) {
	db := openTest(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			turn(t, db, Activate, fmt.Sprint("rune", i))
			active, err := Active(t.Context(), db)
			if err != nil || !active[fmt.Sprint("rune", i)] {
				t.Errorf("got %v, %v, want rune%d among them", active, err, i)
			}
		})
	}
	all.Wait()
}
