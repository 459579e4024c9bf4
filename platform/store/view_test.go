package store

import (
	"context"
	"errors"
	"testing"
)

func count(ctx context.Context, r Reader) (n int, err error) {
	err = r.QueryRow(ctx, "SELECT count(*) FROM notes_notes WHERE id > ?", 0).Scan(&n)
	return n, err
}

func TestAViewShowsOneMoment(t *testing.T) {
	db := openNotes(t)
	if err := db.Write(t.Context(), add("one")); err != nil {
		t.Fatal(err)
	}
	err := db.Read(t.Context(), func(ctx context.Context, r Reader) error {
		before, err := count(ctx, r)
		if err != nil {
			return err
		}
		if err := db.Write(ctx, add("two")); err != nil {
			return err
		}
		after, err := count(ctx, r)
		if err != nil {
			return err
		}
		built, err := r.NewSelect().TableExpr("notes_notes").Count(ctx)
		if before != 1 || after != 1 || built != 1 {
			t.Errorf("got %d, then %d and %d, want 1", before, after, built)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := count(t.Context(), db); err != nil || n != 2 {
		t.Errorf("got %d, %v, want 2", n, err)
	}
}

func TestAViewGivesItsConnectionBackWhateverHappens(t *testing.T) {
	db := openNotes(t)
	broken := errors.New("broken")
	for range 2 * maxReaders {
		err := db.Read(t.Context(), func(ctx context.Context, r Reader) error {
			if _, err := r.Query(ctx, "SELECT value FROM json_each(?)", "[1,2]"); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatalf("got %v, want %v", err, broken)
		}
	}
	if got := db.pool.Stats().InUse; got != 0 {
		t.Errorf("got %d connections in use, want none", got)
	}
	if got := db.reading.Load(); got != 0 {
		t.Errorf("got %d readers at work, want none", got)
	}
}

func TestAViewCannotWriteNorOutliveItsFunction(t *testing.T) {
	db := openNotes(t)
	var kept Reader
	err := db.Read(t.Context(), func(ctx context.Context, r Reader) error {
		kept = r
		_, err := r.NewRaw("DELETE FROM notes_notes").Exec(ctx)
		return err
	})
	if err == nil {
		t.Error("a view deleted")
	}
	if _, err := count(t.Context(), kept); !errors.Is(err, errEnded) {
		t.Errorf("got %v, want %v", err, errEnded)
	}
	if _, err := kept.NewSelect().TableExpr("notes_notes").Count(t.Context()); !errors.Is(err, errEnded) {
		t.Errorf("built: got %v, want %v", err, errEnded)
	}
}

func TestARowThatNobodyScansDoesNotHoldItsViewForEver(t *testing.T) {
	db := openNotes(t)
	err := db.Read(t.Context(), func(ctx context.Context, r Reader) error {
		r.QueryRow(ctx, "SELECT ?", 1)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
