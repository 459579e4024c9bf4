package store

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"runes.im/platform/fault"
)

// files makes a schema of numbered files.
func files(name string, texts ...string) Schema {
	all := fstest.MapFS{}
	for i, text := range texts {
		all["000"+string(rune('1'+i))+"_step.sql"] = &fstest.MapFile{Data: []byte(text)}
	}
	return Schema{Name: name, FS: all}
}

const (
	makeTable = "CREATE TABLE tasks_tasks (id INTEGER PRIMARY KEY) STRICT; INSERT INTO tasks_tasks VALUES (1);"
	addColumn = "ALTER TABLE tasks_tasks ADD COLUMN title TEXT NOT NULL DEFAULT 'new';"
)

func applied(t *testing.T, db *DB, schema string) int {
	t.Helper()
	var n int
	err := db.QueryRow(t.Context(), "SELECT coalesce(max(number), 0) FROM store_migrations WHERE schema = ?", schema).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMigrationsRunOnceAndInOrder(t *testing.T) {
	db := openNotes(t)
	for _, schema := range []Schema{files("tasks", makeTable), files("tasks", makeTable, addColumn), files("tasks", makeTable, addColumn)} {
		if err := db.Migrate(t.Context(), schema); err != nil {
			t.Fatal(err)
		}
	}
	var title string
	if err := db.QueryRow(t.Context(), "SELECT title FROM tasks_tasks").Scan(&title); err != nil || title != "new" {
		t.Errorf("got %q, %v", title, err)
	}
	if got := applied(t, db, "tasks"); got != 2 {
		t.Errorf("got version %d, want 2", got)
	}
}

func TestAFailedMigrationLeavesItsVersionUntouched(t *testing.T) {
	db := openNotes(t)
	err := db.Migrate(t.Context(), files("tasks", makeTable, "CREATE TABLE tasks_more (id TEXT) STRICT; INSERT INTO nowhere VALUES (1);"))
	if err == nil || !strings.Contains(err.Error(), "tasks/0002_step.sql") {
		t.Errorf("got %v, want the name of the file", err)
	}
	if got := applied(t, db, "tasks"); got != 1 {
		t.Errorf("got version %d, want 1", got)
	}
	var left int
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM sqlite_schema WHERE name = 'tasks_more'").Scan(&left); err != nil || left != 0 {
		t.Errorf("got %d tables, %v", left, err)
	}
	if err := db.Migrate(t.Context(), files("tasks", makeTable, addColumn)); err != nil {
		t.Errorf("the mended file: %v", err)
	}
}

func TestANewerOrChangedSchemaIsRefusedAndNothingChanges(t *testing.T) {
	db := openNotes(t)
	if err := db.Migrate(t.Context(), files("tasks", makeTable, addColumn)); err != nil {
		t.Fatal(err)
	}
	other := files("other", "CREATE TABLE other_others (id TEXT) STRICT;")
	refused := map[string]Schema{
		"store.newer":   files("tasks", makeTable),
		"store.changed": files("tasks", makeTable+" -- edited", addColumn),
	}
	for key, schema := range refused {
		err := db.Migrate(t.Context(), other, schema)
		if f := fault.Of(err); f == nil || f.Key != key {
			t.Errorf("got %v, want %s", err, key)
		}
		if got := applied(t, db, "other"); got != 0 {
			t.Errorf("%s: a neighbour was migrated to %d", key, got)
		}
	}
}

func TestMigrationFilesAreNumberedWithoutGaps(t *testing.T) {
	db := openNotes(t)
	for _, name := range []string{"0002_later.sql", "1_short.sql", "first.sql"} {
		schema := Schema{Name: "bad", FS: fstest.MapFS{name: {Data: []byte("SELECT 1;")}}}
		if err := db.Migrate(t.Context(), schema); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if err := db.Migrate(t.Context(), Schema{Name: "empty"}); err == nil {
		t.Error("a schema without files was taken")
	}
}

func TestMigrationsWaitTheirTurn(t *testing.T) {
	db := openNotes(t)
	fails := make(chan error, 1)
	err := db.Write(t.Context(), func(ctx context.Context, tx *Tx) error {
		go func() { fails <- db.Migrate(t.Context(), files("tasks", makeTable)) }()
		return add("before")(ctx, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-fails; err != nil {
		t.Fatal(err)
	}
	if got := texts(t, db); got != "before" {
		t.Errorf("got %q", got)
	}
}
