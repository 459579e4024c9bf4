package blob

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// openTest opens an empty store on a real database.
func openTest(t testing.TB) *Store {
	t.Helper()
	dir := t.TempDir()
	db, err := store.Create(t.Context(), filepath.Join(dir, "tenant.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(t.Context(), Schema); err != nil {
		t.Fatal(err)
	}
	return openOn(t, db, filepath.Join(dir, "blobs"))
}

func openOn(t testing.TB, db *store.DB, dir string) *Store {
	t.Helper()
	s, err := Open(db, dir, Floor(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func random(size int) []byte {
	b := make([]byte, size)
	rand.Read(b)
	return b
}

func hexSum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func stage(t testing.TB, s *Store, content []byte) *Staged {
	t.Helper()
	g, err := s.Stage(t.Context(), bytes.NewReader(content), StageOptions{Expect: int64(len(content))})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func keep(t testing.TB, s *Store, content []byte) string {
	t.Helper()
	g := stage(t, s, content)
	defer g.Discard()
	write(t, s, func(ctx context.Context, tx *store.Tx) error { return s.Keep(ctx, tx, g) })
	return g.ID
}

func write(t testing.TB, s *Store, fn func(context.Context, *store.Tx) error) {
	t.Helper()
	if err := s.db.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func drop(t testing.TB, s *Store, id string) {
	t.Helper()
	write(t, s, func(ctx context.Context, tx *store.Tx) error { return s.Drop(ctx, tx, id) })
}

func again(t testing.TB, s *Store, id string) {
	t.Helper()
	write(t, s, func(ctx context.Context, tx *store.Tx) error { return s.Again(ctx, tx, id) })
}

func wantContent(t testing.TB, s *Store, id string, want []byte) {
	t.Helper()
	c, err := s.Read(t.Context(), s.db, id)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) || c.Size() != int64(len(want)) {
		t.Errorf("content %s: got %d bytes, size %d, want %d bytes", id, len(got), c.Size(), len(want))
	}
}

func wantGone(t testing.TB, s *Store, id string) {
	t.Helper()
	if _, err := s.Read(t.Context(), s.db, id); !fault.Is(err, fault.NotFound) {
		t.Errorf("content %s: got %v, want not found", id, err)
	}
	if _, err := s.root.Lstat(id[:2] + "/" + id); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("file of %s: got %v, want none", id, err)
	}
}

// wantSound says that a deep check finds nothing.
func wantSound(t testing.TB, s *Store) {
	t.Helper()
	if found, err := s.Check(t.Context(), true); len(found) > 0 || err != nil {
		t.Errorf("check: got %q, %v, want nothing", found, err)
	}
}

// wantNothing says that neither a content nor a temporary file is there.
func wantNothing(t testing.TB, s *Store) {
	t.Helper()
	dirs, err := s.entries(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		files, err := s.entries(d.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			t.Errorf("%s/%s is left over", d.Name(), f.Name())
		}
	}
}

func sweep(t testing.TB, s *Store, want int) {
	t.Helper()
	got, err := s.Sweep(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("sweep removed %d, want %d", got, want)
	}
}

func TestContentsOfEverySizeComeBackAsTheyWere(t *testing.T) {
	s := openTest(t)
	for _, size := range []int{0, 1, 4096, Inline - 1, Inline, Inline + 1, blockSize - 1, blockSize, blockSize + 1, 3*blockSize + 5} {
		content := random(size)
		g, err := s.Stage(t.Context(), bytes.NewReader(content), StageOptions{SHA1: true, MD5: true, Expect: -1})
		if err != nil {
			t.Fatal(err)
		}
		sum := sha1.Sum(content)
		if want := hex.EncodeToString(sum[:]); g.SHA1 != want {
			t.Errorf("%d bytes: SHA-1 got %s, want %s", size, g.SHA1, want)
		}
		if want := hexSum(content); g.ID != want {
			t.Errorf("%d bytes: id got %s, want %s", size, g.ID, want)
		}
		if len(g.MD5) != 32 {
			t.Errorf("%d bytes: MD5 got %q", size, g.MD5)
		}
		write(t, s, func(ctx context.Context, tx *store.Tx) error { return s.Keep(ctx, tx, g) })
		g.Discard()
		wantContent(t, s, g.ID, content)
		_, err = s.root.Lstat(g.ID[:2] + "/" + g.ID)
		if isFile := err == nil; isFile != (size > Inline) {
			t.Errorf("%d bytes: is a file: %v", size, isFile)
		}
	}
	wantSound(t, s)
}

func TestALargeContentIsAFileTheKernelCanSend(t *testing.T) {
	s := openTest(t)
	c, err := s.Read(t.Context(), s.db, keep(t, s, random(Inline+1)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if f, ok := c.(*File); !ok || f.File == nil {
		t.Errorf("got %T, want *File", c)
	}
}

func TestFilesAndFoldersAreForTheServiceAlone(t *testing.T) {
	s := openTest(t)
	keep(t, s, random(Inline+1))
	if _, err := s.WritePart(t.Context(), "abc-1", 1, bytes.NewReader([]byte("x")), 0, -1); err != nil {
		t.Fatal(err)
	}
	err := filepath.Walk(s.root.Name(), func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		want := os.FileMode(0o600)
		if info.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: mode %o, want %o", path, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAWrongLengthIsRefused(t *testing.T) {
	for _, size := range []int{10, Inline + 10, 4 * blockSize} {
		s := openTest(t)
		for name, o := range map[string]StageOptions{
			"shorter than announced": {Expect: int64(size + 1)},
			"longer than announced":  {Expect: int64(size - 1)},
			"longer than allowed":    {Expect: -1, Max: int64(size - 1)},
			"announced too long":     {Expect: int64(size), Max: int64(size - 1)},
		} {
			_, err := s.Stage(t.Context(), bytes.NewReader(random(size)), o)
			want := fault.Malformed
			if o.Max > 0 {
				want = fault.TooLarge
			}
			if !fault.Is(err, want) {
				t.Errorf("%s: got %v, want kind %d", name, err, want)
			}
		}
		wantNothing(t, s)
	}
}

// A request that breaks off ends with io.ErrUnexpectedEOF, which io.ReadFull also answers for a short last block.
func TestAnUploadThatBreaksOffIsNeverTakenForAShortOne(t *testing.T) {
	for _, size := range []int{0, 10, Inline, Inline + 10, 4 * blockSize} {
		s := openTest(t)
		for _, cause := range []error{io.ErrUnexpectedEOF, errors.New("connection reset")} {
			r := io.MultiReader(bytes.NewReader(random(size)), failing{cause})
			_, err := s.Stage(t.Context(), r, StageOptions{Expect: -1})
			if !fault.Is(err, fault.Malformed) || !errors.Is(err, cause) {
				t.Errorf("%d bytes: got %v, want a refusal because of %v", size, err, cause)
			}
		}
		wantNothing(t, s)
	}
}

func TestACancelledUploadLeavesNothing(t *testing.T) {
	s := openTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	r := io.MultiReader(bytes.NewReader(random(4*blockSize)), doing{cancel}, bytes.NewReader(random(4*blockSize)))
	if _, err := s.Stage(ctx, r, StageOptions{Expect: -1}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want cancelled", err)
	}
	wantNothing(t, s)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// doing does something in the middle of an upload.
type doing struct{ fn func() }

func (d doing) Read([]byte) (int, error) {
	d.fn()
	return 0, io.EOF
}

func TestEqualContentsAreKeptOnceUntilTheLastUseIsDropped(t *testing.T) {
	for _, size := range []int{100, Inline + 100} {
		s := openTest(t)
		content := random(size)
		id := keep(t, s, content)
		if other := keep(t, s, content); other != id {
			t.Errorf("got ids %s and %s for one content", id, other)
		}
		again(t, s, id)
		for range 2 {
			drop(t, s, id)
			sweep(t, s, 0)
			wantContent(t, s, id, content)
		}
		drop(t, s, id)
		wantContent(t, s, id, content)
		sweep(t, s, 1)
		wantGone(t, s, id)
		wantSound(t, s)
	}
}

func TestAUseThatIsNotThereCannotBeDroppedOrCopied(t *testing.T) {
	s := openTest(t)
	id := keep(t, s, random(10))
	drop(t, s, id)
	for name, fn := range map[string]func(context.Context, *store.Tx) error{
		"drop an idle one":     func(ctx context.Context, tx *store.Tx) error { return s.Drop(ctx, tx, id) },
		"drop an unknown one":  func(ctx context.Context, tx *store.Tx) error { return s.Drop(ctx, tx, hexSum(nil)) },
		"again an unknown one": func(ctx context.Context, tx *store.Tx) error { return s.Again(ctx, tx, hexSum(nil)) },
	} {
		if err := s.db.Write(t.Context(), fn); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestAWriteThatFailsKeepsNothing(t *testing.T) {
	for _, size := range []int{100, Inline + 100} {
		s := openTest(t)
		g := stage(t, s, random(size))
		refusal := errors.New("somebody was faster")
		err := s.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if err := s.Keep(ctx, tx, g); err != nil {
				return err
			}
			return refusal
		})
		if !errors.Is(err, refusal) {
			t.Fatalf("got %v, want %v", err, refusal)
		}
		g.Discard()
		wantNothing(t, s)
		wantGone(t, s, g.ID)
	}
}

func TestADiscardedContentCannotBeKept(t *testing.T) {
	s := openTest(t)
	for _, size := range []int{100, Inline + 100} {
		g := stage(t, s, random(size))
		g.Discard()
		g.Discard()
		err := s.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return s.Keep(ctx, tx, g) })
		if err == nil {
			t.Errorf("%d bytes: kept after discard", size)
		}
		wantGone(t, s, g.ID)
	}
	wantNothing(t, s)
}
