package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"runes.im/platform/fault"
)

func TestOnlyCreateMakesFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	if _, err := Open(t.Context(), path); !fault.Is(err, fault.Unavailable) {
		t.Errorf("open of a missing file: got %v, want unavailable", err)
	}
	if _, err := open(t.Context(), path); err == nil {
		t.Error("SQLite was let to make a file")
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("open made a file")
	}
	db, err := Create(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := Create(t.Context(), path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("create over a file: got %v, want %v", err, fs.ErrExist)
	}
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	db := openNotes(t)
	if err := db.Write(t.Context(), add("one")); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(db.Path() + "*")
	if err != nil || len(files) != 3 {
		t.Errorf("got %v, %v, want the file, its log and its index", files, err)
	}
	for _, name := range append(files, filepath.Dir(db.Path())) {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm() & 0o077; got != 0 {
			t.Errorf("%s: others may %o", name, got)
		}
	}
}

func TestADamagedFileIsRefusedAndLeftAsItIs(t *testing.T) {
	damage := map[string]func([]byte) []byte{
		"empty":           func([]byte) []byte { return nil },
		"not a database":  func(b []byte) []byte { return []byte(strings.Repeat("hello ", 2000)) },
		"header lost":     func(b []byte) []byte { return append(make([]byte, 100), b[100:]...) },
		"cut short":       func(b []byte) []byte { return b[:4096+100] },
		"somebody else's": func(b []byte) []byte { copy(b[68:72], "ABCD"); return b },
		"schema garbled":  func(b []byte) []byte { copy(b[100:], strings.Repeat("\xff", 2000)); return b },
	}
	for name, garble := range damage {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tenant.db")
			db, err := Create(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			sound, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			garbled := garble(sound)
			if err := os.WriteFile(path, garbled, 0o600); err != nil {
				t.Fatal(err)
			}
			if db, err := Open(t.Context(), path); !fault.Is(err, fault.Unavailable) {
				t.Errorf("got %v, want unavailable", err)
				if err == nil {
					db.Close()
				}
			}
			after, err := os.ReadFile(path)
			if err != nil || string(after) != string(garbled) {
				t.Errorf("the file was changed (%v)", err)
			}
		})
	}
}

func TestAReaderCannotWrite(t *testing.T) {
	db := openNotes(t)
	for _, query := range []string{"DELETE FROM notes_notes WHERE id > ?", "INSERT INTO notes_notes (id, text) VALUES (?, 'x')"} {
		found, err := db.Query(t.Context(), query, 0)
		if err == nil {
			err = errors.Join(found.Err(), found.Close())
		}
		if err == nil {
			t.Errorf("%s: got no error", query)
		}
	}
	if _, err := db.NewRaw("DELETE FROM notes_notes").Exec(t.Context()); err == nil {
		t.Error("raw: got no error")
	}
}

func TestNULIsRefusedWithASentence(t *testing.T) {
	db := openNotes(t)
	_, plain := db.Query(t.Context(), "SELECT ?", "a\x00b")
	var n int
	row := db.QueryRow(t.Context(), "SELECT ?", "a\x00b").Scan(&n)
	write := db.Write(t.Context(), add("a\x00b"))
	built := db.NewSelect().TableExpr("notes_notes").Where("text = ?", "a\x00b").Scan(t.Context(), &n)
	text := db.NewRaw("SELECT 'a\x00b'").Scan(t.Context(), &n)
	for i, err := range []error{plain, row, write, built, text} {
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("way %d: got %v, want invalid", i, err)
		}
	}
}

