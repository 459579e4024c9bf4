package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/store"
)

func openTest(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "tenant.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(t.Context(), Schema); err != nil {
		t.Fatal(err)
	}
	return db
}

func record(t *testing.T, ctx context.Context, db *store.DB, e Entry) {
	t.Helper()
	if err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return Record(ctx, tx, e) }); err != nil {
		t.Fatal(err)
	}
}

func recordMany(t *testing.T, db *store.DB, n int) {
	t.Helper()
	for i := range n {
		record(t, t.Context(), db, Entry{Action: "test.done", Object: fmt.Sprint("thing:", i)})
	}
}

func wantBroken(t *testing.T, db *store.DB, want int64) {
	t.Helper()
	got, err := Verify(t.Context(), db)
	if err != nil || got != want {
		t.Errorf("got line %d, %v, want %d", got, err, want)
	}
}

func change(db *store.DB, statements ...string) error {
	return db.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestALineSaysWhoDidWhatAndWhen(t *testing.T) {
	db := openTest(t)
	at := time.Date(2026, 3, 4, 5, 6, 7, 8e6, time.UTC)
	ctx := clock.With(t.Context(), func() time.Time { return at })
	record(t, ctx, db, Entry{Action: "house.started"})
	ctx = store.WithActor(ctx, store.Actor{ID: "m1", Name: "Lena Brandt", Address: "192.0.2.7"})
	record(t, ctx, db, Entry{
		Action: "storage.file_renamed", Object: "file:7", Title: "Plan <2026> & more\x00\xff",
		Before: map[string]any{"name": "a", "size": int64(9007199254740993)}, After: map[string]any{"name": "b"},
	})
	lines, err := Lines(t.Context(), db, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 2 || lines[0].Number != 2 || lines[1].Action != "house.started" || lines[1].Actor != "" {
		t.Fatalf("got %+v", lines)
	}
	l := lines[0]
	if l.ActorID != "m1" || l.Actor != "Lena Brandt" || l.Address != "192.0.2.7" || !l.At.Equal(at) || l.Object != "file:7" {
		t.Errorf("got %+v", l)
	}
	if want := "Plan <2026> & more\uFFFD\uFFFD"; l.Title != want {
		t.Errorf("title: got %q, want %q", l.Title, want)
	}
	if got := l.Before["size"]; got != json.Number("9007199254740993") {
		t.Errorf("size: got %v", got)
	}
	if l.Before["name"] != "a" || l.After["name"] != "b" {
		t.Errorf("got %v, %v", l.Before, l.After)
	}
	wantBroken(t, db, 0)
}

func TestLinesComeInPages(t *testing.T) {
	db := openTest(t)
	recordMany(t, db, 5)
	var got []int64
	for before := int64(0); ; {
		lines, err := Lines(t.Context(), db, before, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) == 0 {
			break
		}
		for _, l := range lines {
			got = append(got, l.Number)
		}
		before = got[len(got)-1]
		if before == 1 {
			break
		}
	}
	if fmt.Sprint(got) != "[5 4 3 2 1]" {
		t.Errorf("got %v", got)
	}
}

func TestTheRecordFallsWithTheDeed(t *testing.T) {
	db := openTest(t)
	recordMany(t, db, 1)
	refusal := errors.New("no")
	err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := Record(ctx, tx, Entry{Action: "test.undone"}); err != nil {
			return err
		}
		return refusal
	})
	if !errors.Is(err, refusal) {
		t.Fatal(err)
	}
	wantBroken(t, db, 0)
	recordMany(t, db, 1)
	lines, err := Lines(t.Context(), db, 0, 10)
	if err != nil || len(lines) != 2 || lines[0].Number != 2 {
		t.Errorf("got %v, %v, want 2 lines", lines, err)
	}
	wantBroken(t, db, 0)
}

func TestTheDatabaseRefusesToChangeOrRemoveALine(t *testing.T) {
	db := openTest(t)
	recordMany(t, db, 2)
	for _, s := range []string{"DELETE FROM audit_lines", "UPDATE audit_lines SET title = 'x' WHERE number = 1"} {
		if err := change(db, s); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: got %v, want refused", s, err)
		}
	}
	wantBroken(t, db, 0)
}

