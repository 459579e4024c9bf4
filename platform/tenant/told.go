package tenant

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/store"
)

// told is what the operator does to a tenant and its own people read in their log.
var told = []string{"tenant.suspended", "tenant.resumed", "tenant.deletion_planned", "tenant.deletion_taken_back"}

// tellOwn copies such lines from the log of the appliance into the tenant's own, whenever it is opened: nobody can be inside
// while it is closed, and a line that is there already comes no second time, wherever the machine stopped.
func (r *Registry) tellOwn(ctx context.Context, t *Tenant) error {
	object := "tenant:" + t.ID
	done, err := audit.About(ctx, r.o.System, object, 100)
	if err != nil {
		return err
	}
	own, err := audit.About(ctx, t.DB, object, 200)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(done, func(l audit.Line) bool {
		return !slices.Contains(told, l.Action) || slices.ContainsFunc(own, func(o audit.Line) bool { return o.Action == l.Action && o.At.Equal(l.At) })
	})
	slices.Reverse(missing) // the oldest first
	for _, l := range missing {
		at := clock.With(store.WithActor(ctx, store.Actor{Name: l.Actor, Address: l.Address}), func() time.Time { return l.At })
		err := t.DB.Write(at, func(ctx context.Context, tx *store.Tx) error {
			return audit.Record(ctx, tx, audit.Entry{Action: l.Action, Object: object, Title: l.Title, After: l.After})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tell is tellOwn for somebody who opens the tenant: what is missing in its log keeps nobody out.
func (r *Registry) tell(ctx context.Context, t *Tenant) {
	if err := r.tellOwn(ctx, t); err != nil {
		slog.WarnContext(ctx, "what the operator did is not in the tenant's log", "tenant", t.Slug, "error", err)
	}
}
