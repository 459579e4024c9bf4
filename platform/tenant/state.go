package tenant

import (
	"context"
	"database/sql"
	"errors"
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
	return r.operate(ctx, slug, func(ctx context.Context, tx *store.Tx, i Info) error {
		// Whoever opens a tenant again does not want it deleted.
		if state == "active" {
			if _, err := tx.Exec(ctx, `DELETE FROM tenant_deletions WHERE tenant_id = ?`, i.ID); err != nil {
				return err
			}
		}
		if i.State == state {
			return nil
		}
		return turn(ctx, tx, i, state)
	})
}

func turn(ctx context.Context, tx *store.Tx, i Info, state string) error {
	if _, err := tx.Exec(ctx, `UPDATE tenant_tenants SET state = ? WHERE id = ?`, state, i.ID); err != nil {
		return err
	}
	action := map[string]string{"active": "tenant.resumed", "suspended": "tenant.suspended"}[state]
	return note(ctx, tx, action, i, nil, nil)
}

// MostGrace is how many days a tenant may wait for its deletion.
const MostGrace = 365

// DeleteLater closes a tenant at once; Delete is due after so many days. Until then Keep brings it back.
func (r *Registry) DeleteLater(ctx context.Context, slug string, days int) error {
	if days < 1 || days > MostGrace {
		return fault.New(fault.Invalid, "tenant.grace_days", "max", MostGrace)
	}
	ends := clock.Now(ctx).AddDate(0, 0, days)
	err := r.operate(ctx, slug, func(ctx context.Context, tx *store.Tx, i Info) error {
		done, err := tx.Exec(ctx, `INSERT INTO tenant_deletions (tenant_id, ends_at, resumes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
			i.ID, clock.Text(ends), i.State == "active")
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, fault.New(fault.Conflict, "tenant.deleted_already", "slug", slug))
		}
		if _, err := tx.Exec(ctx, `UPDATE tenant_tenants SET state = 'suspended' WHERE id = ?`, i.ID); err != nil {
			return err
		}
		return note(ctx, tx, "tenant.deletion_planned", i, nil, map[string]any{"days": days})
	})
	if err != nil {
		return err
	}
	r.part(slug)
	return nil
}

// Keep takes a deletion back: the tenant is as it was before.
func (r *Registry) Keep(ctx context.Context, slug string) error {
	return r.operate(ctx, slug, func(ctx context.Context, tx *store.Tx, i Info) error {
		var resumes bool
		err := tx.QueryRow(ctx, `DELETE FROM tenant_deletions WHERE tenant_id = ? RETURNING resumes`, i.ID).Scan(&resumes)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.Conflict, "tenant.not_deleted", "slug", slug)
		}
		if err == nil && resumes {
			_, err = tx.Exec(ctx, `UPDATE tenant_tenants SET state = 'active' WHERE id = ?`, i.ID)
		}
		if err != nil {
			return err
		}
		return note(ctx, tx, "tenant.deletion_taken_back", i, nil, nil)
	})
}

// Overdue are the tenants whose time to be taken back has ended.
func (r *Registry) Overdue(ctx context.Context) []Info {
	r.mu.Lock()
	defer r.mu.Unlock()
	var due []Info
	for _, i := range r.known {
		if !i.DeleteAt.IsZero() && !clock.Now(ctx).Before(i.DeleteAt) {
			due = append(due, i)
		}
	}
	return due
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
	r.mu.Lock()
	info := r.known[slug]
	r.mu.Unlock()
	err = r.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM tenant_hosts
			WHERE tenant_id = (SELECT id FROM tenant_tenants WHERE slug = ?)`, slug); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM tenant_labels
			WHERE tenant_id = (SELECT id FROM tenant_tenants WHERE slug = ?)`, slug); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM tenant_tenants WHERE slug = ?`, slug); err != nil {
			return err
		}
		return note(ctx, tx, "tenant.deleted", info, nil, map[string]any{"kept": filepath.Base(kept)})
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
