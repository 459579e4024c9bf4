package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"runes.im/platform/fault"
)

// replaceLog puts device in the place of the write-ahead log's open files, and returns what puts them back.
func replaceLog(t *testing.T, db *DB, device string) (mend func()) {
	t.Helper()
	broken, err := syscall.Open(device, syscall.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(broken)
	saved := map[int]int{}
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || target != db.Path()+"-wal" {
			continue
		}
		fd, err := strconv.Atoi(filepath.Base(link))
		if err != nil {
			t.Fatal(err)
		}
		if saved[fd], err = syscall.Dup(fd); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Dup3(broken, fd, syscall.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
	}
	if len(saved) == 0 {
		t.Fatal("the log is not open")
	}
	return func() {
		for fd, sound := range saved {
			if err := syscall.Dup3(sound, fd, syscall.O_CLOEXEC); err != nil {
				t.Error(err)
			}
			syscall.Close(sound)
		}
	}
}

func key(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Key
	}
	return ""
}

// On /dev/null every write goes well and fsync fails.
func TestAFailedFsyncIsNeverSuccessAndEndsAllWriting(t *testing.T) {
	db := openNotes(t)
	if err := db.Write(t.Context(), add("before")); err != nil {
		t.Fatal(err)
	}
	mend := replaceLog(t, db, "/dev/null")
	for i, err := range together(t, db, add("one"), add("two")) {
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("write %d: got %v, want unavailable", i, err)
		}
	}
	mend()
	err := db.Write(t.Context(), add("three"))
	if key(err) != "store.read_only" {
		t.Errorf("after the disk came back: got %v, want read-only", err)
	}
	if got := texts(t, db); got != "before" {
		t.Errorf("reading: got %q, want before", got)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.Write(t.Context(), add("after")); err != nil {
		t.Errorf("opened again: %v", err)
	}
	if got := texts(t, again); !strings.Contains(got, "after") || !strings.Contains(got, "before") {
		t.Errorf("opened again: got %q", got)
	}
}

func TestAFullDiskRefusesWritesServesReadsAndRecovers(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("needs the right to mount a small disk: %v", err)
	}
	defer syscall.Unmount(disk, 0)
	db := createNotes(t, filepath.Join(disk, "tenant.db"))
	defer db.Close()
	big := func(ctx context.Context, tx *Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO notes_notes (text) VALUES (hex(randomblob(?)))", 3_000)
		return err
	}
	const rows = 20
	for range rows {
		if err := db.Write(t.Context(), big); err != nil {
			t.Fatal(err)
		}
	}
	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	var full error
	for range 100 {
		if full = db.Write(t.Context(), big); full != nil {
			break
		}
	}
	if !fault.Is(full, fault.Full) {
		t.Fatalf("got %v, want full", full)
	}
	var n int
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM notes_notes").Scan(&n); err != nil || n < rows {
		t.Errorf("reading: got %d, %v, want at least %d", n, err, rows)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for range rows {
		if err := db.Write(t.Context(), big); err != nil {
			t.Fatalf("after space was made: %v", err)
		}
	}
}

func TestOnAFullDiskFinishedPagesMakeRoomInTheLog(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("needs the right to mount a small disk: %v", err)
	}
	defer syscall.Unmount(disk, 0)
	db := createNotes(t, filepath.Join(disk, "tenant.db"))
	defer db.Close()
	if err := db.Write(t.Context(), add("count 0")); err != nil {
		t.Fatal(err)
	}
	if _, err := db.writer.conn.ExecContext(t.Context(), "PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
		t.Fatal(err)
	}
	fill(t, filepath.Join(disk, "filler"))
	for n := range 50 {
		err := db.Write(t.Context(), func(ctx context.Context, tx *Tx) error {
			_, err := tx.Exec(ctx, "UPDATE notes_notes SET text = 'count ' || ?", n+1)
			return err
		})
		if err != nil {
			t.Fatalf("write %d of the pages that are there: %v", n, err)
		}
	}
	if got := texts(t, db); got != "count 50" {
		t.Errorf("got %q", got)
	}
}

// fill writes to path until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 1024))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}
