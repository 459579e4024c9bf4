package app

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/config"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/identity"
	"runes.im/platform/runekit"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// moving is the folder of archives on their way. The command line carries them between there and the file that was named: a
// server may not be allowed to see that one.
const moving = "moving"

// stale is when an archive that nobody fetched is thrown away.
const stale = 24 * time.Hour

// MoveArgs name the tenant that is exported, or the file that is imported, in the folder moving.
type MoveArgs struct{ Slug, File, SourceKey string }

// Moved is what became of it.
type Moved struct {
	TenantInfo
	Bytes int64 `json:"bytes,omitempty"`
	Files int   `json:"files"`
}

// parcel is Moved on its way through the socket, with the name of the file.
type parcel struct {
	Moved
	Archive string `json:"archive"`
}

// Export writes the archive of a tenant to out.
func Export(ctx context.Context, cfg *config.Config, runes []runekit.Rune, slug string, out *os.File) (Moved, error) {
	var made parcel
	if err := Call(ctx, cfg, runes, "tenant.export", MoveArgs{Slug: slug}, &made); err != nil {
		return Moved{}, err
	}
	path := filepath.Join(cfg.Data, moving, made.Archive)
	defer os.Remove(path)
	from, err := os.Open(path)
	if err != nil {
		return Moved{}, err
	}
	defer from.Close()
	if made.Bytes, err = io.Copy(out, from); err != nil {
		return Moved{}, err
	}
	return made.Moved, out.Sync()
}

// Import makes a tenant of the archive. sourceKey is the text of the master key it was made under; empty: this one's.
func Import(ctx context.Context, cfg *config.Config, runes []runekit.Rune, in io.Reader, sourceKey string) (Moved, error) {
	var err error
	if cfg.Data, err = filepath.Abs(cfg.Data); err != nil {
		return Moved{}, err
	}
	if err := becomeOwner(cfg.Data); err != nil {
		return Moved{}, err
	}
	if err := os.MkdirAll(filepath.Join(cfg.Data, moving), 0o700); err != nil {
		return Moved{}, fault.New(fault.Unavailable, "app.no_dir", "dir", cfg.Data, "reason", reason(err))
	}
	name := id.New() + ".zip"
	path := filepath.Join(cfg.Data, moving, name)
	defer os.Remove(path)
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Moved{}, err
	}
	_, err = io.Copy(to, in)
	if err := errors.Join(err, to.Close()); err != nil {
		return Moved{}, err
	}
	var made parcel
	err = Call(ctx, cfg, runes, "tenant.import", MoveArgs{File: name, SourceKey: sourceKey}, &made)
	return made.Moved, err
}

// exportTenant writes an archive into the folder moving: the database as it is at one moment while others go on writing, then
// the contents that it names.
func exportTenant(ctx context.Context, a *App, args MoveArgs) (_ any, err error) {
	folder := filepath.Join(a.Config.Data, moving)
	if err := clearMoving(ctx, folder); err != nil {
		return nil, err
	}
	name := id.New()
	made := parcel{Archive: name + ".zip"}
	path, copied := filepath.Join(folder, made.Archive), filepath.Join(folder, name+".db")
	defer func() {
		for _, leftover := range []string{copied, copied + "-wal", copied + "-shm"} {
			os.Remove(leftover)
		}
		if err != nil {
			os.Remove(path)
		}
	}()
	err = a.Tenants.Beside(ctx, args.Slug, func(ctx context.Context, t *tenant.Tenant) error {
		// The line stands in the archive, too.
		err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			return audit.Record(ctx, tx, audit.Entry{Action: "tenant.exported", Object: "tenant:" + t.ID, Title: t.Name})
		})
		if err != nil {
			return err
		}
		if err := t.DB.Copy(ctx, copied); err != nil {
			return err
		}
		made.TenantInfo = TenantInfo{Slug: t.Slug, Name: t.Name, Host: a.host(t.Slug)}
		made.Files, err = a.pack(ctx, t, copied, path)
		return err
	})
	return made, err
}

