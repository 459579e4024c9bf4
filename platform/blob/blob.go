// Package blob keeps the contents of files: up to 64 KiB inside the tenant's database, committed with the metadata;
// larger ones as a file of their own, on stable storage before the row says so. Equal contents are kept once.
package blob

import (
	"context"
	"io"
	"time"

	"runes.im/platform/store"
)

// Inline is the largest content kept inside the database, in bytes.
const Inline = 64 << 10

// Schema holds the table of contents.
var Schema store.Schema

// Store is the contents of one tenant.
type Store struct{}

// Open opens the contents under dir (made when missing) with their rows in db.
func Open(db *store.DB, dir string) (*Store, error) { panic("blob") }

// Staged is a content that is complete but not yet kept. Small ones are in memory, large ones a finished, synced file.
// Whoever staged it calls Discard when done; that does nothing after Keep committed.
type Staged struct {
	ID   string // SHA-256, hex
	Size int64
	SHA1 string // hex; filled when asked for
	MD5  string // hex; filled when asked for
}

// StageOptions say what to count besides SHA-256, and what to refuse.
type StageOptions struct {
	SHA1, MD5 bool
	Max       int64 // more bytes than this is fault.TooLarge; 0 = no limit
	Expect    int64 // other length is fault.Malformed; -1 = unknown
}

// Stage reads r to its end. On error nothing stays behind.
func (s *Store) Stage(ctx context.Context, r io.Reader, o StageOptions) (*Staged, error) {
	panic("blob")
}

// Keep notes one more use of the staged content, in the caller's write.
func (s *Store) Keep(ctx context.Context, tx *store.Tx, g *Staged) error { panic("blob") }

// Again notes one more use of a content that is already kept (a copy).
func (s *Store) Again(ctx context.Context, tx *store.Tx, id string) error { panic("blob") }

// Drop takes one use away. Unused contents are removed later by Sweep.
func (s *Store) Drop(ctx context.Context, tx *store.Tx, id string) error { panic("blob") }

// Discard throws a staged content away.
func (g *Staged) Discard() { panic("blob") }

// Content is an open content. File is set for large ones, so that the web can hand the file to the kernel.
type Content interface {
	io.ReadSeekCloser
	io.ReaderAt
	Size() int64
}

// Read opens a content.
func (s *Store) Read(ctx context.Context, r store.Reader, id string) (Content, error) { panic("blob") }

// Sweep removes contents that nobody uses and files that no row names, when older than age.
func (s *Store) Sweep(ctx context.Context, age time.Duration) (removed int, err error) { panic("blob") }

// Check compares rows and files (and, when deep, every content with its name) and says what is wrong.
func (s *Store) Check(ctx context.Context, deep bool) ([]string, error) { panic("blob") }
