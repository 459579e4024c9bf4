package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"

	"runes.im/platform/fault"
)

// A transaction takes so many writes at most, so that the first does not wait for ever.
const maxBatch = 64

// writer owns the only connection that changes the file.
type writer struct {
	db    *DB
	pool  *sql.DB
	conn  *sql.Conn
	raw   *conn
	queue chan *write
	ended chan struct{}

	closing sync.RWMutex
	closed  bool

	batch   []*write // the writes of the open transaction, in order, not yet answered
	running *write
	next    *write // taken from the queue, but must not join the batch
	inTx    bool
	broken  error // a disk failure after which nothing may be written
	commits atomic.Int64
	crowd   crowd
}

func startWriter(ctx context.Context, db *DB, address string) (*writer, error) {
	plain, err := sqlite.NewConnector(address)
	if err != nil {
		return nil, err
	}
	w := &writer{db: db, queue: make(chan *write, 4*maxBatch), ended: make(chan struct{}), crowd: newCrowd()}
	w.pool = sql.OpenDB(connector{Connector: plain, opened: func(c *conn) { w.raw = c }})
	w.pool.SetMaxOpenConns(1)
	if w.conn, err = w.pool.Conn(ctx); err != nil {
		return nil, errors.Join(err, w.pool.Close())
	}
	go w.loop()
	return w, nil
}

// stop lets the queued writes finish and closes the connection.
func (w *writer) stop() error {
	w.closing.Lock()
	already := w.closed
	w.closed = true
	w.closing.Unlock()
	if already {
		return nil
	}
	close(w.queue)
	<-w.ended
	// Not the sql.Conn: it would wait for rows that a write forgot to close.
	return errors.Join(w.raw.Close(), w.pool.Close())
}

// loop takes what waits, one shared transaction after the other.
func (w *writer) loop() {
	finished := false
	defer func() {
		if finished {
			close(w.ended)
			return
		}
		// runtime.Goexit in a write (a test's FailNow) ends this goroutine, and must end no more than that.
		w.rollback()
		w.running.err = errExit
		w.answer(w.running)
		go w.loop()
	}()
	w.again(nil)
	for {
		first := w.next
		w.next = nil
		if first == nil {
			var open bool
			if first, open = <-w.queue; !open {
				break
			}
		}
		w.turn(first)
	}
	finished = true
}

// turn runs first and whatever else waits.
func (w *writer) turn(first *write) {
	if first.alone != nil {
		w.runAlone(first)
		return
	}
	for wr := first; wr != nil; wr = w.follower() {
		if !wr.state.CompareAndSwap(waiting, started) {
			continue
		}
		w.batch = append(w.batch, wr)
		if wr.err = w.attempt(wr); w.raw.lost != nil {
			break
		}
	}
	w.crowd.enough()
	cause := w.raw.lost
	if cause == nil {
		cause = w.settle()
	}
	if cause == nil {
		w.answer(w.batch...)
		return
	}
	w.again(cause)
}

// attempt runs one write in the shared transaction. The first needs no savepoint: undoing it is undoing everything.
func (w *writer) attempt(wr *write) error {
	if w.broken != nil {
		return w.broken
	}
	mark, keep, undo := sqlMark, sqlKeep, sqlUndo
	first := !w.inTx
	if first {
		mark = sqlBegin
	}
	if err := w.exec(mark); err != nil {
		return err
	}
	w.inTx = true
	err := w.run(wr)
	wr.tx.ended = true
	w.closeRows()
	switch {
	case w.raw.lost != nil:
		return err
	case err == nil && first:
		return nil
	case err == nil:
		return w.must(keep)
	case first:
		w.rollback()
		return err
	}
	w.must(undo) //nolint:errcheck // it marks the transaction as lost
	w.must(keep) //nolint:errcheck // it marks the transaction as lost
	return err
}

