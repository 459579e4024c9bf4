package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/store"
)

// Options are what a runner is made of.
type Options struct {
	Kinds   []Kind
	Workers int // jobs at the same time, in the whole house; 0 means 2
	// Active is the set of active runes of a tenant, nil: all are. Jobs of other runes rest until they are active.
	Active func(ctx context.Context, db *store.DB) (map[string]bool, error)
	Log    *slog.Logger
}

// Runner does the jobs of the attached databases.
type Runner struct {
	options Options
	kinds   map[string]Kind
	workers chan struct{}
	mu      sync.Mutex
	desks   map[*store.DB]*desk
	stopped bool
}

// New makes a runner for the work of the installed runes.
func New(o Options) (*Runner, error) {
	if o.Workers <= 0 {
		o.Workers = 2
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	r := &Runner{options: o, kinds: map[string]Kind{}, workers: make(chan struct{}, o.Workers), desks: map[*store.DB]*desk{}}
	for _, k := range o.Kinds {
		if _, twice := r.kinds[k.Name]; twice || k.Run == nil {
			return nil, fmt.Errorf("job: the kind %q is there twice or does nothing", k.Name)
		}
		r.kinds[k.Name] = k
	}
	return r, nil
}

// Attach begins to do the jobs of db, those left from before first. ctx is that of every job: it carries the tenant,
// and its end breaks the jobs off.
func (r *Runner) Attach(ctx context.Context, db *store.DB) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.desks[db] != nil || r.stopped {
		return
	}
	// Two ends: idle ends the search for work, brake also ends the work in hand.
	ctx, brake := context.WithCancel(ctx)
	searching, idle := context.WithCancel(ctx)
	k := &desk{r: r, db: db, idle: idle, brake: brake, wake: make(chan struct{}, 1), ended: make(chan struct{}), inHand: map[string]hand{}}
	k.deaf = db.OnSignal(queued, k.ring)
	r.desks[db] = k
	k.ring()
	go k.run(searching, ctx)
}

// Detach breaks off the jobs of db and returns when they have ended; they are tried again at the next Attach.
func (r *Runner) Detach(db *store.DB) {
	r.mu.Lock()
	k := r.desks[db]
	delete(r.desks, db)
	r.mu.Unlock()
	if k == nil {
		return
	}
	k.deaf()
	k.brake()
	<-k.ended
	k.hands.Wait()
}

// Busy reports whether a job of db is in hand: a bad moment to close it.
func (r *Runner) Busy(db *store.DB) bool {
	r.mu.Lock()
	k := r.desks[db]
	r.mu.Unlock()
	return k != nil && len(k.busy()) > 0
}

// Wake looks again at what is due, and breaks off what is not to be done any more: after a rune was activated or suspended.
func (r *Runner) Wake(db *store.DB) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.desks[db]; k != nil {
		k.ring()
	}
}

// Stop begins no more jobs and waits for those in hand, until ctx ends; then it breaks them off and waits for that.
func (r *Runner) Stop(ctx context.Context) error {
	r.mu.Lock()
	r.stopped = true
	desks := r.desks
	r.desks = map[*store.DB]*desk{}
	r.mu.Unlock()
	for _, k := range desks {
		k.deaf()
		k.idle()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, k := range desks {
			<-k.ended
			k.hands.Wait()
		}
	}()
	var late error
	select {
	case <-done:
	case <-ctx.Done():
		late = ctx.Err()
	}
	for _, k := range desks {
		k.brake()
	}
	<-done
	return late
}

// desk serves one database.
type desk struct {
	r           *Runner
	db          *store.DB
	idle, brake context.CancelFunc
	deaf        func()
	wake        chan struct{}
	ended       chan struct{}
	hands       sync.WaitGroup
	mu          sync.Mutex
	inHand      map[string]hand // the jobs that run, by id
}

// hand is one job that runs; stop breaks it off.
type hand struct {
	kind string
	stop context.CancelFunc
}

// ring must not block: the database's writer calls it.
func (k *desk) ring() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// A desk that meets trouble with the database itself looks again after rest. One that has something planned looks
// once in longest, because the clock may be set in between.
const (
	rest    = time.Minute
	longest = time.Hour
)

// run sleeps until a job is queued or something comes due. ctx ends the search, jobs the work in hand.
func (k *desk) run(ctx, jobs context.Context) {
	defer close(k.ended)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.wake:
		case <-timer.C:
		}
		pause, err := k.look(ctx, jobs)
		if err != nil && ctx.Err() == nil {
			k.r.options.Log.ErrorContext(ctx, "jobs rest", "database", k.db.Path(), "error", err)
			pause = rest
		}
		timer.Stop()
		if pause > 0 {
			timer.Reset(pause)
		}
	}
}