// pack writes the archive of t, whose database was copied.
func (a *App) pack(ctx context.Context, t *tenant.Tenant, copied, path string) (contents int, err error) {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	i := t.Info()
	w := &archiver{zip: zip.NewWriter(out), m: &manifest{
		Form: archiveForm, Version: Version, MadeAt: clock.Now(ctx), ID: i.ID, Slug: i.Slug, Name: i.Name, Locale: i.Locale,
		Zone: i.Zone, Brand: i.Brand, Founded: i.MadeAt, Hosts: t.Hosts(), Files: map[string]packed{},
	}}
	if err := w.addFile(databaseName, copied); err != nil {
		return 0, err
	}
	db, err := store.Open(ctx, copied)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if w.m.Schemas, err = db.Versions(ctx); err != nil {
		return 0, err
	}
	if err := w.contents(ctx, t, db); err != nil {
		return 0, err
	}
	people, err := a.People.Pack(ctx, t, db)
	if err != nil {
		return 0, err
	}
	if err := w.add(accountsName, bytes.NewReader(people), zip.Store); err != nil {
		return 0, err
	}
	return len(w.m.Files) - 2, w.finish()
}

// importTenant makes a tenant of an archive in the folder moving.
func importTenant(ctx context.Context, a *App, args MoveArgs) (any, error) {
	// Against a rotation of the master key: it would leave the new tenant under the old one.
	a.building.Lock()
	defer a.building.Unlock()
	from, err := openArchive(filepath.Join(a.Config.Data, moving, filepath.Base(args.File)))
	if err != nil {
		return nil, err
	}
	defer from.Close()
	all := map[string]bool{}
	for _, in := range a.Runes {
		all[in.ID] = true
	}
	if err := store.Understood(from.m.Schemas, a.schemas(all)...); err != nil {
		return nil, err
	}
	var people bytes.Buffer
	if err := from.copy(accountsName, &people); err != nil {
		return nil, err
	}
	var arrival *identity.Arrival
	made, err := a.Tenants.Import(ctx, tenant.Arrival{
		Info: tenant.Info{
			ID: from.m.ID, Slug: from.m.Slug, Name: from.m.Name, Locale: from.m.Locale, Zone: from.m.Zone, Brand: from.m.Brand, MadeAt: from.m.Founded,
		},
		Hosts: from.m.Hosts,
		Unpack: func(ctx context.Context, home string) error {
			if err := from.unpack(home); err != nil {
				return err
			}
			return a.adopt(ctx, filepath.Join(home, databaseName), a.schemas(all), args.SourceKey)
		},
		Furnish: func(ctx context.Context, t *tenant.Tenant, copied bool) (err error) {
			if err := a.sound(ctx, t); err != nil {
				return err
			}
			if arrival, err = a.People.Unpack(ctx, t, people.Bytes(), copied); err != nil {
				return err
			}
			return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
				return audit.Record(ctx, tx, audit.Entry{Action: "tenant.imported", Object: "tenant:" + t.ID, Title: t.Name})
			})
		},
		Register: func(ctx context.Context, tx *store.Tx, t *tenant.Tenant) error {
			return arrival.Register(ctx, tx, t.ID)
		},
	})
	if err != nil {
		return nil, err
	}
	return parcel{Moved: Moved{
		TenantInfo: TenantInfo{Slug: made.Slug, Name: made.Name, State: made.State, Host: a.host(made.Slug)}, Files: len(from.m.Files) - 2,
	}}, nil
}

// adopt looks at the database itself, whatever the manifest says, and puts its secrets under this master key.
func (a *App) adopt(ctx context.Context, path string, schemas []store.Schema, sourceKey string) (err error) {
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	have, err := db.Versions(ctx)
	if err != nil {
		return err
	}
	if err := store.Understood(have, schemas...); err != nil {
		return err
	}
	err = a.master.Adopt(ctx, db, sourceKey)
	if f := fault.Of(err); f != nil && f.Key == "secret.wrong_key" {
		return fault.New(fault.Invalid, "app.archive_key", "want", f.Args[1])
	}
	return err
}

// sound refuses a database that is damaged inside, contents that are not there and a log that was changed.
func (a *App) sound(ctx context.Context, t *tenant.Tenant) error {
	v := new(Verdict)
	v.tenant(ctx, t, VerifyArgs{Quick: true}) // the bytes were compared while they were unpacked
	if len(v.Problems) > 0 {
		return damaged(v.Problems[0])
	}
	return nil
}

// clearMoving throws away what a command line that died left behind.
func clearMoving(ctx context.Context, folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && clock.Now(ctx).Sub(info.ModTime()) > stale {
			err = os.Remove(filepath.Join(folder, e.Name()))
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
