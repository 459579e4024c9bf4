package event

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/mustafaturan/bus/v3"

	"runes.im/platform/clock"
	"runes.im/platform/id"
	"runes.im/platform/store"
)

// Options are what a dispatcher is made of.
type Options struct {
	Listeners []Listener
	Topics    []string // what the parts of the house emit
	// Active is the set of active runes of a tenant, nil: all are. Deliveries to the listeners of other runes rest;
	// those that rest for 30 days are dropped.
	Active func(ctx context.Context, db *store.DB) (map[string]bool, error)
	Log    *slog.Logger
}

// Dispatcher carries events from the outboxes of the attached databases to the listeners.
type Dispatcher struct {
	options Options
	bus     *bus.Bus
	byTopic map[string][]string // names of listeners
	mu      sync.Mutex
	desks   map[*store.DB]*desk
}

// New makes a dispatcher for the listeners of the installed runes.
func New(o Options) (*Dispatcher, error) {
	b, err := bus.NewBus(bus.Next(id.New))
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	d := &Dispatcher{options: o, bus: b, byTopic: map[string][]string{}, desks: map[*store.DB]*desk{}}
	// The bus keeps the order of registration only when the topics are there first.
	b.RegisterTopics(o.Topics...)
	for _, l := range o.Listeners {
		b.RegisterTopics(l.Topic)
	}
	for _, l := range o.Listeners {
		if slices.Contains(b.HandlerKeys(), l.Name) {
			return nil, fmt.Errorf("event: two listeners are named %q", l.Name)
		}
		d.byTopic[l.Topic] = append(d.byTopic[l.Topic], l.Name)
		b.RegisterHandler(l.Name, bus.Handler{Matcher: "^(?:" + regexp.QuoteMeta(l.Topic) + ")$", Handle: d.handler(l)})
	}
	return d, nil
}

// Hears reports whether any listener is installed for topic.
func (d *Dispatcher) Hears(topic string) bool { return len(d.byTopic[topic]) > 0 }

// Post notes one delivery for each listener, in the transaction that emits the event.
func (d *Dispatcher) Post(ctx context.Context, tx *store.Tx, number int64, topic string) error {
	for _, name := range d.byTopic[topic] {
		if err := post(ctx, tx, number, name); err != nil {
			return err
		}
	}
	return nil
}

// Attach begins to deliver the events of db, those left from before first. ctx is that of every delivery: it carries
// the tenant, and its end stops the deliveries.
func (d *Dispatcher) Attach(ctx context.Context, db *store.DB) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.desks[db] != nil {
		return
	}
	ctx, stop := context.WithCancel(ctx)
	k := &desk{d: d, db: db, stop: stop, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	k.deaf = db.OnSignal(store.Emitted, k.ring)
	db.SetCourier(d)
	d.desks[db] = k
	k.ring()
	go k.run(ctx)
}

// Detach stops delivering and returns when the delivery in progress is over. Later events wait for the next Attach.
func (d *Dispatcher) Detach(db *store.DB) {
	d.mu.Lock()
	k := d.desks[db]
	delete(d.desks, db)
	d.mu.Unlock()
	if k == nil {
		return
	}
	db.SetCourier(nil)
	k.deaf()
	k.stop()
	<-k.ended
}

// Wake looks again at what is due: after a rune was activated.
func (d *Dispatcher) Wake(db *store.DB) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if k := d.desks[db]; k != nil {
		k.ring()
	}
}

// running are the names of the listeners that may run in db.
func (d *Dispatcher) running(ctx context.Context, db *store.DB) ([]string, error) {
	names := []string{}
	for _, l := range d.options.Listeners {
		runs, err := d.runs(ctx, db, l)
		if err != nil {
			return nil, err
		}
		if runs {
			names = append(names, l.Name)
		}
	}
	return names, nil
}

// runs reports whether the listener may run in db: those of a suspended rune rest.
func (d *Dispatcher) runs(ctx context.Context, db *store.DB, l Listener) (bool, error) {
	if l.Rune == "" || d.options.Active == nil {
		return true, nil
	}
	active, err := d.options.Active(ctx, db)
	return active[l.Rune], err
}

type dbKey struct{}

