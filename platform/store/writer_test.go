package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"runes.im/platform/fault"
)

func TestWaitingWritesShareOneCommit(t *testing.T) {
	db := openNotes(t)
	before := db.writer.commits.Load()
	var writes []func(context.Context, *Tx) error
	for n := range 40 {
		writes = append(writes, add(fmt.Sprint(n)))
	}
	for _, err := range together(t, db, writes...) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := db.writer.commits.Load() - before; got != 1 {
		t.Errorf("got %d commits for 41 waiting writes, want 1", got)
	}
	if got := len(strings.Fields(texts(t, db))); got != 40 {
		t.Errorf("got %d rows, want 40", got)
	}
}

func TestAFailingWriteDoesNotHarmItsNeighbours(t *testing.T) {
	db := openNotes(t)
	refused := errors.New("refused")
	fails := func(ctx context.Context, tx *Tx) error {
		return errors.Join(add("bad")(ctx, tx), refused)
	}
	panics := func(ctx context.Context, tx *Tx) error {
		if err := add("worse")(ctx, tx); err != nil {
			return err
		}
		panic("ouch")
	}
	answers := together(t, db, add("one"), fails, add("two"), panics, add("three"), add("one"))
	want := []string{"", "refused", "", "ouch", "", "UNIQUE"}
	for i, err := range answers {
		if (err == nil) != (want[i] == "") || err != nil && !strings.Contains(err.Error(), want[i]) {
			t.Errorf("write %d: got %v, want %q", i, err, want[i])
		}
	}
	if !IsTaken(answers[5]) {
		t.Errorf("got %v, want a taken key", answers[5])
	}
	if got := texts(t, db); got != "one three two" {
		t.Errorf("got %q", got)
	}
}

func TestALoneFailingWriteLeavesNothing(t *testing.T) {
	db := openNotes(t)
	before := db.writer.commits.Load()
	for range 2 {
		err := db.Write(t.Context(), func(ctx context.Context, tx *Tx) error {
			return errors.Join(add("gone")(ctx, tx), errors.New("no"))
		})
		if err == nil {
			t.Error("got no error")
		}
	}
	if got := texts(t, db); got != "" || db.writer.commits.Load() != before {
		t.Errorf("got %q and %d commits", got, db.writer.commits.Load()-before)
	}
}

func TestAWriteThatEndsItsGoroutineHarmsNobody(t *testing.T) {
	db := openNotes(t)
	leaves := func(ctx context.Context, tx *Tx) error {
		runtime.Goexit()
		return nil
	}
	answers := together(t, db, add("one"), leaves, add("two"))
	if answers[0] != nil || !errors.Is(answers[1], errExit) || answers[2] != nil {
		t.Errorf("got %v, want only the second to fail with %v", answers, errExit)
	}
	if got := texts(t, db); got != "one two" {
		t.Errorf("got %q", got)
	}
}