// must runs a savepoint statement, which fails only when a write ended the shared transaction behind our back.
func (w *writer) must(query string) error {
	err := w.exec(query)
	if err != nil && w.raw.lost == nil {
		w.raw.lost = err
	}
	return err
}

// run calls the write's function and turns a panic into its error.
func (w *writer) run(wr *write) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("store: panic in a write: %v\n%s", p, debug.Stack())
		}
	}()
	w.running = wr
	wr.tx = &Tx{db: w.db, conn: w.conn}
	return wr.fn(writing{context.WithoutCancel(wr.ctx)}, wr.tx)
}

// commit ends the transaction, if there is one, and returns once it is on stable storage.
func (w *writer) commit() error {
	if !w.inTx {
		return nil
	}
	err := w.exec(sqlCommit)
	if err != nil {
		w.rollback()
		w.judge(err)
		return err
	}
	w.inTx = false
	w.commits.Add(1)
	return nil
}

// again runs each write of a lost transaction in a transaction of its own, so that each gets its own answer.
func (w *writer) again(cause error) {
	if w.raw.lost != nil {
		w.rollback()
		w.judge(cause)
	}
	if fault.Is(explain(cause), fault.Full) {
		w.makeRoom()
	}
	for len(w.batch) > 0 {
		wr := w.batch[0]
		wr.err = w.attempt(wr)
		if lost := w.raw.lost; lost != nil {
			w.rollback()
			w.judge(lost)
			wr.err = firstError(wr.err, explain(lost))
		} else if err := w.commit(); err != nil {
			wr.err = firstError(wr.err, err)
		}
		w.answer(wr)
	}
}

// makeRoom moves finished pages out of the log, which is then overwritten from its start: on a full disk that is the
// only room there is, and deleting needs some.
func (w *writer) makeRoom() {
	if err := w.exec("PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
		w.rollback()
		w.judge(err)
	}
}

// judge stops all writing when after err the disk cannot be trusted: a failed fsync is never tried again.
func (w *writer) judge(err error) {
	if w.broken == nil && breaksDisk(err) {
		w.broken = fmt.Errorf("%w: %w", fault.New(fault.Unavailable, "store.read_only"), err)
		slog.Error("database is read-only after a disk failure", "path", w.db.path, "error", err)
	}
}

// rollback undoes the transaction, and forgives when SQLite has done so already.
func (w *writer) rollback() {
	w.closeRows()
	w.raw.lost = nil
	w.inTx = false
	w.exec(sqlRollback) //nolint:errcheck // fails only when no transaction is left
	w.raw.lost = nil
}

// answer calls the listeners of what these writes signalled, once for each name, and lets the callers go.
func (w *writer) answer(settled ...*write) {
	var names []string
	for _, wr := range settled {
		if wr.err != nil || wr.tx == nil {
			continue
		}
		for _, name := range wr.tx.signals {
			if !slices.Contains(names, name) {
				names = append(names, name)
				w.db.call(name)
			}
		}
	}
	for _, wr := range settled {
		wr.state.Store(answered)
		close(wr.done)
	}
	w.batch = slices.DeleteFunc(w.batch, func(wr *write) bool { return wr.state.Load() == answered })
}

// runAlone gives the connection to a write that manages its own transactions.
func (w *writer) runAlone(wr *write) {
	if !wr.state.CompareAndSwap(waiting, started) {
		return
	}
	if wr.err = w.broken; wr.err == nil {
		wr.err = wr.alone(writing{context.WithoutCancel(wr.ctx)}, w.conn)
		lost := w.raw.lost
		w.rollback()
		w.judge(lost)
	}
	w.answer(wr)
}

func (w *writer) exec(query string) error {
	_, err := w.conn.ExecContext(context.Background(), query)
	return err
}

func (w *writer) closeRows() {
	if len(w.raw.open) == 0 {
		return
	}
	w.conn.Raw(func(any) error { //nolint:errcheck // the function returns none
		w.raw.closeRows()
		return nil
	})
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
