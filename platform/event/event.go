// Package event delivers news between parts that do not know each other: written with the change, delivered after the
// commit, at least once per listener, retried with a growing pause, put aside visibly after eight failures.
package event

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"runtime"
	"time"

	"runes.im/platform/store"
)

// Words are the sentences behind this room's faults.
//
//go:embed words
var Words embed.FS

//go:embed migrations
var migrations embed.FS

// Schema holds the deliveries. The events themselves wait in the store's outbox.
var Schema = store.Embedded("event", migrations, "migrations")

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
// the note that it ran commit together, so its effect in the database happens once; slow work starts a job. fn is a
// named function: its name ties it to the deliveries that wait for it over restarts.
func Hear[T any](topic string, fn func(ctx context.Context, tx *store.Tx, e T) error) Listener {
	var zero T
	return Listener{
		Topic: topic,
		Name:  topic + " " + path.Base(runtime.FuncForPC(reflect.ValueOf(fn).Pointer()).Name()),
		Zero:  zero,
		Deliver: func(ctx context.Context, tx *store.Tx, payload []byte) error {
			var e T
			if err := json.Unmarshal(payload, &e); err != nil {
				return fmt.Errorf("decode %s: %w", topic, err)
			}
			return fn(ctx, tx, e)
		},
	}
}

// News is what a listener may ask about the event in hand.
type News struct {
	ID    string // the same at each attempt: the idempotency key of effects outside the database
	At    time.Time
	Actor store.Actor
}

type newsKey struct{}

// NewsOf is the event that ctx delivers.
func NewsOf(ctx context.Context) News {
	n, _ := ctx.Value(newsKey{}).(News)
	return n
}

// withNews makes the event known to its listener, and who caused it the actor of what the listener does.
func withNews(ctx context.Context, n News) context.Context {
	return store.WithActor(context.WithValue(ctx, newsKey{}, n), n.Actor)
}