func TestACallerWhoLeavesBeforeItsTurnIsSkipped(t *testing.T) {
	db := openNotes(t)
	ctx, leave := context.WithCancel(t.Context())
	ran := false
	left := make(chan error)
	err := db.Write(t.Context(), func(context.Context, *Tx) error {
		go func() {
			left <- db.Write(ctx, func(context.Context, *Tx) error { ran = true; return nil })
		}()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want canceled", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), add("after")); err != nil || ran {
		t.Errorf("got %v, ran %v", err, ran)
	}
}

func TestACallerWhoLeavesDuringItsTurnIsStillAnswered(t *testing.T) {
	db := openNotes(t)
	ctx, leave := context.WithCancel(t.Context())
	err := db.Write(ctx, func(inner context.Context, tx *Tx) error {
		leave()
		if err := add("one")(ctx, tx); err != nil { // even with the outer ctx
			return err
		}
		return errors.Join(add("two")(inner, tx), inner.Err())
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := texts(t, db); got != "one two" {
		t.Errorf("got %q", got)
	}
}

func TestAWriteInsideAWriteIsRefused(t *testing.T) {
	db := openNotes(t)
	err := db.Write(t.Context(), func(ctx context.Context, tx *Tx) error { return db.Write(ctx, add("inner")) })
	if !errors.Is(err, errNested) {
		t.Errorf("got %v, want %v", err, errNested)
	}
}

func TestATxIsOfNoUseAfterItsWrite(t *testing.T) {
	db := openNotes(t)
	var kept *Tx
	if err := db.Write(t.Context(), func(ctx context.Context, tx *Tx) error { kept = tx; return nil }); err != nil {
		t.Fatal(err)
	}
	var n int
	_, exec := kept.Exec(t.Context(), "DELETE FROM notes_notes")
	_, built := kept.NewDelete().TableExpr("notes_notes").Where("1").Exec(t.Context())
	row := kept.QueryRow(t.Context(), "SELECT 1").Scan(&n)
	for i, err := range []error{exec, built, row} {
		if !errors.Is(err, errEnded) {
			t.Errorf("way %d: got %v, want %v", i, err, errEnded)
		}
	}
}

func TestRowsLeftOpenDoNotOutliveTheWrite(t *testing.T) {
	db := openNotes(t)
	for range 3 {
		err := db.Write(t.Context(), func(ctx context.Context, tx *Tx) error {
			_, err := tx.Query(ctx, "SELECT value FROM json_each(?)", "[1,2,3]")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(db.writer.raw.open); got != 0 {
			t.Errorf("got %d open rows, want 0", got)
		}
	}
}

func TestWritesOfALostTransactionRunAgainAlone(t *testing.T) {
	db := openNotes(t)
	var runs atomic.Int32
	counted := func(text string) func(context.Context, *Tx) error {
		return func(ctx context.Context, tx *Tx) error { runs.Add(1); return add(text)(ctx, tx) }
	}
	// The error is swallowed on purpose: only the statement itself tells that everything before it is gone.
	loses := func(ctx context.Context, tx *Tx) error {
		tx.Exec(ctx, "INSERT OR ROLLBACK INTO notes_notes (text) VALUES (?)", "one")
		return nil
	}
	answers := together(t, db, counted("one"), loses, counted("two"))
	if answers[0] != nil || answers[2] != nil {
		t.Errorf("got %v", answers)
	}
	if answers[1] == nil {
		t.Error("the write that ended the transaction got no error")
	}
	if got := texts(t, db); got != "one two" || runs.Load() < 3 {
		t.Errorf("got %q after %d runs", got, runs.Load())
	}
}

func TestAfterCommitRunsOnlyForWritesThatStand(t *testing.T) {
	db := openNotes(t)
	var heard []string
	note := func(name string, err error) func(context.Context, *Tx) error {
		return func(_ context.Context, tx *Tx) error {
			tx.AfterCommit(func() { heard = append(heard, name) })
			return err
		}
	}
	if err := db.Write(t.Context(), note("kept", nil)); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), note("dropped", errors.New("no"))); err == nil {
		t.Error("got no error")
	}
	err := db.Write(t.Context(), func(_ context.Context, tx *Tx) error { tx.AfterCommit(func() { panic("late") }); return nil })
	if err != nil {
		t.Errorf("a panic after the commit became %v", err)
	}
	if got := strings.Join(heard, " "); got != "kept" {
		t.Errorf("got %q, want kept", got)
	}
}

func TestASharedCommitSignalsOnce(t *testing.T) {
	db := openNotes(t)
	calls := 0
	stop := db.OnSignal("notes.added", func() { calls++ })
	signals := func(_ context.Context, tx *Tx) error { tx.Signal("notes.added"); return nil }
	together(t, db, signals, signals, signals)
	stop()
	if err := db.Write(t.Context(), signals); err != nil || calls != 1 {
		t.Errorf("got %d calls, %v", calls, err)
	}
}

func TestAFullDiskRefusesAndRecovers(t *testing.T) {
	db := openNotes(t)
	pages := func(ctx context.Context, tx *Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO notes_notes (text) VALUES (hex(zeroblob(?)))", 200_000)
		return err
	}
	limit(t, db, 40)
	answers := together(t, db, add("small"), pages, add("tiny"))
	if answers[0] != nil || answers[2] != nil || !fault.Is(answers[1], fault.Full) {
		t.Errorf("got %v, want the big write alone refused as full", answers)
	}
	if got := texts(t, db); got != "small tiny" {
		t.Errorf("got %q", got)
	}
	// After a failure that may have cost the transaction nothing runs on, or it would commit by itself.
	err := db.Write(t.Context(), func(ctx context.Context, tx *Tx) error {
		pages(ctx, tx)        //nolint:errcheck // swallowed on purpose
		add("alone")(ctx, tx) //nolint:errcheck // swallowed as well
		return nil
	})
	if !fault.Is(err, fault.Full) {
		t.Errorf("a swallowed failure: got %v, want full", err)
	}
	limit(t, db, 100_000)
	if err := db.Write(t.Context(), pages); err != nil {
		t.Errorf("after space was made: %v", err)
	}
}

// limit makes the file as small as a disk.
func limit(t *testing.T, db *DB, pages int) {
	t.Helper()
	if _, err := db.writer.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
		t.Fatal(err)
	}
}

func TestAClosedDatabaseRefuses(t *testing.T) {
	db := openNotes(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), add("late")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v, want unavailable", err)
	}
}
