package notify

import (
	"context"
	"log/slog"
	"sync"

	"runes.im/platform/live"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// WithHub lets the bell ring in open pages for everything written under ctx. The house sets it once, on the context
// from which requests, listeners and jobs get theirs.
func WithHub(ctx context.Context, hub *live.Hub) context.Context {
	return live.With(ctx, hub)
}

// bell lets one count at a time through to the pages of a tenant. Writes end in any order; with each counting and
// telling in one go, the last to tell has counted everything that was told before.
type bell struct{ sync.Mutex }

type bellKey struct{}

// ring tells the person's open pages the new count, after the commit. Without a hub or a tenant there are no pages.
func ring(ctx context.Context, tx *store.Tx, person string) {
	hub := live.From(ctx)
	t := tenant.From(ctx)
	if hub == nil || t == nil {
		return
	}
	kept, _ := tx.Memo().LoadOrStore(bellKey{}, new(bell))
	tx.AfterCommit(func() {
		b := kept.(*bell)
		b.Lock()
		defer b.Unlock()
		n, err := Unread(ctx, t.DB, person)
		if err != nil {
			slog.WarnContext(ctx, "the bell cannot count", "tenant", t.Slug, "error", err)
			return
		}
		hub.Send(t.ID, person, live.Message{Name: "bell", Data: map[string]int{"unread": n}})
	})
}
