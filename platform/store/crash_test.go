package store

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// crashPath tells the child process of TestWhatWasAnsweredOutlivesAKill where to write.
const crashPath = "RUNES_STORE_CRASH"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashPath); path != "" {
		if err := writeUntilKilled(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// writeUntilKilled answers each acknowledged write with a line.
func writeUntilKilled(path string) error {
	ctx := context.Background()
	db, err := Open(ctx, path)
	if err != nil {
		return err
	}
	answers := make(chan string, 64)
	for g := range 8 {
		go func() {
			for n := 0; ; n++ {
				text := fmt.Sprintf("%d-%d-%d", os.Getpid(), g, n)
				pair := func(ctx context.Context, tx *Tx) error {
					if err := add(text)(ctx, tx); err != nil {
						return err
					}
					return add(text+"-twin")(ctx, tx)
				}
				if err := db.Write(ctx, pair); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				answers <- text
			}
		}()
	}
	for text := range answers {
		fmt.Println(text)
	}
	return nil
}

func TestWhatWasAnsweredOutlivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tenant.db")
	db, err := Create(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), notes); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var answered []string
	for round := range 5 {
		answered = append(answered, killAfter(t, path, 40+60*round)...)
		db, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		checkAnswered(t, db, answered)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killAfter lets a child write, kills it after so many answers and returns all it gave.
func killAfter(t *testing.T, path string, answers int) []string {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), crashPath+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for in := bufio.NewScanner(out); in.Scan(); {
		if lines = append(lines, in.Text()); len(lines) == answers {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	child.Wait() //nolint:errcheck // it was killed
	if len(lines) < answers {
		t.Fatalf("the child gave %d answers, want %d", len(lines), answers)
	}
	return lines
}

func checkAnswered(t *testing.T, db *DB, answered []string) {
	t.Helper()
	problems, err := db.Check(t.Context())
	if err != nil || len(problems) > 0 {
		t.Errorf("got %v, %v", problems, err)
	}
	for _, text := range answered {
		var n int
		err := db.QueryRow(t.Context(), "SELECT count(*) FROM notes_notes WHERE text IN (?, ? || '-twin')", text, text).Scan(&n)
		if err != nil || n != 2 {
			t.Fatalf("%s was answered, but %d of its 2 rows are there (%v)", text, n, err)
		}
	}
	var halves int
	err = db.QueryRow(t.Context(), `SELECT count(*) FROM notes_notes a WHERE text NOT LIKE '%-twin'
		AND NOT EXISTS (SELECT 1 FROM notes_notes b WHERE b.text = a.text || '-twin')`).Scan(&halves)
	if err != nil || halves != 0 {
		t.Errorf("got %d half writes, %v", halves, err)
	}
}
