package store

import (
	"context"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// notes is the schema of the tests.
var notes = Schema{Name: "notes", FS: fstest.MapFS{
	"0001_notes.sql": {Data: []byte("CREATE TABLE notes_notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;")},
}}

func openNotes(t testing.TB) *DB {
	t.Helper()
	db := createNotes(t, filepath.Join(t.TempDir(), "a b?c%d#e", "tenant.db"))
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func createNotes(t testing.TB, path string) *DB {
	t.Helper()
	db, err := Create(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), notes); err != nil {
		t.Fatal(err)
	}
	return db
}

func add(text string) func(context.Context, *Tx) error {
	return func(ctx context.Context, tx *Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO notes_notes (text) VALUES (?)", text)
		return err
	}
}

func texts(t testing.TB, db *DB) string {
	t.Helper()
	found, err := db.Query(t.Context(), "SELECT text FROM notes_notes WHERE id > ? ORDER BY text", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var all []string
	for found.Next() {
		var text string
		if err := found.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// together runs the writes so that all of them wait while the first one is held, and returns their answers in order.
func together(t testing.TB, db *DB, writes ...func(context.Context, *Tx) error) []error {
	t.Helper()
	held, release := make(chan struct{}), make(chan struct{})
	var once sync.Once // the held write may run a second time
	var all sync.WaitGroup
	all.Go(func() {
		db.Write(t.Context(), func(context.Context, *Tx) error { //nolint:errcheck // its answer is that of the others
			once.Do(func() { close(held) })
			<-release
			return nil
		})
	})
	<-held
	answers := make([]error, len(writes))
	for i, fn := range writes {
		all.Go(func() { answers[i] = db.Write(t.Context(), fn) })
		for len(db.writer.queue) <= i {
			runtime.Gosched()
		}
	}
	close(release)
	all.Wait()
	return answers
}
