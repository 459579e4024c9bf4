package blob

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/id"
)

// disk is every call whose failure could lose data or fill the disk, so that a test can make each of them fail.
type disk struct {
	write  func(f *os.File, p []byte) (int, error)
	sync   func(f *os.File) error
	rename func(root *os.Root, from, to string) error
	space  func(root *os.Root) (free, total int64, err error)
}

var realDisk = disk{
	write:  (*os.File).Write,
	sync:   (*os.File).Sync,
	rename: (*os.Root).Rename,
	space: func(root *os.Root) (free, total int64, err error) {
		var st syscall.Statfs_t
		err = syscall.Statfs(root.Name(), &st)
		return int64(st.Bavail) * int64(st.Bsize), int64(st.Blocks) * int64(st.Bsize), err
	},
}

const (
	tempDir    = "tmp"
	partsDir   = "parts"
	blockSize  = 128 << 10 // read and written at a time; more than Inline, so that one block tells small from large
	spaceEvery = 64 << 20  // bytes written between two looks at the free space
	gib        = 1 << 30
	lookLasts  = 100 * time.Millisecond // how long small contents rely on one look
)

// room refuses need more bytes when they would leave less free than the floor: a database on a full disk is worse off
// than an upload that has to wait.
func (s *Store) room(need int64) error {
	free, total, err := s.disk.space(s.root)
	if err != nil {
		return err
	}
	floor := s.floor
	if floor < 0 {
		floor = min(gib, total/50)
	}
	if free-need < floor {
		return fault.New(fault.Full, "blob.full")
	}
	return nil
}

// roomForSmall is room for contents that go into the database. They are so many and so small that one look serves all
// who come at the same time.
func (s *Store) roomForSmall(need int64) error {
	now := time.Since(began)
	if seen := s.seen.Load(); seen != 0 && now-time.Duration(seen) < lookLasts {
		return nil
	}
	if err := s.room(need); err != nil {
		return err
	}
	s.seen.Store(int64(now))
	return nil
}

// began is where the seconds of this process are counted from.
var began = time.Now()

// asFull turns the kernel's "no space" into the refusal people understand and keeps the cause for the log.
func asFull(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", fault.New(fault.Full, "blob.full"), err)
	}
	return err
}

// temp is a file being written. It has no place among the contents until settle.
type temp struct {
	s       *Store
	file    *os.File
	name    string
	written int64
}

func (s *Store) newTemp() (*temp, error) {
	t := &temp{s: s, name: tempDir + "/" + id.New()}
	s.held.begin(t.name)
	f, err := s.root.OpenFile(t.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		s.held.end(t.name)
		return nil, err
	}
	t.file = f
	return t, nil
}

// Write appends and looks at the free space now and then.
func (t *temp) Write(p []byte) (int, error) {
	if t.written/spaceEvery != (t.written+int64(len(p)))/spaceEvery {
		if err := t.s.room(int64(len(p))); err != nil {
			return 0, err
		}
	}
	n, err := t.s.disk.write(t.file, p)
	t.written += int64(n)
	return n, err
}

// settle puts the file on stable storage under its name in dir: bytes first, then the name. Each step that fails is
// final. Trying a failed fsync again may report success for bytes that are gone.
func (t *temp) settle(dir, name string) error {
	if err := t.s.disk.sync(t.file); err != nil {
		return err
	}
	if err := t.file.Close(); err != nil {
		return err
	}
	if err := t.s.disk.rename(t.s.root, t.name, dir+"/"+name); err != nil {
		return err
	}
	return t.s.syncDir(dir)
}

// clear ends the temp; a file that was not settled goes.
func (t *temp) clear() {
	t.file.Close()          // a second close does nothing
	t.s.root.Remove(t.name) // gone already when settled; what cannot be removed now is Sweep's
	t.s.held.end(t.name)
}

// durableDirs are the folders whose names this process has put on stable storage. A folder that merely exists may be
// the half-done work of a process that was killed.
type durableDirs struct {
	mu   sync.Mutex
	done map[string]bool
}

// makeDir makes sure that the folder is there, is no link, and survives a power cut.
func (s *Store) makeDir(name, parent string) error {
	d := &s.durable
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done[name] {
		return nil
	}
	if err := s.root.Mkdir(name, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if err := s.mustBeDir(name); err != nil {
		return err
	}
	if err := s.syncDir(parent); err != nil {
		return err
	}
	if d.done == nil {
		d.done = map[string]bool{}
	}
	d.done[name] = true
	return nil
}

func (s *Store) forgetDir(name string) {
	s.durable.mu.Lock()
	defer s.durable.mu.Unlock()
	delete(s.durable.done, name)
}

// mustBeDir refuses a link in a folder's place. os.Root stops links that lead outside; this stops the others.
func (s *Store) mustBeDir(name string) error {
	info, err := s.root.Lstat(name)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s in %s is not a folder", name, s.root.Name())
	}
	return nil
}

func (s *Store) syncDir(name string) error {
	d, err := s.root.Open(name)
	if err != nil {
		return err
	}
	defer d.Close()
	return s.disk.sync(d)
}
