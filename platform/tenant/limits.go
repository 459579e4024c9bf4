package tenant

import (
	"context"
	"encoding/json"
	"slices"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// Limits are what the operator allows a tenant. Zero values allow everything.
type Limits struct {
	Storage int64    `json:"storage"` // bytes of file contents; what is there already stays
	Members int      `json:"members"` // active people and open invitations
	Runes   []string `json:"runes"`   // that may be active; none named: all
}

// Allows reports whether the rune may be active.
func (l Limits) Allows(rune string) bool { return len(l.Runes) == 0 || slices.Contains(l.Runes, rune) }

// Limits are those that hold now.
func (t *Tenant) Limits() Limits {
	if t == nil || t.registry == nil {
		return Limits{}
	}
	return t.registry.limits(t.Slug)
}

func (r *Registry) limits(slug string) Limits {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[slug].Limits
}

// SetLimits says what the tenant is allowed from now on.
func (r *Registry) SetLimits(ctx context.Context, slug string, l Limits) error {
	form := fault.Form{}
	form.Need(l.Storage >= 0, "storage", "tenant.limit_negative")
	form.Need(l.Members >= 0, "members", "tenant.limit_negative")
	if err := form.Err(); err != nil {
		return err
	}
	l.Runes = slices.Compact(slices.Sorted(slices.Values(l.Runes)))
	runes := ""
	if len(l.Runes) > 0 {
		list, err := json.Marshal(l.Runes)
		if err != nil {
			return err
		}
		runes = string(list)
	}
	return r.operate(ctx, slug, func(ctx context.Context, tx *store.Tx, i Info) error {
		_, err := tx.Exec(ctx, `INSERT INTO tenant_limits (tenant_id, storage, members, runes) VALUES (?, ?, ?, ?)
			ON CONFLICT (tenant_id) DO UPDATE SET storage = excluded.storage, members = excluded.members, runes = excluded.runes`,
			i.ID, l.Storage, l.Members, runes)
		if err != nil {
			return err
		}
		return note(ctx, tx, "tenant.limits_set", i, i.Limits.told(), l.told())
	})
}

func (l Limits) told() map[string]any {
	return map[string]any{"storage": l.Storage, "members": l.Members, "runes": l.Runes}
}

// operate changes something about a tenant in system.db, and lets everybody see it with the commit.
func (r *Registry) operate(ctx context.Context, slug string, do func(ctx context.Context, tx *store.Tx, i Info) error) error {
	r.creating.Lock()
	defer r.creating.Unlock()
	return r.operateHeld(ctx, slug, do)
}

// operateHeld is operate while r.creating is held.
func (r *Registry) operateHeld(ctx context.Context, slug string, do func(ctx context.Context, tx *store.Tx, i Info) error) error {
	err := r.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		list, err := tenants(ctx, tx)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(list, func(i Info) bool { return i.Slug == slug })
		if n < 0 {
			return fault.New(fault.NotFound, "tenant.missing", "slug", slug)
		}
		return do(ctx, tx, list[n])
	})
	if err != nil {
		return err
	}
	return r.reload(ctx)
}

// note writes a line into the log of the appliance, which the operator reads.
func note(ctx context.Context, tx *store.Tx, action string, i Info, before, after map[string]any) error {
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "tenant:" + i.ID, Title: i.Name, Before: before, After: after})
}
