package blob

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"runes.im/platform/fault"
)

// breakAt makes the n-th call of one kind fail, n counted from 1, and counts the calls.
func (s *Store) breakAt(kind string, n int, err error) *int {
	calls := new(int)
	fails := func() bool { *calls++; return *calls == n }
	s.disk = realDisk
	switch kind {
	case "write":
		s.disk.write = func(f *os.File, p []byte) (int, error) {
			if fails() {
				half, _ := f.Write(p[:len(p)/2])
				return half, err
			}
			return f.Write(p)
		}
	case "fsync":
		s.disk.sync = func(f *os.File) error {
			if fails() {
				return err
			}
			return f.Sync()
		}
	case "rename":
		s.disk.rename = func(root *os.Root, from, to string) error {
			if fails() {
				return err
			}
			return root.Rename(from, to)
		}
	}
	return calls
}

func TestAnUploadIsRefusedAtEveryStepThatFails(t *testing.T) {
	uploads := map[string]func(*Store) error{
		"content": func(s *Store) error {
			_, err := s.Stage(t.Context(), bytes.NewReader(random(3*blockSize)), StageOptions{Expect: -1})
			return err
		},
		"part": func(s *Store) error {
			_, err := s.WritePart(t.Context(), "abc", 7, bytes.NewReader(random(3*blockSize)), 0, -1)
			return err
		},
	}
	for what, upload := range uploads {
		for _, kind := range []string{"write", "fsync", "rename"} {
			for _, cause := range []syscall.Errno{syscall.EIO, syscall.ENOSPC, syscall.EDQUOT} {
				for n := 1; ; n++ {
					s := openTest(t)
					calls := s.breakAt(kind, n, cause)
					err := upload(s)
					if *calls < n {
						if n == 1 {
							t.Errorf("%s never calls %s", what, kind)
						}
						break
					}
					name := fmt.Sprintf("%s: %s %d: %v", what, kind, n, cause)
					if !errors.Is(err, cause) {
						t.Fatalf("%s: got %v", name, err)
					}
					if isFull := fault.Is(err, fault.Full); isFull != (cause != syscall.EIO) {
						t.Errorf("%s: full: %v", name, isFull)
					}
					wantNoTemp(t, s)
					if what == "content" {
						wantSound(t, s)
					}
					s.disk = realDisk
					if err := upload(s); err != nil {
						t.Errorf("%s: the next try: %v", name, err)
					}
				}
			}
		}
	}
}

func wantNoTemp(t *testing.T, s *Store) {
	t.Helper()
	left, err := s.entries(tempDir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("%d temporary files are left", len(left))
	}
}

// The order is the promise: bytes on stable storage, then the name, then the folder's list of names, also of a new folder.
func TestEveryNameIsOnStableStorage(t *testing.T) {
	s := openTest(t)
	var order []string
	s.disk.sync = func(f *os.File) error {
		name := filepath.Base(f.Name())
		if filepath.Base(filepath.Dir(f.Name())) == tempDir {
			name = "bytes"
		}
		order = append(order, "fsync "+name)
		return nil
	}
	s.disk.rename = func(root *os.Root, from, to string) error {
		order = append(order, "rename")
		return root.Rename(from, to)
	}
	content := random(blockSize)
	dir := hexSum(content)[:2]
	keep(t, s, content)
	want := []string{"fsync .", "fsync bytes", "rename", "fsync " + dir}
	if got, want := fmt.Sprint(order), fmt.Sprint(want); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	order = nil
	keep(t, s, content)
	if got, want := fmt.Sprint(order), fmt.Sprint(want[1:]); got != want {
		t.Errorf("second time: got %s, want %s", got, want)
	}
}

// The name of a new folder was not put on stable storage: the next upload must not take the folder for granted.
func TestAFolderWhoseFsyncFailedIsSyncedAgain(t *testing.T) {
	s := openTest(t)
	content := random(blockSize)
	s.breakAt("fsync", 1, syscall.EIO)
	if _, err := s.Stage(t.Context(), bytes.NewReader(content), StageOptions{Expect: -1}); err == nil {
		t.Fatal("got no error")
	}
	calls := s.breakAt("fsync", 0, nil)
	keep(t, s, content)
	if *calls != 3 {
		t.Errorf("got %d fsyncs, want 3: root, bytes, folder", *calls)
	}
}

func TestUploadsStopBelowTheFloor(t *testing.T) {
	const total = 100 << 30
	for name, c := range map[string]struct {
		free, floor int64
		total       int64
		size        int
		refused     bool
	}{
		"a gibibyte is left":                   {gib + 1<<20, -1, total, 1 << 20, false},
		"less than a gibibyte is left":         {gib - 1, -1, total, 0, true},
		"the upload would go below a gibibyte": {gib + 1<<20, -1, total, 1<<20 + 1, true},
		"two percent of a small disk are left": {gib / 50, -1, gib, 0, false},
		"less than two percent":                {gib/50 - 1, -1, gib, 0, true},
		"above the floor that was set":         {101, 100, total, 1, false},
		"below the floor that was set":         {101, 100, total, 2, true},
	} {
		s := openTest(t)
		s.floor = c.floor
		s.disk.space = func(*os.Root) (int64, int64, error) { return c.free, c.total, nil }
		_, err := s.Stage(t.Context(), bytes.NewReader(make([]byte, c.size)), StageOptions{Expect: int64(c.size)})
		if fault.Is(err, fault.Full) != c.refused {
			t.Errorf("%s: got %v, want refused %v", name, err, c.refused)
		}
		_, err = s.WritePart(t.Context(), "abc", 1, bytes.NewReader(make([]byte, c.size)), 0, int64(c.size))
		if fault.Is(err, fault.Full) != c.refused {
			t.Errorf("part: %s: got %v, want refused %v", name, err, c.refused)
		}
	}
}

func TestALongUploadStopsWhenTheDiskFillsMeanwhile(t *testing.T) {
	s := openTest(t)
	looks := 0
	s.disk.write = func(_ *os.File, p []byte) (int, error) { return len(p), nil }
	s.disk.space = func(*os.Root) (int64, int64, error) {
		looks++
		return int64(2-looks) << 30, 1 << 40, nil
	}
	_, err := s.Stage(t.Context(), bytes.NewReader(make([]byte, 2*spaceEvery)), StageOptions{Expect: -1})
	if !fault.Is(err, fault.Full) || looks != 2 {
		t.Errorf("got %v after %d looks, want full after 2", err, looks)
	}
	wantNothing(t, s)
}

// A real small disk, where the machine lets us mount one.
func TestAFullDiskAnswers507AndRecovers(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skip("this machine does not let us mount a small disk: ", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	s := openTest(t)
	s = openOn(t, s.db, filepath.Join(dir, "blobs"))
	small := random(1 << 20)
	id := keep(t, s, small)
	_, err := s.Stage(t.Context(), bytes.NewReader(make([]byte, 5<<20)), StageOptions{Expect: -1})
	if !fault.Is(err, fault.Full) || !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v, want full", err)
	}
	wantContent(t, s, id, small)
	drop(t, s, id)
	sweep(t, s, 1)
	keep(t, s, random(3<<20))
	wantSound(t, s)
}