func TestAStatementInUseMayRunInsideItself(t *testing.T) {
	db := openNotes(t)
	err := db.Write(t.Context(), func(ctx context.Context, tx *Tx) error {
		const query = "SELECT value FROM json_each(?) ORDER BY value"
		outer, err := tx.Query(ctx, query, "[1,2,3]")
		if err != nil {
			return err
		}
		defer outer.Close()
		sum := 0
		for outer.Next() {
			var a, b int
			if err := outer.Scan(&a); err != nil {
				return err
			}
			if err := tx.QueryRow(ctx, query, fmt.Sprintf("[%d]", a*10)).Scan(&b); err != nil {
				return err
			}
			sum += a + b
		}
		if sum != 66 {
			t.Errorf("got %d, want 66", sum)
		}
		return outer.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFewStatementsAreKept(t *testing.T) {
	db := openNotes(t)
	err := db.Write(t.Context(), func(ctx context.Context, tx *Tx) error {
		for n := range 3 * keptStatements {
			if _, err := tx.Exec(ctx, fmt.Sprintf("UPDATE notes_notes SET text = ? || %d", n), "x"); err != nil {
				return err
			}
		}
		return nil
	})
	if got := len(db.writer.raw.statements); err != nil || got != keptStatements {
		t.Errorf("got %d statements, %v, want %d", got, err, keptStatements)
	}
}

func TestEventsWaitInTheOutboxWithTheirActor(t *testing.T) {
	db := openNotes(t)
	acting := WithActor(t.Context(), Actor{ID: "m1", Name: "Lena", Address: "192.0.2.7"})
	emitted := 0
	defer db.OnSignal(Emitted, func() { emitted++ })()
	if err := db.Write(acting, func(ctx context.Context, tx *Tx) error { return tx.Emit(ctx, noteAdded{ID: 7}) }); err != nil {
		t.Fatal(err)
	}
	err := db.Write(acting, func(ctx context.Context, tx *Tx) error {
		return errors.Join(tx.Emit(ctx, noteAdded{ID: 8}), errors.New("no"))
	})
	if err == nil {
		t.Error("got no error")
	}
	var all string
	err = db.QueryRow(t.Context(), "SELECT group_concat(topic || payload || actor_id || actor_name || actor_address || posted, ' ') FROM store_outbox").Scan(&all)
	if want := `notes.note_added{"id":7}m1Lena192.0.2.70`; err != nil || all != want || emitted != 1 {
		t.Errorf("got %q, %v, %d signals, want %q", all, err, emitted, want)
	}
}

type noteAdded struct {
	ID int `json:"id"`
}

func (noteAdded) Topic() string { return "notes.note_added" }

func TestACopyTakenUnderLoadIsSound(t *testing.T) {
	db := openNotes(t)
	stop := make(chan struct{})
	var writers sync.WaitGroup
	written := make(chan struct{}, 1)
	for g := range 3 {
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := db.Write(t.Context(), add(fmt.Sprintf("%d-%d", g, n))); err != nil {
					t.Error(err)
					return
				}
				select {
				case written <- struct{}{}:
				default:
				}
			}
		})
	}
	for range 20 {
		<-written
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	err := db.Copy(t.Context(), path)
	close(stop)
	writers.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Copy(t.Context(), path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a copy over a file: got %v, want %v", err, fs.ErrExist)
	}
	copied, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	problems, err := copied.Check(t.Context())
	if err != nil || len(problems) > 0 {
		t.Errorf("got %v, %v", problems, err)
	}
	if got := len(strings.Fields(texts(t, copied))); got < 20 {
		t.Errorf("got %d rows, want at least 20", got)
	}
}

func TestCheckFindsDanglingReferences(t *testing.T) {
	db := openNotes(t)
	schema := Schema{Name: "links", FS: fstest.MapFS{"0001_links.sql": {Data: []byte(
		"CREATE TABLE links_links (note INTEGER REFERENCES notes_notes (id)) STRICT;")}}}
	if err := db.Migrate(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	if _, err := db.writer.conn.ExecContext(t.Context(), "PRAGMA foreign_keys = OFF"); err != nil {
		t.Fatal(err)
	}
	err := db.Write(t.Context(), func(ctx context.Context, tx *Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO links_links (note) VALUES (?)", 99)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	problems, err := db.Check(t.Context())
	if want := "row 1 of links_links points to a missing row of notes_notes"; err != nil || strings.Join(problems, "|") != want {
		t.Errorf("got %q, %v, want %q", problems, err, want)
	}
}

func TestReadingStopsWhenItsCallerLeaves(t *testing.T) {
	db := openNotes(t)
	const endless = "WITH RECURSIVE n (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	found, err := db.Query(ctx, endless, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		leave()
	}
	if err := found.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("between rows: got %v, want canceled", err)
	}
	if _, err := db.Query(ctx, endless, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("before: got %v, want canceled", err)
	}
	short, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	var sum int
	err = db.NewRaw("SELECT sum(i) FROM ("+endless+")", 1).Scan(short, &sum)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("built, inside a row: got %v, want its deadline", err)
	}
	if got := db.reading.Load(); got != 0 {
		t.Errorf("got %d readers at work, want none", got)
	}
}

func TestReadersAreWaitedForNoLongerThanTheCaller(t *testing.T) {
	db := openNotes(t)
	for range maxReaders {
		found, err := db.Query(t.Context(), "SELECT value FROM json_each(?)", "[1,2]")
		if err != nil {
			t.Fatal(err)
		}
		defer found.Close()
		found.Next()
	}
	short, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	if _, err := db.Query(short, "SELECT ?", 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want its deadline", err)
	}
}
