package store

import (
	"context"
	"testing"
	"time"
)

func TestAWriteWaitsForThoseWhoWroteWithIt(t *testing.T) {
	db := openNotes(t)
	before := db.writer.commits.Load()
	ran, answered := make(chan struct{}), make(chan error, 1)
	go func() {
		answered <- db.Write(t.Context(), func(ctx context.Context, tx *Tx) error {
			db.writer.crowd.size, db.writer.crowd.pause = 2, time.Hour
			close(ran)
			return add("one")(ctx, tx)
		})
	}()
	<-ran
	if err := db.Write(t.Context(), add("two")); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	if commits := db.writer.commits.Load() - before; commits != 1 {
		t.Errorf("two writes took %d commits", commits)
	}
}

func TestNobodyIsWaitedForWhoStaysAway(t *testing.T) {
	db := openNotes(t)
	for _, text := range []string{"the crowd", "alone"} {
		err := db.Write(t.Context(), func(ctx context.Context, tx *Tx) error {
			if text == "the crowd" {
				db.writer.crowd.size, db.writer.crowd.pause = 8, time.Millisecond
			}
			return add(text)(ctx, tx)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err := db.Write(t.Context(), func(context.Context, *Tx) error {
		if size := db.writer.crowd.size; size != 1 {
			t.Errorf("a lone writer waits for %d", size-1)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhoIsDoneDoesNotWaitForALongWrite(t *testing.T) {
	db := openNotes(t)
	ran, answered := make(chan struct{}), make(chan error, 1)
	queued := make(chan error, 1)
	go func() {
		answered <- db.Write(t.Context(), func(ctx context.Context, tx *Tx) error {
			db.writer.crowd.size, db.writer.crowd.pause = 2, time.Hour
			close(ran)
			for len(db.writer.queue) == 0 { // until the long one stands behind this one
				time.Sleep(time.Millisecond)
			}
			return add("short")(ctx, tx)
		})
	}()
	<-ran
	go func() {
		queued <- db.Write(Long(t.Context()), func(ctx context.Context, tx *Tx) error {
			select {
			case err := <-answered:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(time.Minute):
				t.Error("the short write waits for the long one")
			}
			return add("long")(ctx, tx)
		})
	}()
	if err := <-queued; err != nil {
		t.Fatal(err)
	}
}
