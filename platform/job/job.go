// Package job runs work that nobody waits for: queued in the transaction that wants it, run later with retries, or
// again and again on a schedule, per tenant, surviving restarts.
package job

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/id"
	"runes.im/platform/store"
)

// Words are the sentences behind this room's faults.
//
//go:embed words
var Words embed.FS

//go:embed migrations
var migrations embed.FS

// Schema holds the queue.
var Schema = store.Embedded("job", migrations, "migrations")

// Kind is one sort of work.
type Kind struct {
	Name  string        // "storage.sweep"
	Rune  string        // filled by the house: jobs of a suspended rune rest
	Every time.Duration // 0: only when started; else also on schedule, at most once per period however often we restart
	// Run does the work; ctx carries the tenant (tenant.From). It is safe to run twice. An error is retried with a
	// growing pause, eight times, then kept as failed for people to see.
	Run func(ctx context.Context, payload []byte) error
}

// queued is the signal of a commit that put a job into the queue.
const queued = "job.queued"

// Start queues a job in the caller's write; payload is JSON-encoded. at zero means now. Who acts now is the actor of
// the job.
func Start(ctx context.Context, tx *store.Tx, name string, payload any, at time.Time) error {
	encoded, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("job %s: %w", name, err)
	}
	now := clock.Now(ctx)
	if at.IsZero() {
		at = now
	}
	actor := store.ActorOf(ctx)
	_, err = tx.Exec(ctx, `INSERT INTO job_jobs (id, kind, payload, due_at, made_at, actor_id, actor_name, actor_address)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		id.New(), name, string(encoded), at, now, actor.ID, actor.Name, actor.Address)
	if err != nil {
		return err
	}
	tx.Signal(queued)
	return nil
}