// look begins what is due and returns how long nothing will be, 0 when nothing is planned.
func (k *desk) look(ctx, jobs context.Context) (time.Duration, error) {
	kinds, err := k.kinds(ctx)
	if err != nil {
		return 0, err
	}
	k.breakOff(kinds)
	period, err := plan(ctx, k.db, kinds)
	if err != nil {
		return 0, err
	}
	names := make([]string, 0, len(kinds))
	for _, kind := range kinds {
		names = append(names, kind.Name)
	}
	for {
		next, err := nextDue(ctx, k.db, names, k.busy())
		if err != nil {
			return 0, err
		}
		if next.IsZero() || next.After(clock.Now(ctx)) {
			return k.pause(ctx, next, period), nil
		}
		if err := k.begin(ctx, jobs, names); errors.Is(err, errWoken) {
			return k.look(ctx, jobs)
		} else if err != nil {
			return 0, err
		}
	}
}

// errWoken means that something changed while a job waited for a worker: perhaps that it is to be done at all.
var errWoken = errors.New("job: woken")

// begin waits for a free worker and gives it the oldest job that is due.
func (k *desk) begin(ctx, jobs context.Context, names []string) error {
	select {
	case k.r.workers <- struct{}{}:
	case <-k.wake:
		return errWoken
	case <-ctx.Done():
		return ctx.Err()
	}
	w, err := claim(ctx, k.db, names, k.busy())
	if err != nil || w == nil || w.attempts > len(pauses)+1 {
		<-k.r.workers
		return err
	}
	mine, stop := context.WithCancel(jobs)
	k.hold(w.id, hand{kind: w.kind, stop: stop})
	k.hands.Go(func() {
		defer k.ring()
		defer k.letGo(w.id)
		defer func() { <-k.r.workers }()
		k.do(mine, w)
	})
	return nil
}

// breakOff ends the jobs in hand that are of none of these kinds: their rune was suspended. They are tried again when it
// is active again.
func (k *desk) breakOff(kinds []Kind) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, h := range k.inHand {
		if !slices.ContainsFunc(kinds, func(kind Kind) bool { return kind.Name == h.kind }) {
			h.stop()
		}
	}
}

// do runs one job and writes down how it ended.
func (k *desk) do(ctx context.Context, w *work) {
	outcome := contain(func() error {
		return k.r.kinds[w.kind].Run(store.WithActor(ctx, w.actor), w.payload)
	})
	end := func(ctx context.Context, tx *store.Tx) error { return w.settle(ctx, tx, outcome) }
	if outcome != nil && ctx.Err() != nil {
		end = w.putBack
	} else if outcome != nil {
		k.r.options.Log.WarnContext(ctx, "job failed", "kind", w.kind, "job", w.id, "attempt", w.attempts, "error", outcome)
	}
	// What was done is written down even while the tenant closes.
	if err := k.db.Write(context.WithoutCancel(ctx), end); err != nil {
		k.r.options.Log.ErrorContext(ctx, "job not noted", "kind", w.kind, "job", w.id, "error", err)
	}
}

// contain turns a panic into an error.
func contain(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("job: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}

// kinds are the kinds of work that may be done in this tenant.
func (k *desk) kinds(ctx context.Context) ([]Kind, error) {
	o := k.r.options
	if o.Active == nil {
		return o.Kinds, nil
	}
	active, err := o.Active(ctx, k.db)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(o.Kinds), func(kind Kind) bool { return kind.Rune != "" && !active[kind.Rune] }), nil
}

// pause is how long it is until the first of these times, 0 when all of them are zero.
func (k *desk) pause(ctx context.Context, times ...time.Time) time.Duration {
	times = slices.DeleteFunc(times, time.Time.IsZero)
	if len(times) == 0 {
		return 0
	}
	left := slices.MinFunc(times, time.Time.Compare).Sub(clock.Now(ctx))
	return min(max(left, time.Millisecond), longest)
}

func (k *desk) hold(job string, h hand) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.inHand[job] = h
}

func (k *desk) letGo(job string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.inHand[job].stop()
	delete(k.inHand, job)
}

func (k *desk) busy() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	ids := make([]string, 0, len(k.inHand))
	for id := range k.inHand {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