// handler is the listener as the bus knows it. The bus calls all handlers of a topic; only those run whose delivery
// is due. Write turns a panic of the listener into an error.
func (d *Dispatcher) handler(l Listener) func(context.Context, bus.Event) {
	return func(ctx context.Context, e bus.Event) {
		p := e.Data.(*parcel)
		waiting, isDue := p.due[l.Name]
		db, _ := ctx.Value(dbKey{}).(*store.DB)
		if !isDue || ctx.Err() != nil {
			return
		}
		// Asked at each delivery, because a rune may be suspended while many wait.
		runs, err := d.runs(ctx, db, l)
		if err == nil && !runs {
			return
		}
		if err == nil {
			err = db.Write(withNews(ctx, p.news), func(ctx context.Context, tx *store.Tx) error {
				mine, err := waiting.take(ctx, tx)
				if err != nil || !mine {
					return err
				}
				return l.Deliver(ctx, tx, p.payload)
			})
		}
		if err != nil && ctx.Err() == nil {
			p.failures = append(p.failures, failure{delivery: waiting, listener: l.Name, err: err})
		}
	}
}

// desk serves one database.
type desk struct {
	d       *Dispatcher
	db      *store.DB
	stop    context.CancelFunc
	deaf    func()
	wake    chan struct{}
	ended   chan struct{}
	trimmed time.Time
}

// ring must not block: the database's writer calls it.
func (k *desk) ring() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// A desk that meets trouble with the database itself, or whose clock was set back, looks again after this time.
const rest = time.Minute

// run sleeps until an event is emitted or a retry comes due.
func (k *desk) run(ctx context.Context) {
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
		pause, err := k.work(ctx)
		if err != nil && ctx.Err() == nil {
			k.d.options.Log.ErrorContext(ctx, "events rest", "database", k.db.Path(), "error", err)
			pause = rest
		}
		timer.Stop()
		if pause > 0 {
			timer.Reset(pause)
		}
	}
}

// work delivers what is due and returns how long nothing will be, 0 when nothing waits.
func (k *desk) work(ctx context.Context) (time.Duration, error) {
	if err := k.catchUp(ctx); err != nil {
		return 0, err
	}
	var listeners []string
	for {
		var err error
		if listeners, err = k.d.running(ctx, k.db); err != nil {
			return 0, err
		}
		parcels, err := due(ctx, k.db, listeners)
		if err != nil {
			return 0, err
		}
		if len(parcels) == 0 {
			break
		}
		for _, p := range parcels {
			if err := k.deliver(ctx, p); err != nil {
				return 0, err
			}
		}
	}
	if err := k.trim(ctx); err != nil {
		return 0, err
	}
	next, err := nextDue(ctx, k.db, listeners)
	if err != nil || next.IsZero() {
		return 0, err
	}
	return min(max(next.Sub(clock.Now(ctx)), time.Millisecond), rest), nil
}

// catchUp notes the deliveries of events that were emitted while nobody was attached.
func (k *desk) catchUp(ctx context.Context) error {
	for {
		topics, err := unposted(ctx, k.db)
		if err != nil || len(topics) == 0 {
			return err
		}
		err = k.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			for number, topic := range topics {
				if err := k.d.Post(ctx, tx, number, topic); err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, "UPDATE store_outbox SET posted = 1 WHERE number = ?", number); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// deliver hands one event to the bus and writes down what failed.
func (k *desk) deliver(ctx context.Context, p *parcel) error {
	err := k.d.bus.EmitWithOpts(context.WithValue(ctx, dbKey{}, k.db), p.topic, p, bus.WithID(p.news.ID), bus.WithOccurredAt(p.news.At))
	if err != nil {
		return err
	}
	for _, f := range p.failures {
		k.d.options.Log.WarnContext(ctx, "event not delivered", "topic", p.topic, "listener", f.listener, "event", p.news.ID,
			"attempt", f.attempts+1, "error", f.err)
		err := k.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return f.note(ctx, tx) })
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// trim cleans up once a day.
func (k *desk) trim(ctx context.Context) error {
	now := clock.Now(ctx)
	if now.Sub(k.trimmed) < 24*time.Hour {
		return nil
	}
	k.trimmed = now
	rested, err := trim(ctx, k.db)
	if rested > 0 {
		k.d.options.Log.WarnContext(ctx, "events to suspended runes dropped", "database", k.db.Path(), "deliveries", rested)
	}
	return err
}
