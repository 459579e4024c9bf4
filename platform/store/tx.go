package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"runes.im/platform/clock"
	"runes.im/platform/id"
)

// Courier decides which events are kept and notes who gets them. Package event is the courier.
type Courier interface {
	// Hears reports whether anybody listens to topic; an event that nobody hears is not written.
	Hears(topic string) bool
	// Post notes the receivers of the event with this number, in the transaction that emits it.
	Post(ctx context.Context, tx *Tx, number int64, topic string) error
}

// SetCourier makes c the courier of this database; nil takes it away. While there is none every event is kept.
func (db *DB) SetCourier(c Courier) {
	if c == nil {
		db.courier.Store(nil)
		return
	}
	db.courier.Store(&c)
}

// Emitted is the signal of a commit that put events into the outbox.
const Emitted = "store.emitted"

// Tx is a write in progress. It serves the function it was given to and nobody else, one statement at a time.
type Tx struct {
	db      *DB
	conn    *sql.Conn
	ended   bool
	hooks   []func()
	signals []string
}

// NewSelect builds a query that sees this write.
func (tx *Tx) NewSelect() *bun.SelectQuery { return tx.db.readers.NewSelect().Conn(turn{tx}) }

// NewRaw builds a statement from SQL text.
func (tx *Tx) NewRaw(query string, args ...any) *bun.RawQuery {
	return tx.db.readers.NewRaw(query, args...).Conn(turn{tx})
}

// NewInsert builds an insert.
func (tx *Tx) NewInsert() *bun.InsertQuery { return tx.db.readers.NewInsert().Conn(turn{tx}) }

// NewUpdate builds an update.
func (tx *Tx) NewUpdate() *bun.UpdateQuery { return tx.db.readers.NewUpdate().Conn(turn{tx}) }

// NewDelete builds a delete.
func (tx *Tx) NewDelete() *bun.DeleteQuery { return tx.db.readers.NewDelete().Conn(turn{tx}) }

// Query runs a query that sees this write.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if tx.ended {
		return nil, errEnded
	}
	return tx.conn.QueryContext(lasting(ctx), query, args...)
}

// QueryRow runs a query for one row that sees this write.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if tx.ended {
		return failedRow(ctx, errEnded)
	}
	return tx.conn.QueryRowContext(lasting(ctx), query, args...)
}

// Exec runs a statement.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if tx.ended {
		return nil, errEnded
	}
	return tx.conn.ExecContext(lasting(ctx), query, args...)
}

// lasting takes the cancellation from a ctx that has one: interrupting a statement would roll the neighbours back.
func lasting(ctx context.Context) context.Context {
	if ctx.Done() == nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// Emit puts the event into the outbox, in this transaction. It is delivered after the commit, at least once.
func (tx *Tx) Emit(ctx context.Context, e Event) error {
	topic := e.Topic()
	var courier Courier
	if c := tx.db.courier.Load(); c != nil {
		courier = *c
		if !courier.Hears(topic) {
			return nil
		}
	}
	payload, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("event %s: %w", topic, err)
	}
	actor := ActorOf(ctx)
	added, err := tx.Exec(ctx, `INSERT INTO store_outbox (id, topic, payload, actor_id, actor_name, actor_address, emitted_at, posted)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		id.New(), topic, string(payload), actor.ID, actor.Name, actor.Address, clock.Now(ctx), courier != nil)
	if err != nil {
		return err
	}
	tx.Signal(Emitted)
	if courier == nil {
		return nil
	}
	number, err := added.LastInsertId()
	if err != nil {
		return err
	}
	return courier.Post(ctx, tx, number, topic)
}

// AfterCommit runs fn once the write is on stable storage, before Write returns; it is dropped when the write fails.
// fn must be quick. A panic in it is reported to the log: the write did happen.
func (tx *Tx) AfterCommit(fn func()) { tx.hooks = append(tx.hooks, fn) }

// Signal calls those who listen on the database for this name, after the commit.
func (tx *Tx) Signal(name string) {
	for _, s := range tx.signals {
		if s == name {
			return
		}
	}
	tx.signals = append(tx.signals, name)
}

type signal struct{ fn func() }

// OnSignal has fn called after each commit with that signal; writes that shared the commit share the call. fn must
// not block: it runs on the writer. stop ends it.
func (db *DB) OnSignal(name string, fn func()) (stop func()) {
	s := &signal{fn}
	db.mu.Lock()
	defer db.mu.Unlock()
	db.signals[name] = append(db.signals[name], s)
	return func() {
		db.mu.Lock()
		defer db.mu.Unlock()
		kept := make([]*signal, 0, len(db.signals[name]))
		for _, other := range db.signals[name] {
			if other != s {
				kept = append(kept, other)
			}
		}
		db.signals[name] = kept
	}
}

// call runs the listeners of a signal.
func (db *DB) call(name string) {
	db.mu.Lock()
	listeners := db.signals[name]
	db.mu.Unlock()
	for _, s := range listeners {
		s.fn()
	}
}

// turn lets bun's queries run in the write.
type turn struct{ tx *Tx }

func (t turn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.tx.Query(ctx, query, args...)
}

func (t turn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.tx.Exec(ctx, query, args...)
}

func (t turn) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return t.tx.QueryRow(ctx, query, args...)
}

// failedRow is a row that answers err: database/sql offers no other way to make one.
func failedRow(ctx context.Context, err error) *sql.Row {
	pool := sql.OpenDB(refusal{err})
	defer pool.Close() //nolint:errcheck // it has no connection to close
	return pool.QueryRowContext(ctx, "")
}

type refusal struct{ err error }

func (r refusal) Connect(context.Context) (driver.Conn, error) { return nil, r.err }
func (r refusal) Driver() driver.Driver                        { return nil }
