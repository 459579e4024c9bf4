package tenant

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"runes.im/platform/blob"
	"runes.im/platform/clock"
	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
)

// brand is the accent of a tenant that chose none.
const brand = "#2f45f5"

// unfinished marks a folder whose tenant is not in system.db yet: only such a folder may be thrown away.
const unfinished = "unfinished"

// New is what a new tenant is called. Empty Locale and Zone mean en and UTC.
type New struct{ Slug, Name, Locale, Zone string }

// Founding is what makes a new tenant whole before anybody can enter it. Either step may be nil.
type Founding struct {
	// Furnish fills its database; the tables of the house are there.
	Furnish func(ctx context.Context, t *Tenant) error
	// Register writes to system.db in the transaction that makes the tenant exist.
	Register func(ctx context.Context, tx *store.Tx, t *Tenant) error
}

// Create makes a tenant with all its tables and what f adds, all or nothing, and enters it: the caller calls Leave.
func (r *Registry) Create(ctx context.Context, n New, f Founding) (*Tenant, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	r.creating.Lock()
	defer r.creating.Unlock()
	if err := r.vacant(ctx, n); err != nil {
		return nil, err
	}
	info := Info{
		ID: id.New(), Slug: n.Slug, Name: n.Name, State: "active", Locale: n.Locale, Zone: n.Zone, Brand: brand,
		MadeAt: clock.Now(ctx),
	}
	r.settle(&info)
	if err := r.found(ctx, info, newFile, f); err != nil {
		return nil, err
	}
	return r.Enter(ctx, info.Slug)
}

// settle finds another folder for a tenant whose address is free again while the one that left it keeps the folder of that name.
func (r *Registry) settle(i *Info) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, has := r.known[i.Slug]; has {
		i.Label = i.Slug
		i.Slug = r.vacantFolder(i.Slug)
	}
}

// found makes the folder of a tenant, lets lay put its files there, completes them and registers it: all or nothing. r.creating
// is held.
func (r *Registry) found(ctx context.Context, info Info, lay func(ctx context.Context, home string) error, f Founding) error {
	home := r.home(info.Slug)
	if err := makeFolder(home); err != nil {
		return err
	}
	t := &Tenant{ID: info.ID, Slug: info.Slug, Name: info.Name, Locale: info.Locale, Zone: info.Zone, Brand: info.Brand}
	err := lay(ctx, home)
	if err == nil {
		err = r.furnish(ctx, t, home, f.Furnish)
	}
	if err == nil {
		// The row comes last: before it the folder is nothing, after it the tenant is whole.
		err = r.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			if f.Register != nil {
				if err := f.Register(ctx, tx, t); err != nil {
					return err
				}
			}
			if err := insert(ctx, tx, info); err != nil || info.Label == "" {
				return err
			}
			return insertLabel(ctx, tx, info.ID, info.Label)
		})
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(home))
	}
	if err := os.Remove(filepath.Join(home, unfinished)); err != nil {
		return err
	}
	return r.reload(ctx)
}

// newFile makes the database of a tenant that begins.
func newFile(ctx context.Context, home string) error {
	made, err := store.Create(ctx, filepath.Join(home, "tenant.db"))
	if err != nil {
		return err
	}
	return made.Close()
}

// furnish brings the tables up to date, lets fill add to them and closes the files again, so that the first Enter is like any other.
func (r *Registry) furnish(ctx context.Context, t *Tenant, home string, fill func(context.Context, *Tenant) error) error {
	err := r.openFiles(ctx, t, home)
	if err == nil && fill != nil {
		err = fill(With(ctx, t), t)
	}
	if t.DB != nil {
		err = errors.Join(err, t.DB.Close())
	}
	return errors.Join(err, syncFolder(home), syncFolder(r.folder()))
}

// openFiles opens the database with its tables, the contents and the secrets of a tenant.
func (r *Registry) openFiles(ctx context.Context, t *Tenant, home string) (err error) {
	if t.DB, err = store.Open(ctx, filepath.Join(home, "tenant.db")); err != nil {
		return err
	}
	if err := t.DB.Migrate(ctx, r.o.Schemas(nil)...); err != nil {
		return err
	}
	active, err := entitlement.Active(ctx, t.DB)
	if err != nil {
		return err
	}
	if len(active) > 0 {
		if err := t.DB.Migrate(ctx, r.o.Schemas(active)...); err != nil {
			return err
		}
	}
	if t.Blobs, err = blob.Open(t.DB, filepath.Join(home, "blobs"), blob.Limit(func() int64 { return r.limits(t.Slug).Storage })); err != nil {
		return err
	}
	t.Secrets, err = r.o.Master.Box(ctx, t.DB)
	return err
}

// makeFolder makes the folder of a new tenant, over the leftovers of a Create that failed. A folder that somebody put
// there is left alone.
func makeFolder(home string) error {
	err := os.Mkdir(home, 0o700)
	if errors.Is(err, fs.ErrExist) {
		if !isUnfinished(home) {
			return fault.New(fault.Conflict, "tenant.folder_taken", "folder", filepath.Base(home))
		}
		if err := os.RemoveAll(home); err != nil {
			return err
		}
		err = os.Mkdir(home, 0o700)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(home, unfinished), nil, 0o600)
}

// isUnfinished reports whether Create was interrupted in this folder. An empty one is what remains when it was
// interrupted before its first file.
func isUnfinished(home string) bool {
	entries, err := os.ReadDir(home)
	if err != nil {
		return false
	}
	for _, entry := range entries {
		if entry.Name() == unfinished {
			return true
		}
	}
	return len(entries) == 0
}

// clearLeftovers removes what an interrupted Create left, and the mark of one that got as far as its row.
func (r *Registry) clearLeftovers() error {
	entries, err := os.ReadDir(r.folder())
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.IsDir() || !isSlug(entry.Name()) || !isUnfinished(r.home(entry.Name())) {
			continue
		}
		home := r.home(entry.Name())
		if _, ok := r.known[entry.Name()]; !ok {
			err = os.RemoveAll(home)
		} else if err = os.Remove(filepath.Join(home, unfinished)); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
