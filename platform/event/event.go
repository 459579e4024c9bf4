// Package event delivers news between parts that do not know each other: written with the change, delivered after the
// commit, at least once per listener, retried with a growing pause, put aside visibly after eight failures.
package event

import (
	"context"
	"time"

	"runes.im/platform/store"
)

// Listener is one handler for one topic. Make it with Hear.
type Listener struct {
	Topic string
	Rune  string // filled by the house: a suspended rune's listeners do not run
	Name  string // topic and handler, unique; names its delivery rows
	// Zero is a zero value of the struct the listener decodes into; the wiring test compares it with the emitter's.
	Zero    any
	Deliver func(ctx context.Context, tx *store.Tx, payload []byte) error
}

// Hear makes a listener. T is the listener's own struct with only the fields it reads. What fn writes through tx and
// the note that it ran commit together, so its effect in the database happens once; slow work starts a job.
func Hear[T any](topic string, fn func(ctx context.Context, tx *store.Tx, e T) error) Listener {
	panic("event")
}

// News is what a listener may ask about the event in hand.
type News struct {
	ID    string
	At    time.Time
	Actor store.Actor
}

// NewsOf is the event that ctx delivers.
func NewsOf(ctx context.Context) News { panic("event") }
