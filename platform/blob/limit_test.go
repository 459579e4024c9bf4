package blob

import (
	"bytes"
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// limited is a store that takes so many bytes.
func limited(t *testing.T, bytes int64) *Store {
	s := openTest(t)
	s.limit = func() int64 { return bytes }
	return s
}

func wantFull(t *testing.T, what string, err error) {
	t.Helper()
	if !fault.Is(err, fault.Full) {
		t.Errorf("%s: got %v, want that it is full", what, err)
	}
}

func wantTotal(t *testing.T, s *Store, want int64) {
	t.Helper()
	if got, err := Total(t.Context(), s.db); err != nil || got != want {
		t.Errorf("total: got %d, %v, want %d", got, err, want)
	}
}

func TestContentsStopAtTheLimit(t *testing.T) {
	const limit = 200_000
	s := limited(t, limit)
	first := keep(t, s, random(150_000))
	wantTotal(t, s, 150_000)

	_, err := s.Stage(t.Context(), bytes.NewReader(random(50_001)), StageOptions{Expect: 50_001})
	wantFull(t, "announced", err)
	_, err = s.Stage(t.Context(), bytes.NewReader(random(90_000)), StageOptions{Expect: -1})
	wantFull(t, "of unknown length", err)
	_, err = s.WritePart(t.Context(), "transfer", 1, bytes.NewReader(random(30_000)), 0, 30_000)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.WritePart(t.Context(), "transfer", 2, bytes.NewReader(random(30_000)), 0, -1)
	wantFull(t, "the pieces together", err)

	// Two that each have room while they are read: the second finds none when it is kept.
	a, b := stage(t, s, random(40_000)), stage(t, s, random(40_000))
	defer a.Discard()
	defer b.Discard()
	write(t, s, func(ctx context.Context, tx *store.Tx) error { return s.Keep(ctx, tx, a) })
	wantFull(t, "kept last", s.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return s.Keep(ctx, tx, b) }))
	wantTotal(t, s, 190_000)

	// One more use of what is there takes no room; what nobody uses gives it back.
	again(t, s, first)
	wantTotal(t, s, 190_000)
	drop(t, s, first)
	drop(t, s, first)
	wantTotal(t, s, 40_000)
	sweep(t, s, 1)
	wantTotal(t, s, 40_000)
	keep(t, s, random(150_000))
	wantTotal(t, s, 190_000)
	wantSound(t, s)
}

// A database from before the limit counts what it holds.
func TestTheTotalBeginsWithWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	db, err := store.Create(t.Context(), filepath.Join(dir, "tenant.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(t.Context(), store.Schema{Name: "blob", FS: only{Schema.FS, "0001"}}); err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO blob_contents (id, size, uses, data, made_at, idle_at) VALUES (?, 3, 1, x'010203', '', NULL), (?, 2, 0, x'0102', '', '2030')`,
			strings.Repeat("a", 64), strings.Repeat("b", 64))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), Schema); err != nil {
		t.Fatal(err)
	}
	wantTotal(t, openOn(t, db, filepath.Join(dir, "blobs")), 3)
}

// only is the migrations of an earlier version of this package.
type only struct {
	fs.FS
	prefix string
}

// ReadDir leaves out those that came later.
func (o only) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(o.FS, name)
	return slices.DeleteFunc(all, func(e fs.DirEntry) bool { return !strings.HasPrefix(e.Name(), o.prefix) }), err
}