func TestVerifyFindsWhatTheTriggersCouldNotStop(t *testing.T) {
	for name, c := range map[string]struct {
		statement string
		want      int64
	}{
		"nothing":                  {"SELECT 1", 0},
		"a changed title":          {"UPDATE audit_lines SET title = 'x' WHERE number = 3", 3},
		"a changed actor":          {"UPDATE audit_lines SET actor_id = 'x' WHERE number = 3", 3},
		"a changed name":           {"UPDATE audit_lines SET actor = 'x' WHERE number = 3", 3},
		"a changed address":        {"UPDATE audit_lines SET address = 'x' WHERE number = 3", 3},
		"a changed action":         {"UPDATE audit_lines SET action = 'x' WHERE number = 3", 3},
		"a changed object":         {"UPDATE audit_lines SET object = 'x' WHERE number = 3", 3},
		"a changed time":           {"UPDATE audit_lines SET at = '2020-01-01T00:00:00.000Z' WHERE number = 3", 3},
		"changed fields before":    {`UPDATE audit_lines SET before = '{"a":1}' WHERE number = 3`, 3},
		"changed fields after":     {`UPDATE audit_lines SET after = '{"a":1}' WHERE number = 3`, 3},
		"a changed hash":           {"UPDATE audit_lines SET hash = 'x' WHERE number = 3", 3},
		"text moved between parts": {"UPDATE audit_lines SET object = 'thing:', title = '2' WHERE number = 3", 3},
		"the first line removed":   {"DELETE FROM audit_lines WHERE number = 1", 1},
		"a line removed":           {"DELETE FROM audit_lines WHERE number = 3", 3},
		"the last line removed":    {"DELETE FROM audit_lines WHERE number = 5", 5},
		"all lines removed":        {"DELETE FROM audit_lines", 1},
		"removed and closed up":    {"DELETE FROM audit_lines WHERE number = 3; UPDATE audit_lines SET number = number - 1 WHERE number > 3", 3},
		"two lines swapped": {`UPDATE audit_lines SET number = 99 WHERE number = 2; UPDATE audit_lines SET number = 2 WHERE number = 4;
			UPDATE audit_lines SET number = 4 WHERE number = 99`, 2},
		"a line renumbered": {"UPDATE audit_lines SET number = 15 WHERE number = 5", 5},
		"a line inserted":   {"INSERT INTO audit_lines SELECT 6, at, actor_id, actor, address, action, object, title, before, after, hash FROM audit_lines WHERE number = 5", 6},
	} {
		db := openTest(t)
		recordMany(t, db, 5)
		statements := append([]string{"DROP TRIGGER audit_lines_stay", "DROP TRIGGER audit_lines_stand"}, strings.Split(c.statement, ";")...)
		if err := change(db, statements...); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		t.Run(name, func(t *testing.T) { wantBroken(t, db, c.want) })
	}
}

func TestALineOfAnotherLogDoesNotFit(t *testing.T) {
	db, other := openTest(t), openTest(t)
	recordMany(t, db, 5)
	record(t, t.Context(), other, Entry{Action: "test.else"})
	recordMany(t, other, 2)
	lines, err := Lines(t.Context(), other, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	err = change(db, "DROP TRIGGER audit_lines_stand", fmt.Sprintf("UPDATE audit_lines SET at = '%s', object = '%s', hash = '%s' WHERE number = 3",
		clock.Text(lines[0].At), lines[0].Object, lines[0].Hash))
	if err != nil {
		t.Fatal(err)
	}
	wantBroken(t, other, 0)
	wantBroken(t, db, 3)
}

// Somebody who may write to the file can make the whole chain anew; what was written down outside shows it.
func TestAHeadWrittenDownShowsAChainMadeAnew(t *testing.T) {
	db, other := openTest(t), openTest(t)
	if n, hash, err := Head(t.Context(), db); n != 0 || hash != "" || err != nil {
		t.Errorf("empty log: got %d, %q, %v", n, hash, err)
	}
	recordMany(t, db, 3)
	number, hash, err := Head(t.Context(), db)
	if err != nil || number != 3 || len(hash) != 64 {
		t.Fatalf("got %d, %q, %v", number, hash, err)
	}
	recordMany(t, db, 1)
	recordMany(t, other, 4)
	for name, c := range map[string]struct {
		db     *store.DB
		number int64
		hash   string
		want   bool
	}{
		"the same chain, grown": {db, number, hash, true},
		"another chain":         {other, number, hash, false},
		"a chain cut short":     {openTest(t), number, hash, false},
		"from before the first": {db, 0, "", true},
	} {
		if got, err := Holds(t.Context(), c.db, c.number, c.hash); got != c.want || err != nil {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, c.want)
		}
	}
}
