package blob

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"runes.im/platform/store"
)

func TestSweepSparesWhatIsStagedOrBeingWritten(t *testing.T) {
	s := openTest(t)
	content := random(Inline + 1)
	g := stage(t, s, content)
	half, err := s.newTemp()
	if err != nil {
		t.Fatal(err)
	}
	sweep(t, s, 0)
	write(t, s, func(ctx context.Context, tx *store.Tx) error { return s.Keep(ctx, tx, g) })
	sweep(t, s, 0)
	g.Discard()
	sweep(t, s, 0)
	wantContent(t, s, g.ID, content)
	if _, err := s.root.Lstat(half.name); err != nil {
		t.Errorf("a file being written is gone: %v", err)
	}
	half.clear()
	wantSound(t, s)
}

func TestAContentThatIsUsedAgainBeforeTheSweepStays(t *testing.T) {
	for _, size := range []int{100, Inline + 100} {
		s := openTest(t)
		content := random(size)
		id := keep(t, s, content)
		drop(t, s, id)
		again(t, s, id)
		sweep(t, s, 0)
		drop(t, s, id)
		keep(t, s, content)
		sweep(t, s, 0)
		wantContent(t, s, id, content)
	}
}

func TestSweepWaitsForTheAge(t *testing.T) {
	s := openTest(t)
	id := keep(t, s, random(Inline+1))
	drop(t, s, id)
	leave(t, s, tempDir+"/0190-left")
	leave(t, s, "ab/ab"+hexSum(nil)[2:])
	if n, err := s.Sweep(t.Context(), time.Hour); n != 0 || err != nil {
		t.Errorf("got %d removed, %v, want 0", n, err)
	}
	sweep(t, s, 3)
	wantNothing(t, s)
}

// leave puts a file where a process that was killed may have left one.
func leave(t *testing.T, s *Store, name string) {
	t.Helper()
	path := filepath.Join(s.root.Name(), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("left over"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCheckFindsEveryDamageAndSweepRemovesOrphans(t *testing.T) {
	s := openTest(t)
	ids := map[string]string{}
	for _, name := range []string{"missing", "shorter", "altered"} {
		ids[name] = keep(t, s, random(Inline+1))
	}
	ids["altered row"], ids["shorter row"] = keep(t, s, random(100)), keep(t, s, random(100))
	orphan := hexSum([]byte("orphan"))
	leave(t, s, orphan[:2]+"/"+orphan)
	leave(t, s, "readme.txt")
	path := func(id string) string { return filepath.Join(s.root.Name(), id[:2], id) }
	if err := os.Remove(path(ids["missing"])); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path(ids["shorter"]), 5); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path(ids["altered"]), make([]byte, Inline+1), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, s, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, "UPDATE blob_contents SET data = zeroblob(100) WHERE id = ?", ids["altered row"]); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE blob_contents SET data = zeroblob(99) WHERE id = ?", ids["shorter row"])
		return err
	})
	want := map[string]bool{
		"content " + ids["missing"] + ": its file is missing":                                                   true,
		"content " + ids["shorter"] + ": content " + ids["shorter"] + ": the file has 5 bytes instead of 65537": true,
		"content " + ids["altered"] + ": the bytes do not match its name":                                       true,
		"content " + ids["altered row"] + ": the bytes do not match its name":                                   true,
		"content " + ids["shorter row"] + ": the row holds 99 bytes instead of 100":                             true,
		orphan[:2] + "/" + orphan + " has no row":                                                               true,
		"readme.txt does not belong here":                                                                       true,
	}
	wantSet(t, s, true, want)
	delete(want, "content "+ids["altered"]+": the bytes do not match its name")
	delete(want, "content "+ids["altered row"]+": the bytes do not match its name")
	wantSet(t, s, false, want)
	sweep(t, s, 1)
	delete(want, orphan[:2]+"/"+orphan+" has no row")
	wantSet(t, s, false, want)
}

func wantSet(t *testing.T, s *Store, deep bool, want map[string]bool) {
	t.Helper()
	got, err := s.Check(t.Context(), deep)
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range got {
		if !want[what] {
			t.Errorf("found %q, which is not so", what)
		}
	}
	if len(got) != len(want) {
		t.Errorf("found %q, want %v", got, want)
	}
}

func TestMoreContentsThanOneBatch(t *testing.T) {
	s := openTest(t)
	const n = 2*batch + 3
	for i := range n {
		drop(t, s, keep(t, s, []byte(fmt.Sprint("content ", i))))
	}
	wantSound(t, s)
	sweep(t, s, n)
	wantSound(t, s)
}

// Many people store, copy and drop the same few contents while the sweeper takes everything that nobody uses. Each
// content that somebody counts on must be there whole, at every moment.
func TestSweepNeverTakesAContentThatSomebodyUses(t *testing.T) {
	s := openTest(t)
	contents := [][]byte{random(100), random(Inline + 1), random(Inline + 2), random(2 * blockSize)}
	done := make(chan struct{})
	var sweeper, people sync.WaitGroup
	sweeper.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			if _, err := s.Sweep(t.Context(), 0); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for person := range 6 {
		people.Go(func() {
			for i := range 40 {
				content := contents[(person+i)%len(contents)]
				if (person+i)%7 == 0 {
					stage(t, s, content).Discard() // given up
					continue
				}
				id := keep(t, s, content)
				wantContent(t, s, id, content)
				again(t, s, id)
				drop(t, s, id)
				wantContent(t, s, id, content)
				drop(t, s, id)
			}
		})
	}
	people.Wait()
	close(done)
	sweeper.Wait()
	if _, err := s.Sweep(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	wantNothing(t, s)
	wantSound(t, s)
}

// The caller gives up while his write runs: the write is kept or it fails, but a row never stands without its file.
func TestAContentDiscardedDuringItsWriteIsWholeOrAbsent(t *testing.T) {
	s := openTest(t)
	for range 30 {
		g := stage(t, s, random(Inline+1))
		began := make(chan struct{})
		var write sync.WaitGroup
		write.Go(func() {
			_ = s.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { // either outcome is right
				close(began)
				return s.Keep(ctx, tx, g)
			})
		})
		<-began
		g.Discard()
		write.Wait()
		sweep(t, s, 0)
	}
	wantSound(t, s)
}
