package job

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// house is one database with a clock that a test can move.
type house struct {
	t     *testing.T
	ctx   context.Context
	db    *store.DB
	mu    sync.Mutex
	clock time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, clock: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	h.ctx = clock.With(t.Context(), func() time.Time {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.clock
	})
	h.db = h.open()
	return h
}

func (h *house) open() *store.DB {
	h.t.Helper()
	db, err := store.Create(h.ctx, filepath.Join(h.t.TempDir(), "tenant.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { db.Close() })
	if err := db.Migrate(h.ctx, Schema); err != nil {
		h.t.Fatal(err)
	}
	return db
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock = h.clock.Add(d)
}

func (h *house) work(o Options) *Runner {
	h.t.Helper()
	o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	r, err := New(o)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Attach(h.ctx, h.db)
	h.t.Cleanup(func() { r.Detach(h.db) })
	return r
}

func (h *house) start(kind string, payload any, at time.Time) {
	h.t.Helper()
	err := h.db.Write(store.WithActor(h.ctx, store.Actor{Name: "Lena"}), func(ctx context.Context, tx *store.Tx) error {
		return Start(ctx, tx, kind, payload, at)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// expect waits until the query answers want.
func (h *house) expect(want, query string) {
	h.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; runtime.Gosched() {
		var got string
		if err := h.db.QueryRow(h.ctx, "SELECT coalesce(("+query+"), '')").Scan(&got); err != nil {
			h.t.Fatal(err)
		}
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("%s: got %q, want %q", query, got, want)
		}
	}
}

const (
	waiting = "SELECT count(*) FROM job_jobs WHERE state = 'waiting'"
	failed  = "SELECT count(*) FROM job_jobs WHERE state = 'failed'"
)

func TestAJobRunsWithItsPayloadAndActor(t *testing.T) {
	h := newHouse(t)
	ran := make(chan string, 1)
	h.work(Options{Kinds: []Kind{{Name: "mail.send", Run: func(ctx context.Context, payload []byte) error {
		ran <- store.ActorOf(ctx).Name + string(payload)
		return nil
	}}}})
	err := h.db.Write(h.ctx, func(ctx context.Context, tx *store.Tx) error {
		return errors.Join(Start(ctx, tx, "mail.send", "undone", time.Time{}), errors.New("no"))
	})
	if err == nil {
		t.Error("got no error")
	}
	h.start("mail.send", map[string]int{"n": 7}, time.Time{})
	if got := <-ran; got != `Lena{"n":7}` {
		t.Errorf("got %q", got)
	}
	h.expect("0", waiting)
}

func TestAJobWaitsForItsTime(t *testing.T) {
	h := newHouse(t)
	ran := make(chan bool, 1)
	r := h.work(Options{Kinds: []Kind{{Name: "mail.send", Run: func(context.Context, []byte) error { ran <- true; return nil }}}})
	h.start("mail.send", nil, h.clock.Add(time.Minute))
	r.Wake(h.db)
	h.expect("1", waiting)
	select {
	case <-ran:
		t.Error("ran before its time")
	default:
	}
	h.pass(time.Minute)
	r.Wake(h.db)
	<-ran
	h.expect("0", waiting)
}

func TestAFailingJobIsRetriedThenKeptAndCanBeRetriedByHand(t *testing.T) {
	h := newHouse(t)
	var mended atomic.Bool
	var runs atomic.Int32
	r := h.work(Options{Kinds: []Kind{{Name: "mail.send", Run: func(context.Context, []byte) error {
		runs.Add(1)
		if !mended.Load() {
			panic("no relay")
		}
		return nil
	}}}})
	h.start("mail.send", nil, time.Time{})
	for n := range pauses {
		h.expect("1", "SELECT attempts - "+string(rune('0'+n))+" FROM job_jobs WHERE error <> '' AND due_at > '"+clock.Text(h.clock)+"'")
		h.expect(clock.Text(h.clock), "SELECT last_at FROM job_kinds")
		h.pass(pauses[n])
		r.Wake(h.db)
	}
	h.expect("1", failed)
	failures, err := Failures(h.ctx, h.db, 10)
	if err != nil || len(failures) != 1 || !strings.Contains(failures[0].Error, "no relay") || runs.Load() != 8 {
		t.Fatalf("got %v, %v after %d runs", failures, err, runs.Load())
	}
	lines, err := Lines(h.ctx, h.db)
	if err != nil || len(lines) != 1 || lines[0].Failed != 1 || lines[0].Error == "" || !lines[0].Last.Equal(h.clock) {
		t.Errorf("got %+v, %v", lines, err)
	}
	mended.Store(true)
	retry := func(ctx context.Context, tx *store.Tx) error { return Retry(ctx, tx, failures[0].ID) }
	if err := h.db.Write(h.ctx, retry); err != nil {
		t.Fatal(err)
	}
	h.expect("0", "SELECT count(*) FROM job_jobs")
	h.expect("", "SELECT error FROM job_kinds")
	if err := h.db.Write(h.ctx, retry); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v, want not found", err)
	}
}

func TestAScheduleRunsOncePerPeriodHoweverOftenWeRestart(t *testing.T) {
	h := newHouse(t)
	ran := make(chan time.Time, 10)
	kinds := []Kind{{Name: "storage.sweep", Every: 24 * time.Hour, Run: func(ctx context.Context, _ []byte) error {
		ran <- clock.Now(ctx)
		return nil
	}}}
	restart := func() {
		t.Helper()
		r := h.work(Options{Kinds: kinds})
		h.expect("1", "SELECT count(*) FROM job_kinds WHERE period >= 0")
		h.expect("0", waiting)
		r.Detach(h.db)
	}
	for range 3 {
		restart()
	}
	h.pass(11 * time.Hour)
	restart()
	h.pass(-3 * 24 * time.Hour) // the clock is set back
	restart()
	if got := len(ran); got != 1 {
		t.Errorf("got %d runs in the first period, want 1", got)
	}
	h.pass(3*24*time.Hour + time.Hour) // the next day has begun
	r := h.work(Options{Kinds: kinds})
	<-ran
	if got := <-ran; !got.Equal(h.clock) {
		t.Errorf("got %v, want %v", got, h.clock)
	}
	h.expect("0", waiting)
	lines, err := Lines(h.ctx, h.db)
	want := time.Date(2026, 5, 3, 0, 0, 0, 0, time.UTC)
	if err != nil || len(lines) != 1 || !lines[0].Next.Equal(want) {
		t.Errorf("got %+v, %v, want next %v", lines, err, want)
	}
	h.pass(24 * time.Hour)
	r.Wake(h.db)
	<-ran
}

func TestJobsOfASuspendedRuneRest(t *testing.T) {
	h := newHouse(t)
	var active atomic.Bool
	ran := make(chan bool, 2)
	sweep := Kind{Name: "storage.sweep", Rune: "storage", Every: time.Hour, Run: func(context.Context, []byte) error { ran <- true; return nil }}
	r := h.work(Options{Kinds: []Kind{sweep}, Active: func(context.Context, *store.DB) (map[string]bool, error) {
		return map[string]bool{"storage": active.Load()}, nil
	}})
	h.start("storage.sweep", 1, time.Time{})
	r.Wake(h.db)
	h.expect("1", waiting)
	active.Store(true)
	r.Wake(h.db)
	<-ran
	<-ran
	h.expect("0", waiting)
}

// Work in hand ends when its rune is suspended, even while every worker is busy with it, and costs no attempt.
func TestASuspendedRunesWorkIsBrokenOff(t *testing.T) {
	h := newHouse(t)
	var suspended atomic.Bool
	began := make(chan bool, 9)
	sweep := Kind{Name: "storage.sweep", Rune: "storage", Run: func(ctx context.Context, _ []byte) error {
		began <- true
		if suspended.Load() {
			return nil // the second time
		}
		<-ctx.Done()
		return ctx.Err()
	}}
	r := h.work(Options{Workers: 1, Kinds: []Kind{sweep}, Active: func(context.Context, *store.DB) (map[string]bool, error) {
		return map[string]bool{"storage": !suspended.Load()}, nil
	}})
	h.start("storage.sweep", 1, time.Time{})
	h.start("storage.sweep", 2, time.Time{})
	<-began
	suspended.Store(true)
	r.Wake(h.db)
	// Neither was done: a job that is done is gone.
	h.expect("0 0", "SELECT group_concat(attempts, ' ') FROM job_jobs")
}

func TestAJobThatEndsTheProgramIsNotTriedForEver(t *testing.T) {
	h := newHouse(t)
	h.start("storage.sweep", nil, time.Time{})
	for range len(pauses) + 1 { // each a claim whose program then dies
		w, err := claim(h.ctx, h.db, []string{"storage.sweep"}, nil)
		if err != nil || w == nil {
			t.Fatalf("got %v, %v", w, err)
		}
		if again, err := claim(h.ctx, h.db, []string{"storage.sweep"}, nil); err != nil || again != nil {
			t.Fatalf("a job in hand was claimed again: %v, %v", again, err)
		}
		h.pass(24 * time.Hour)
	}
	h.work(Options{Kinds: []Kind{{Name: "storage.sweep", Run: func(context.Context, []byte) error { t.Error("it ran"); return nil }}}})
	h.expect("1", failed)
}

func TestWorkersAreSharedByAllTenants(t *testing.T) {
	h := newHouse(t)
	other := h.open()
	var now, most atomic.Int32
	begun, end := make(chan bool, 6), make(chan bool)
	r := h.work(Options{Workers: 2, Kinds: []Kind{{Name: "mail.send", Run: func(context.Context, []byte) error {
		most.Store(max(most.Load(), now.Add(1)))
		begun <- true
		<-end
		now.Add(-1)
		return nil
	}}}})
	r.Attach(h.ctx, other)
	t.Cleanup(func() { r.Detach(other) })
	for range 3 {
		h.start("mail.send", nil, time.Time{})
		err := other.Write(h.ctx, func(ctx context.Context, tx *store.Tx) error { return Start(ctx, tx, "mail.send", nil, time.Time{}) })
		if err != nil {
			t.Fatal(err)
		}
	}
	<-begun
	<-begun
	if !r.Busy(h.db) && !r.Busy(other) {
		t.Error("nobody is busy")
	}
	close(end)
	for range 4 {
		<-begun
	}
	if got := most.Load(); got != 2 {
		t.Errorf("got %d jobs at the same time, want 2", got)
	}
}

func TestStopWaitsForJobsInHandThenBreaksThemOff(t *testing.T) {
	h := newHouse(t)
	begun, end := make(chan bool), make(chan bool)
	r := h.work(Options{Kinds: []Kind{{Name: "mail.send", Run: func(ctx context.Context, _ []byte) error {
		begun <- true
		select {
		case <-end:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}}})
	h.start("mail.send", "good", time.Time{})
	<-begun
	go func() { end <- true }()
	if err := r.Stop(h.ctx); err != nil {
		t.Errorf("got %v", err)
	}
	h.expect("0", waiting)

	late := h.work(r.options)
	h.start("mail.send", "endless", time.Time{})
	<-begun
	ctx, stop := context.WithCancel(h.ctx)
	stop()
	if err := late.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want canceled", err)
	}
	h.expect("1", waiting)
	h.expect("0", "SELECT attempts FROM job_jobs")
	late.Attach(h.ctx, h.db)
	if late.Busy(h.db) {
		t.Error("a stopped runner works")
	}
}

func TestAKindIsThereOnceAndDoesSomething(t *testing.T) {
	run := func(context.Context, []byte) error { return nil }
	for _, kinds := range [][]Kind{{{Name: "a", Run: run}, {Name: "a", Run: run}}, {{Name: "a"}}} {
		if _, err := New(Options{Kinds: kinds}); err == nil {
			t.Errorf("%v: got no error", kinds)
		}
	}
}
