package store

import (
	"context"
	"time"
)

// longestGather is how long a finished write waits at most for others to share its commit.
const longestGather = time.Millisecond

// crowd is who writes at the same time. A commit costs the disk as much for one write as for many, and who was answered
// with the last one is often back before the next: then waiting a moment saves a commit.
type crowd struct {
	size    int           // writes that were under way around the last commit
	pause   time.Duration // what waiting for them is worth
	timer   *time.Timer
	waiting bool // the timer runs for the open batch
}

func newCrowd() crowd {
	c := crowd{timer: time.NewTimer(0)}
	c.timer.Stop()
	return c
}

// follower is the next write that joins the batch, nil when none comes.
func (w *writer) follower() *write {
	if len(w.batch) >= maxBatch {
		return nil
	}
	select {
	case wr, open := <-w.queue:
		return w.join(wr, open)
	default:
	}
	if len(w.batch) >= w.crowd.size {
		return nil
	}
	if !w.crowd.waiting {
		w.crowd.waiting = true
		w.crowd.timer.Reset(w.crowd.pause)
	}
	select {
	case wr, open := <-w.queue:
		return w.join(wr, open)
	case <-w.crowd.timer.C:
		return nil
	}
}

// join keeps a write that cannot share a transaction, or should not, for the next turn.
func (w *writer) join(wr *write, open bool) *write {
	if open && (wr.alone != nil || isLong(wr.ctx)) {
		w.next = wr
		return nil
	}
	return wr
}

type long struct{}

// Long marks the writes under ctx as such that take a while: who is done before does not wait for them, they begin a
// transaction of their own.
func Long(ctx context.Context) context.Context { return context.WithValue(ctx, long{}, true) }

func isLong(ctx context.Context) bool { return ctx.Value(long{}) != nil }

// enough ends the waiting for the open batch.
func (c *crowd) enough() {
	c.timer.Stop()
	c.waiting = false
}

// settle commits the batch and learns how many write together and what their commit costs.
func (w *writer) settle() error {
	begun := time.Now()
	err := w.commit()
	w.crowd.size = min(len(w.batch)+len(w.queue), maxBatch)
	w.crowd.pause = min(2*time.Since(begun), longestGather)
	return err
}
