// Package blob keeps the contents of files: up to 64 KiB inside the tenant's database, committed with the metadata;
// larger ones as a file of their own, on stable storage before the row says so. Equal contents are kept once.
package blob

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"runes.im/platform/clock"
	"runes.im/platform/store"
)

// Inline is the largest content kept inside the database, in bytes. The schema knows the number too.
const Inline = 64 << 10

//go:embed migrations
var migrations embed.FS

// Words are the sentences of this package's refusals.
//
//go:embed words
var Words embed.FS

// Schema holds the table of contents.
var Schema = store.Embedded("blob", migrations, "migrations")

// Store is the contents of one tenant.
type Store struct {
	db      *store.DB
	root    *os.Root
	disk    disk
	floor   int64 // bytes that stay free; -1: by the size of the disk
	limit   func() int64
	held    holds
	durable durableDirs
	buffers sync.Pool
	seen    atomic.Int64 // when there was room last, counted from began
}

// Option changes how a store is opened.
type Option func(*Store)

// Floor refuses uploads while the disk has less than this many bytes free. Without it the floor is 1 GiB, or 2 % of
// the disk where that is less.
func Floor(bytes int64) Option { return func(s *Store) { s.floor = bytes } }

// Open opens the contents under dir (made when missing) with their rows in db.
func Open(db *store.DB, dir string, options ...Option) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{
		db: db, root: root, disk: realDisk, floor: -1, held: newHolds(),
		buffers: sync.Pool{New: func() any { b := make([]byte, blockSize); return &b }},
	}
	for _, o := range options {
		o(s)
	}
	if err := s.furnish(dir); err != nil {
		root.Close()
		return nil, err
	}
	return s, nil
}

// furnish makes the fixed folders and puts all names down to them on stable storage.
func (s *Store) furnish(dir string) error {
	parent, err := os.Open(filepath.Dir(dir))
	if err != nil {
		return err
	}
	defer parent.Close()
	if err := s.disk.sync(parent); err != nil {
		return err
	}
	for _, name := range []string{tempDir, partsDir} {
		if err := s.makeDir(name, "."); err != nil {
			return err
		}
	}
	return nil
}

// Close lets go of the folder. Contents that are open stay readable.
func (s *Store) Close() error { return s.root.Close() }

// Keep notes one more use of the staged content, in the caller's write.
func (s *Store) Keep(ctx context.Context, tx *store.Tx, g *Staged) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	// A write may still be waiting in the queue when its caller has given up and discarded the content.
	if g.gone {
		return fmt.Errorf("content %s was discarded before it was kept", g.ID)
	}
	var data any
	if g.Size <= Inline {
		data = g.data
	}
	isLimited, before := s.limit != nil && s.limit() > 0, int64(0)
	var err error
	if isLimited {
		if before, err = Total(ctx, tx); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO blob_contents (id, size, uses, data, made_at) VALUES (?, ?, 1, ?, ?)
		ON CONFLICT (id) DO UPDATE SET uses = uses + 1, idle_at = NULL`,
		g.ID, g.Size, data, clock.Text(clock.Now(ctx)))
	if err != nil {
		return err
	}
	if isLimited {
		if err := s.withinLimit(ctx, tx, before); err != nil {
			return err
		}
	}
	tx.AfterCommit(func() { g.kept.Store(true) })
	return nil
}

// Again notes one more use of a content that is already kept (a copy).
func (s *Store) Again(ctx context.Context, tx *store.Tx, id string) error {
	return changeOne(ctx, tx, id, `UPDATE blob_contents SET uses = uses + 1, idle_at = NULL WHERE id = ?`, id)
}

// Drop takes one use away. Unused contents are removed later by Sweep.
func (s *Store) Drop(ctx context.Context, tx *store.Tx, id string) error {
	return changeOne(ctx, tx, id, `UPDATE blob_contents SET uses = uses - 1,
		idle_at = CASE uses WHEN 1 THEN ? END WHERE id = ? AND uses > 0`, clock.Text(clock.Now(ctx)), id)
}

// changeOne fails when no row changed: the caller counts uses that are not there, and a wrong count loses a content.
func changeOne(ctx context.Context, tx *store.Tx, id, statement string, args ...any) error {
	result, err := tx.Exec(ctx, statement, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fmt.Errorf("content %s is not in use", id)
}
