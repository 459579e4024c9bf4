package tenant

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
)

// rest is how long a tenant that would not open is left alone, so that its visitors do not queue up behind each other.
const rest = 2 * time.Second

// Ill is a tenant that cannot be opened, and why.
type Ill struct {
	Slug      string
	Reference string // stands on the page that its visitors see, and in the log
	Err       error
	Since     time.Time
	tried     time.Time
}

func (i Ill) fault() error {
	return fault.New(fault.Unavailable, "tenant.broken", "reference", i.Reference)
}

// Health names the tenants that cannot be opened. It looks at every file from the outside and opens none.
func (r *Registry) Health(ctx context.Context) []Ill {
	r.mu.Lock()
	defer r.mu.Unlock()
	for slug, info := range r.known {
		if _, open := r.seats[slug]; open || info.State != "active" {
			continue
		}
		if err := examine(r.home(slug)); err != nil {
			_ = r.fallIll(ctx, slug, err) // kept in r.broken, which is what we list
		}
	}
	list := make([]Ill, 0, len(r.broken))
	for _, ill := range r.broken {
		list = append(list, ill)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Slug < list[j].Slug })
	return list
}

// fallIll notes why a tenant would not open; r.mu is held. The same trouble keeps its reference.
func (r *Registry) fallIll(ctx context.Context, slug string, err error) error {
	ill, known := r.broken[slug]
	if !known || ill.Err.Error() != err.Error() {
		ill = Ill{Slug: slug, Reference: id.Short(), Err: err, Since: clock.Now(ctx)}
		slog.ErrorContext(ctx, "a tenant cannot be opened", "tenant", slug, "reference", ill.Reference, "error", err)
	}
	ill.tried = clock.Steady(ctx)
	r.broken[slug] = ill
	return ill.fault()
}

// examine looks at a tenant's files without opening the database: SQLite would make a missing or empty file anew.
func examine(home string) error {
	folder, err := os.Lstat(home)
	if err != nil {
		return fmt.Errorf("folder: %w", plain(err))
	}
	if !folder.IsDir() || folder.Mode().Perm()&0o700 != 0o700 {
		return fmt.Errorf("folder: %v is not a folder of ours", folder.Mode())
	}
	path := filepath.Join(home, "tenant.db")
	file, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("tenant.db: %w", plain(err))
	}
	if !file.Mode().IsRegular() {
		return fmt.Errorf("tenant.db: %v is not a file", file.Mode())
	}
	if file.Mode().Perm()&0o600 != 0o600 {
		return fmt.Errorf("tenant.db: mode %v does not let us read and write", file.Mode())
	}
	return begins(path)
}

var magic = []byte("SQLite format 3\x00")

func begins(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("tenant.db: %w", plain(err))
	}
	defer f.Close()
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(f, head); err != nil || !bytes.Equal(head, magic) {
		return errors.New("tenant.db: not a database")
	}
	return nil
}

// plain takes the path out of an error: it says nothing that the log line does not say better.
func plain(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
