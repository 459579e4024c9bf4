package event

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
	"testing/fstest"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

type companyDeleted struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (companyDeleted) Topic() string { return "contacts.company_deleted" }

// companyGone is what another rune reads of it.
type companyGone struct {
	ID string `json:"id"`
}

var effects = store.Schema{Name: "designer", FS: fstest.MapFS{
	"0001_effects.sql": {Data: []byte("CREATE TABLE designer_effects (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;")},
}}

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
	var err error
	if h.db, err = store.Create(h.ctx, filepath.Join(t.TempDir(), "tenant.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.db.Close() })
	if err := h.db.Migrate(h.ctx, Schema, effects); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock = h.clock.Add(d)
}

// dispatch attaches a dispatcher with these listeners until the test ends.
func (h *house) dispatch(o Options) *Dispatcher {
	h.t.Helper()
	o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	o.Topics = append(o.Topics, "contacts.company_deleted")
	d, err := New(o)
	if err != nil {
		h.t.Fatal(err)
	}
	d.Attach(h.ctx, h.db)
	h.t.Cleanup(func() { d.Detach(h.db) })
	return d
}

func (h *house) emit(ids ...string) {
	h.t.Helper()
	err := h.db.Write(store.WithActor(h.ctx, store.Actor{ID: "m1", Name: "Lena"}), func(ctx context.Context, tx *store.Tx) error {
		for _, id := range ids {
			if err := tx.Emit(ctx, companyDeleted{ID: id, Name: "Acme"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) one(query string, args ...any) string {
	h.t.Helper()
	var text string
	if err := h.db.QueryRow(h.ctx, "SELECT coalesce(("+query+"), '')", args...).Scan(&text); err != nil {
		h.t.Fatal(err)
	}
	return text
}

// expect waits until the query answers want.
func (h *house) expect(want, query string) {
	h.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; runtime.Gosched() {
		got := h.one(query)
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("%s: got %q, want %q", query, got, want)
		}
	}
}

const (
	written = "SELECT group_concat(text, ' ' ORDER BY id) FROM designer_effects"
	waiting = "SELECT count(*) FROM event_deliveries WHERE state = 'waiting'"
	dead    = "SELECT count(*) FROM event_deliveries WHERE state = 'dead'"
)

func write(ctx context.Context, tx *store.Tx, text string) error {
	_, err := tx.Exec(ctx, "INSERT INTO designer_effects (text) VALUES (?)", text)
	return err
}

func forgetCompany(ctx context.Context, tx *store.Tx, e companyGone) error {
	return write(ctx, tx, e.ID)
}

func TestListenersHearInOrderWhatWasCommitted(t *testing.T) {
	h := newHouse(t)
	l := Hear("contacts.company_deleted", forgetCompany)
	if want := "contacts.company_deleted event.forgetCompany"; l.Name != want {
		t.Errorf("got name %q, want %q", l.Name, want)
	}
	h.dispatch(Options{Listeners: []Listener{l}})
	err := h.db.Write(h.ctx, func(ctx context.Context, tx *store.Tx) error {
		return errors.Join(tx.Emit(ctx, companyDeleted{ID: "undone"}), errors.New("no"))
	})
	if err == nil {
		t.Error("got no error")
	}
	h.emit("a", "b")
	h.emit("c")
	h.expect("a b c", written)
	h.expect("0", waiting)
}

func TestAnEventThatNobodyHearsIsNotKept(t *testing.T) {
	h := newHouse(t)
	h.dispatch(Options{})
	h.emit("a")
	h.expect("0", "SELECT count(*) FROM store_outbox")
}

func TestListenersLearnWhatTheNewsIs(t *testing.T) {
	h := newHouse(t)
	got := make(chan News, 1)
	actor := make(chan store.Actor, 1)
	l := Hear("contacts.company_deleted", func(ctx context.Context, tx *store.Tx, e companyGone) error {
		got <- NewsOf(ctx)
		actor <- store.ActorOf(ctx)
		return nil
	})
	h.dispatch(Options{Listeners: []Listener{l}})
	h.emit("a")
	n := <-got
	if n.ID == "" || !n.At.Equal(h.clock) || n.Actor.Name != "Lena" || <-actor != n.Actor {
		t.Errorf("got %+v", n)
	}
}

func TestOneListenerFailsAndTheOthersDoNot(t *testing.T) {
	h := newHouse(t)
	var calls atomic.Int32
	fails := Listener{Topic: "contacts.company_deleted", Name: "fails", Deliver: func(ctx context.Context, tx *store.Tx, _ []byte) error {
		if err := write(ctx, tx, "half"); err != nil {
			return err
		}
		if calls.Add(1) < 3 {
			panic("not yet")
		}
		return nil
	}}
	d := h.dispatch(Options{Listeners: []Listener{fails, Hear("contacts.company_deleted", forgetCompany)}})
	h.emit("a")
	h.expect("a", written)
	h.expect("1", "SELECT attempts FROM event_deliveries WHERE error LIKE '%not yet%'")
	h.pass(time.Second)
	d.Wake(h.db)
	h.expect("2", "SELECT attempts FROM event_deliveries")
	h.pass(5 * time.Second)
	d.Wake(h.db)
	h.expect("a half", written)
	h.expect("0", waiting)
}

func TestAfterEightFailuresALetterIsDeadAndCanBeRetried(t *testing.T) {
	h := newHouse(t)
	var mended atomic.Bool
	l := Hear("contacts.company_deleted", func(ctx context.Context, tx *store.Tx, e companyGone) error {
		if !mended.Load() {
			return errors.New("broken\x00pipe")
		}
		return write(ctx, tx, e.ID)
	})
	d := h.dispatch(Options{Listeners: []Listener{l}})
	h.emit("a")
	for n := range pauses {
		h.expect("1", "SELECT attempts - "+string(rune('0'+n))+" FROM event_deliveries")
		h.pass(pauses[n])
		d.Wake(h.db)
	}
	h.expect("1", dead)
	h.expect("8", "SELECT attempts FROM event_deliveries")
	letters, err := Dead(h.ctx, h.db, 10)
	if err != nil || len(letters) != 1 {
		t.Fatalf("got %v, %v", letters, err)
	}
	got := letters[0]
	if got.Error != "broken pipe" || got.Topic != l.Topic || got.Listener != l.Name || !strings.Contains(got.Payload, `"a"`) {
		t.Errorf("got %+v", got)
	}
	mended.Store(true)
	retry := func(ctx context.Context, tx *store.Tx) error { return Retry(ctx, tx, got.ID) }
	if err := h.db.Write(h.ctx, retry); err != nil {
		t.Fatal(err)
	}
	h.expect("a", written)
	h.expect("0", "SELECT count(*) FROM event_deliveries")
	if err := h.db.Write(h.ctx, retry); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v, want not found", err)
	}
}

func TestEventsLeftFromBeforeAreDeliveredAtAttach(t *testing.T) {
	h := newHouse(t)
	h.emit("unposted") // while nobody was attached
	l := Hear("contacts.company_deleted", forgetCompany)
	block := make(chan struct{})
	first := h.dispatch(Options{Listeners: []Listener{{
		Topic: l.Topic, Name: l.Name,
		Deliver: func(context.Context, *store.Tx, []byte) error { <-block; return errors.New("died") },
	}}})
	h.expect("1", waiting)
	close(block)
	first.Detach(h.db)
	h.emit("later")
	h.pass(time.Hour)
	h.dispatch(Options{Listeners: []Listener{l}})
	h.expect("unposted later", written)
}

func TestADeliveryTakenTwiceHasItsEffectOnce(t *testing.T) {
	h := newHouse(t)
	l := Hear("contacts.company_deleted", forgetCompany)
	d := h.dispatch(Options{Listeners: []Listener{l}})
	d.Detach(h.db)
	h.emit("a")
	h.expect("1", "SELECT count(*) FROM store_outbox WHERE posted = 0")
	h.dispatch(Options{Listeners: []Listener{l}})
	h.expect("a", written)
	again := &parcel{topic: l.Topic, payload: []byte(`{"id":"a"}`), due: map[string]delivery{l.Name: {id: 1}}}
	if err := (&desk{d: d, db: h.db}).deliver(h.ctx, again); err != nil || len(again.failures) > 0 {
		t.Errorf("got %v, %v", err, again.failures)
	}
	h.expect("a", written)
}

func TestListenersOfASuspendedRuneRestUntilItIsResumed(t *testing.T) {
	h := newHouse(t)
	var active atomic.Bool
	l := Hear("contacts.company_deleted", forgetCompany)
	l.Rune = "designer"
	d := h.dispatch(Options{Listeners: []Listener{l}, Active: func(context.Context, *store.DB) (map[string]bool, error) {
		return map[string]bool{"designer": active.Load()}, nil
	}})
	h.emit("a")
	d.Wake(h.db)
	h.expect("1", waiting)
	if got := h.one(written); got != "" {
		t.Errorf("a suspended rune heard %q", got)
	}
	active.Store(true)
	d.Wake(h.db)
	h.expect("a", written)
}

// Of many deliveries that wait, those after the suspension wait on.
func TestASuspensionHoldsTheRestOfABacklog(t *testing.T) {
	h := newHouse(t)
	var suspended atomic.Bool
	l := Hear("contacts.company_deleted", func(ctx context.Context, tx *store.Tx, gone companyGone) error {
		suspended.Store(true)
		return forgetCompany(ctx, tx, gone)
	})
	l.Rune = "designer"
	h.emit("a")
	h.emit("b")
	h.emit("c")
	h.dispatch(Options{Listeners: []Listener{l}, Active: func(context.Context, *store.DB) (map[string]bool, error) {
		return map[string]bool{"designer": !suspended.Load()}, nil
	}})
	h.expect("2", waiting)
	h.expect("a", written)
}

func TestOldThingsAreTrimmed(t *testing.T) {
	h := newHouse(t)
	l := Hear("contacts.company_deleted", forgetCompany)
	d := h.dispatch(Options{Listeners: []Listener{l}})
	h.emit("a")
	h.expect("0", waiting)
	h.expect("1", "SELECT count(*) FROM store_outbox")
	h.pass(keepHeard + time.Hour)
	d.Wake(h.db)
	h.expect("0", "SELECT count(*) FROM store_outbox")
}

func TestTwoListenersOfOneNameAreRefused(t *testing.T) {
	l := Hear("contacts.company_deleted", forgetCompany)
	if _, err := New(Options{Listeners: []Listener{l, l}}); err == nil {
		t.Error("got no error")
	}
}

func TestATopicIsNoPattern(t *testing.T) {
	h := newHouse(t)
	near := Listener{Topic: "contacts.company", Name: "near", Deliver: func(ctx context.Context, tx *store.Tx, _ []byte) error {
		return write(ctx, tx, "wrong")
	}}
	h.dispatch(Options{Listeners: []Listener{near, Hear("contacts.company_deleted", forgetCompany)}})
	h.emit("a")
	h.expect("a", written)
	h.expect("0", waiting)
}
