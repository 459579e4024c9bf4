package event

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"runes.im/platform/store"
)

// crashPath tells the child process of TestAKillLosesNoEventAndRepeatsNoEffect where to work.
const crashPath = "RUNES_EVENT_CRASH"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashPath); path != "" {
		if err := emitUntilKilled(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// emitUntilKilled emits and delivers, and answers each emission with a line.
func emitUntilKilled(path string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	d, err := New(Options{Listeners: []Listener{Hear("contacts.company_deleted", forgetCompany)}})
	if err != nil {
		return err
	}
	d.Attach(ctx, db)
	for n := 0; ; n++ {
		e := companyDeleted{ID: fmt.Sprintf("%d-%d", os.Getpid(), n)}
		if err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.Emit(ctx, e) }); err != nil {
			return err
		}
		fmt.Println(e.ID)
	}
}

func TestAKillLosesNoEventAndRepeatsNoEffect(t *testing.T) {
	h := newHouse(t)
	path := filepath.Join(t.TempDir(), "tenant.db")
	if err := h.db.Copy(h.ctx, path); err != nil {
		t.Fatal(err)
	}
	answered := 0
	for round := range 4 {
		answered += killAfter(t, path, 20+30*round)
	}
	db, err := store.Open(h.ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	h.db, h.ctx = db, t.Context() // the child had no clock that is held
	h.dispatch(Options{Listeners: []Listener{Hear("contacts.company_deleted", forgetCompany)}})
	h.expect("0", waiting)
	var events, effects, different int
	err = db.QueryRow(h.ctx, `SELECT (SELECT count(*) FROM store_outbox), count(*), count(DISTINCT text) FROM designer_effects`).
		Scan(&events, &effects, &different)
	if err != nil || events < answered || effects != events || different != events {
		t.Errorf("got %d answers, %d events, %d effects, %d different ones, %v", answered, events, effects, different, err)
	}
}

// killAfter lets a child work, kills it after so many answers and returns how many it gave.
func killAfter(t *testing.T, path string, answers int) (given int) {
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
	for in := bufio.NewScanner(out); in.Scan(); {
		if given++; given == answers {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	child.Wait() //nolint:errcheck // it was killed
	if given < answers {
		t.Fatalf("the child gave %d answers, want %d", given, answers)
	}
	return given
}
