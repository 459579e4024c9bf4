// Package job runs work that nobody waits for: queued in the transaction that wants it, run later with retries, or
// again and again on a schedule, per tenant, surviving restarts.
package job

import (
	"context"
	"time"

	"runes.im/platform/store"
)

// Schema holds the queue.
var Schema store.Schema

// Kind is one sort of work.
type Kind struct {
	Name  string        // "storage.sweep"
	Rune  string        // filled by the house: jobs of a suspended rune rest
	Every time.Duration // 0: only when started; else also on schedule, at most once per period however often we restart
	// Run does the work; ctx carries the tenant (tenant.From). It is safe to run twice. An error is retried with a
	// growing pause, eight times, then kept as failed for people to see.
	Run func(ctx context.Context, payload []byte) error
}

// Start queues a job in the caller's write; payload is JSON-encoded. at zero means now.
func Start(ctx context.Context, tx *store.Tx, name string, payload any, at time.Time) error {
	panic("job")
}
