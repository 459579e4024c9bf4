package tenant

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// Suspend closes a tenant to everybody and keeps its data.
func (r *Registry) Suspend(ctx context.Context, slug string) error {
	if err := r.setState(ctx, slug, "suspended"); err != nil {
		return err
	}
	r.part(slug)
	return nil
}

// Resume undoes Suspend.
func (r *Registry) Resume(ctx context.Context, slug string) error {
	return r.setState(ctx, slug, "active")
}

func (r *Registry) setState(ctx context.Context, slug, state string) error {
	r.creating.Lock()
	defer r.creating.Unlock()
	err := r.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		done, err := tx.Exec(ctx, `UPDATE tenant_tenants SET state = ? WHERE slug = ?`, state, slug)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); n > 0 || err != nil {
			return err
		}
		return fault.New(fault.NotFound, "tenant.missing", "slug", slug)
	})
	if err != nil {
		return err
	}
	return r.reload(ctx)
}

// Delete takes a tenant out of the appliance and moves its folder to deleted/, where an administrator can still fetch
// it; that path is returned.
func (r *Registry) Delete(ctx context.Context, slug string) (kept string, err error) {
	if err := r.Suspend(ctx, slug); err != nil {
		return "", err
	}
	if err := r.wait(ctx, slug); err != nil {
		return "", err
	}
	r.creating.Lock()
	defer r.creating.Unlock()
	grave := filepath.Join(r.o.Dir, "deleted")
	if err := os.MkdirAll(grave, 0o700); err != nil {
		return "", err
	}
	kept = filepath.Join(grave, slug+"-"+clock.Now(ctx).Format("20060102T150405.000"))
	// First the folder: a row without one is a broken tenant that can be deleted again, a folder without a row would
	// keep the slug from ever being used again.
	if err := os.Rename(r.home(slug), kept); err != nil && !os.IsNotExist(err) {
		return "", err
	}
	err = r.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM tenant_hosts
			WHERE tenant_id = (SELECT id FROM tenant_tenants WHERE slug = ?)`, slug); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM tenant_labels
			WHERE tenant_id = (SELECT id FROM tenant_tenants WHERE slug = ?)`, slug); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM tenant_tenants WHERE slug = ?`, slug)
		return err
	})
	if err != nil {
		return "", err
	}
	r.mu.Lock()
	delete(r.broken, slug)
	r.mu.Unlock()
	return kept, r.reload(ctx)
}

// wait waits until the last one has left a tenant that nobody may enter any more.
func (r *Registry) wait(ctx context.Context, slug string) error {
	s := r.part(slug)
	if s == nil {
		return nil
	}
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-s.closed:
		return nil
	case <-limit.C:
		return fault.New(fault.Conflict, "tenant.busy", "slug", slug)
	case <-ctx.Done():
		return ctx.Err()
	}
}
