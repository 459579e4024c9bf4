// Package app puts the rooms together: it opens the data directory, wires what the runes bring, serves, runs the
// administrator's commands and stops everything in order.
package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"runes.im/platform/cert"
	"runes.im/platform/config"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/live"
	"runes.im/platform/place"
	"runes.im/platform/reach"
	"runes.im/platform/runekit"
	"runes.im/platform/secret"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/words"
)

// App is one open data directory. Only one process holds it at a time.
type App struct {
	Config  *config.Config
	Runes   []*runekit.Installed
	Words   *words.Book
	System  *store.DB
	Hub     *live.Hub
	People  *identity.House
	Tenants *tenant.Registry
	Certs   *cert.Keeper

	places  *place.Atlas // where addresses are
	master  *secret.Master
	keyFile string
	lock    *dirLock
	log     *slog.Logger
	address string // of the first door, while a server runs
	// building is held while the set of tenants grows and while the master key changes: a tenant made during a
	// rotation would keep the old key.
	building sync.Mutex
}

// Open locks the data directory, makes it when it is missing, and opens what lies in it.
func Open(ctx context.Context, cfg *config.Config, runes []runekit.Rune) (*App, error) {
	installed, err := runekit.LoadAll(runes, Events())
	if err != nil {
		return nil, err
	}
	book, err := book(installed)
	if err != nil {
		return nil, err
	}
	// Everything below works with absolute paths, so that nothing depends on where the program was started.
	if cfg.Data, err = filepath.Abs(cfg.Data); err != nil {
		return nil, err
	}
	if err := becomeOwner(cfg.Data); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fault.New(fault.Unavailable, "app.no_dir", "dir", cfg.Data, "reason", reason(err))
	}
	lock, err := lockDir(cfg.Data)
	if err != nil {
		return nil, err
	}
	a := &App{Config: cfg, Runes: installed, Words: book, Hub: live.NewHub(), lock: lock, log: slog.Default()}
	if err := a.open(ctx); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (a *App) open(ctx context.Context) error {
	path := filepath.Join(a.Config.Data, "system.db")
	first := !exists(path) && !exists(filepath.Join(a.Config.Data, "tenants"))
	key := a.Config.Key
	if key == "" {
		key = secret.DefaultPath(a.Config.Data)
	}
	var err error
	// A key is made only for a directory that holds nothing yet: a new one beside old data would open none of it.
	if a.master, err = secret.Open(key, first); err != nil {
		return err
	}
	a.keyFile = key
	open := store.Open
	if first {
		open = store.Create
	}
	if a.System, err = open(ctx, path); err != nil {
		return err
	}
	if err := a.System.Migrate(ctx, identity.SystemSchema, secret.Schema, cert.Schema); err != nil {
		return err
	}
	box, err := a.master.Box(ctx, a.System)
	if err != nil {
		return err
	}
	a.People = identity.New(a.System, a.Hub)
	a.People.KeepSecrets(box)
	a.People.Provide(runekit.Shelves(a.Runes))
	a.People.TrustOrganisations(a.Config.Organisations != config.SelfService)
	a.Tenants, err = tenant.Open(ctx, tenant.Options{
		Dir: a.Config.Data, System: a.System, Master: a.master, Schemas: a.schemas,
		BaseDomain: a.Config.BaseDomain, ExtraHosts: a.Config.Hosts, PersonQuota: a.Config.StorageQuota,
		Outside: reach.New(a.Config.DNS),
		Several: a.Config.Organisations != config.Single,
	})
	if err != nil {
		return err
	}
	a.Certs, err = cert.Open(ctx, cert.Options{
		System: a.System, Box: box, Tenants: a.Tenants, CertFile: a.Config.TLSCert, KeyFile: a.Config.TLSKey, HasDoor: a.Config.HTTPS != "",
		HasPlain: a.Config.HTTP != "", Email: a.Config.ACME, Directory: a.Config.ACMEDirectory,
	})
	return err
}

// Close closes what Open opened, the lock last.
func (a *App) Close() {
	if a.Certs != nil {
		a.Certs.Close()
	}
	if a.Tenants != nil {
		a.Tenants.Close()
	}
	if err := a.places.Close(); err != nil {
		a.log.Error("close the file of places", "err", err)
	}
	if a.System != nil {
		if err := a.System.Close(); err != nil {
			a.log.Error("close system.db", "err", err)
		}
	}
	a.lock.release()
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// reason is the plain part of a file system error, without the path that the sentence names already.
func reason(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
