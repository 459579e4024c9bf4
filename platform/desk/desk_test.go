package desk

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/slot"
	"runes.im/platform/store"
)

// built is a database with desks and a clock that goes on a second with each look.
func built(t *testing.T) (context.Context, *store.DB) {
	t.Helper()
	now := time.Date(2030, 5, 1, 9, 0, 0, 0, time.UTC)
	ctx := clock.With(context.Background(), func() time.Time { now = now.Add(time.Second); return now })
	db, err := store.Create(ctx, filepath.Join(t.TempDir(), "desk.db"))
	if err == nil {
		err = db.Migrate(ctx, Schema)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return ctx, db
}

func write(t *testing.T, ctx context.Context, db *store.DB, fn func(ctx context.Context, tx *store.Tx) error) error {
	t.Helper()
	return db.Write(ctx, fn)
}

func TestFavouritesKeepTheirOrderAndTheirPerson(t *testing.T) {
	ctx, db := built(t)
	ref := slot.Ref{Kind: "contacts.company", ID: "c1"}
	for _, f := range []Favourite{{Href: "/a", Title: "A"}, {Href: "/b", Title: "B", Ref: ref}, {Href: "/a", Title: "A again"}} {
		if err := write(t, ctx, db, func(ctx context.Context, tx *store.Tx) error { return Star(ctx, tx, "ada", f) }); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Favourites(ctx, db, "ada")
	want := []Favourite{{Href: "/a", Title: "A again"}, {Href: "/b", Title: "B", Ref: ref}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if others, err := Favourites(ctx, db, "bob"); err != nil || len(others) != 0 {
		t.Errorf("bob has %v, %v", others, err)
	}
	for range 2 { // the second time there is nothing to take
		if err := write(t, ctx, db, func(ctx context.Context, tx *store.Tx) error { return Unstar(ctx, tx, "ada", "/a") }); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := Favourites(ctx, db, "ada"); len(got) != 1 {
		t.Errorf("left are %v", got)
	}
}

func TestFavouritesAreFew(t *testing.T) {
	ctx, db := built(t)
	var err error
	for n := 0; n <= mostFavourites && err == nil; n++ {
		err = write(t, ctx, db, func(ctx context.Context, tx *store.Tx) error {
			return Star(ctx, tx, "ada", Favourite{Href: fmt.Sprintf("/%d", n), Title: "x"})
		})
	}
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("one too many: %v", err)
	}
	if got, _ := Favourites(ctx, db, "ada"); len(got) != mostFavourites {
		t.Errorf("%d are kept", len(got))
	}
}

func TestRecentsAreTheNewest(t *testing.T) {
	ctx, db := built(t)
	for n := range mostRecents + 3 {
		for _, command := range []string{fmt.Sprintf("page/%d", n), "page/0"} {
			if err := write(t, ctx, db, func(ctx context.Context, tx *store.Tx) error { return Used(ctx, tx, "ada", command) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := Recents(ctx, db, "ada")
	if err != nil || len(got) != mostRecents || got[0] != "page/0" || got[1] != fmt.Sprintf("page/%d", mostRecents+2) {
		t.Errorf("got %v, %v", got, err)
	}
	if err := write(t, ctx, db, func(ctx context.Context, tx *store.Tx) error { return Used(ctx, tx, "ada", "") }); !fault.Is(err, fault.Malformed) {
		t.Errorf("nothing was chosen: %v", err)
	}
}

func TestChoicesAreTakenBackByAnEmptyOne(t *testing.T) {
	ctx, db := built(t)
	for _, value := range []string{"one", "two", ""} {
		if err := write(t, ctx, db, func(ctx context.Context, tx *store.Tx) error { return Choose(ctx, tx, House, "palette", value) }); err != nil {
			t.Fatal(err)
		}
		if got, err := Choice(ctx, db, House, "palette"); err != nil || got != value {
			t.Errorf("got %q, %v, want %q", got, err, value)
		}
	}
	if got, err := Choice(ctx, db, "ada", "palette"); err != nil || got != "" {
		t.Errorf("ada chose %q, %v", got, err)
	}
}
