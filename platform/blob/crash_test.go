package blob

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"runes.im/platform/id"
	"runes.im/platform/store"
)

// With crashDir set this test binary is the process that works in that folder until it is killed.
const crashDir = "RUNES_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		fmt.Fprintln(os.Stderr, work(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// What the killed process reported done must be there afterwards, whole; what it did not report may be there or not.
// RUNES_CRASH_ROUNDS sets the number of kills (30; 200 for a release).
func TestNothingAcknowledgedIsLostWhenTheProcessIsKilled(t *testing.T) {
	rounds := 30
	if text := os.Getenv("RUNES_CRASH_ROUNDS"); text != "" {
		var err error
		if rounds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	total := 0
	for round := range rounds {
		l := killed(t, dir, 1+rand.IntN(80), time.Duration(rand.IntN(8000))*time.Microsecond)
		total += l.acknowledged
		inspect(t, dir, l)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	t.Logf("%d kills, %d things acknowledged, 0 lost", rounds, total)
}

// ledger is what a process reported before it was killed.
type ledger struct {
	acknowledged int
	kept         map[string]bool              // contents nobody began to drop
	parts        map[string]map[string]string // by transfer: hashes of the parts by number
}

// killed runs a process until it has acknowledged so many things, and kills it a moment later.
func killed(t *testing.T, dir string, enough int, moment time.Duration) ledger {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashDir+"="+dir)
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var complaint bytes.Buffer
	child.Stderr = &complaint
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	l := ledger{kept: map[string]bool{}, parts: map[string]map[string]string{}}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // killed; half a line is no acknowledgement
		}
		l.note(strings.Fields(line))
		if l.acknowledged == enough {
			time.AfterFunc(moment, func() { child.Process.Kill() })
		}
	}
	child.Wait()
	if complaint.Len() > 0 {
		t.Fatal(complaint.String())
	}
	return l
}

func (l *ledger) note(words []string) {
	switch words[0] {
	case "kept":
		l.acknowledged++
		l.kept[words[1]] = true
	case "dropping":
		delete(l.kept, words[1])
	case "part":
		l.acknowledged++
		if l.parts[words[1]] == nil {
			l.parts[words[1]] = map[string]string{}
		}
		l.parts[words[1]][words[2]] = words[3]
	}
}

// inspect opens what the killed process left, compares it with the ledger, and leaves little for the next round.
func inspect(t *testing.T, dir string, l ledger) {
	t.Helper()
	db, s, err := openCrash(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	defer s.Close()
	if found, err := db.Check(t.Context()); len(found) > 0 || err != nil {
		t.Errorf("database: %q, %v", found, err)
	}
	for content := range l.kept {
		c, err := s.Read(t.Context(), db, content)
		if err != nil {
			t.Errorf("%s was acknowledged: %v", content, err)
			continue
		}
		if got := hashOf(t, c); got != content {
			t.Errorf("content %s holds %s", content, got)
		}
		c.Close()
	}
	inspectParts(t, s, l)
	if _, err := s.Sweep(t.Context(), 0); err != nil {
		t.Error(err)
	}
	wantNoTemp(t, s)
	wantSound(t, s)
	write(t, s, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE blob_contents SET uses = 0, idle_at = made_at")
		return err
	})
}

func inspectParts(t *testing.T, s *Store, l ledger) {
	t.Helper()
	for transfer, want := range l.parts {
		parts, err := s.Parts(transfer)
		if err != nil {
			t.Error(err)
		}
		got := map[string]string{}
		for _, p := range parts {
			got[strconv.FormatInt(p.Number, 10)] = hashOf(t, s.ReadParts(transfer, []Part{p}))
		}
		for number, hash := range want {
			if got[number] != hash {
				t.Errorf("part %s of %s: got %q, want %q", number, transfer, got[number], hash)
			}
		}
	}
	if _, err := s.SweepParts(t.Context(), 0); err != nil {
		t.Error(err)
	}
}

func hashOf(t *testing.T, r io.Reader) string {
	t.Helper()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		t.Error(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func openCrash(dir string) (*store.DB, *Store, error) {
	ctx, path := context.Background(), filepath.Join(dir, "tenant.db")
	db, err := store.Create(ctx, path)
	if errors.Is(err, fs.ErrExist) {
		db, err = store.Open(ctx, path)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := db.Migrate(ctx, Schema); err != nil {
		return nil, nil, err
	}
	s, err := Open(db, filepath.Join(dir, "blobs"), Floor(0))
	return db, s, err
}

// work is the life of the process that is killed: some people upload, copy, send parts and drop, a sweeper sweeps.
func work(dir string) error {
	db, s, err := openCrash(dir)
	if err != nil {
		return err
	}
	failed := make(chan error)
	var talk sync.Mutex
	say := func(words ...any) error {
		talk.Lock()
		defer talk.Unlock()
		_, err := fmt.Println(words...)
		return err
	}
	for range 4 {
		go func() {
			for {
				if err := uploads(db, s, say); err != nil {
					failed <- err
				}
			}
		}()
	}
	go func() {
		for {
			if _, err := s.Sweep(context.Background(), 0); err != nil {
				failed <- err
			}
		}
	}()
	return <-failed
}

func uploads(db *store.DB, s *Store, say func(...any) error) error {
	ctx := context.Background()
	content := random([]int{0, 100, 4096, Inline, Inline + 1, 200_000, 1_000_000}[rand.IntN(7)])
	g, err := s.Stage(ctx, bytes.NewReader(content), StageOptions{Expect: int64(len(content))})
	if err != nil {
		return err
	}
	defer g.Discard()
	if rand.IntN(8) == 0 {
		return nil // given up
	}
	if err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return s.Keep(ctx, tx, g) }); err != nil {
		return err
	}
	if len(content) > 0 { // the empty content is everybody's
		if err := say("kept", g.ID); err != nil {
			return err
		}
	}
	if len(content) > 0 && rand.IntN(3) == 0 {
		if err := say("dropping", g.ID); err != nil {
			return err
		}
		return db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return s.Drop(ctx, tx, g.ID) })
	}
	transfer := id.New()
	for number := range rand.IntN(3) {
		if _, err := s.WritePart(ctx, transfer, int64(number), bytes.NewReader(content), 0, -1); err != nil {
			return err
		}
		if err := say("part", transfer, number, g.ID); err != nil {
			return err
		}
	}
	return nil
}
