package store

import (
	"context"
	"database/sql"
	"log/slog"
	"runtime/debug"
	"sync/atomic"

	"runes.im/platform/fault"
)

// The states of a write: the caller may leave while it waits, not once its turn has come.
const (
	waiting int32 = iota
	started
	answered
	left
)

// write is one call of Write on its way through the writer.
type write struct {
	ctx   context.Context
	fn    func(ctx context.Context, tx *Tx) error
	alone func(ctx context.Context, conn *sql.Conn) error // instead of fn: manages its own transactions
	tx    *Tx
	state atomic.Int32
	err   error
	done  chan struct{}
}

// Write runs fn inside the writer's transaction, in its own savepoint, together with other waiting writes, and
// returns when the result is on stable storage. An error or panic of fn undoes fn alone. fn uses the ctx it is given
// (a caller who goes away must not tear down its neighbours), does no network or file work, and may run a second time
// when the shared transaction was lost.
func (db *DB) Write(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	w := &write{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := db.writer.do(w); err != nil {
		return err
	}
	for _, hook := range w.tx.hooks {
		runHook(ctx, hook)
	}
	return nil
}

func runHook(ctx context.Context, hook func()) {
	defer func() {
		if p := recover(); p != nil {
			slog.ErrorContext(ctx, "panic after commit", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	hook()
}

// do queues a write and waits for its answer.
func (w *writer) do(wr *write) error {
	if wr.ctx.Value(inWrite{}) != nil {
		return errNested
	}
	if err := w.enqueue(wr); err != nil {
		return err
	}
	select {
	case <-wr.done:
		return wr.err
	case <-wr.ctx.Done():
	}
	if wr.state.CompareAndSwap(waiting, left) {
		return wr.ctx.Err()
	}
	<-wr.done
	return wr.err
}

func (w *writer) enqueue(wr *write) error {
	w.closing.RLock()
	defer w.closing.RUnlock()
	if w.closed {
		return fault.New(fault.Unavailable, "store.closed")
	}
	select {
	case w.queue <- wr:
		return nil
	default:
	}
	select {
	case w.queue <- wr:
		return nil
	case <-wr.ctx.Done():
		return wr.ctx.Err()
	}
}

// inWrite is the context key by which a write inside a write is found.
type inWrite struct{}

// writing is the context of a running write.
type writing struct{ context.Context }

// Value answers the one key of its own.
func (w writing) Value(key any) any {
	if key == (inWrite{}) {
		return true
	}
	return w.Context.Value(key)
}
