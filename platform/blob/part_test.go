package blob

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"runes.im/platform/fault"
)

func writePart(t *testing.T, s *Store, transfer string, number int64, content []byte) {
	t.Helper()
	p, err := s.WritePart(t.Context(), transfer, number, bytes.NewReader(content), 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Part{Number: number, Size: int64(len(content))}); p != want {
		t.Errorf("got %v, want %v", p, want)
	}
}

func TestPartsBecomeOneContentInTheOrderOfTheirNumbers(t *testing.T) {
	s := openTest(t)
	pieces := map[int64][]byte{0: random(5), 9: random(Inline), 10: nil, 1000000000000000: random(blockSize + 1)}
	for number, p := range pieces {
		writePart(t, s, "abc-123", number, p)
	}
	writePart(t, s, "abc-123", 9, pieces[9]) // sent again after a lost answer
	writePart(t, s, "other", 1, random(10))
	s = openOn(t, s.db, s.root.Name()) // parts survive a restart
	parts, err := s.Parts("abc-123")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprint([]Part{{0, 5}, {9, Inline}, {10, 0}, {1000000000000000, blockSize + 1}})
	if got := fmt.Sprint(parts); got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	r := s.ReadParts("abc-123", parts)
	whole := bytes.Join([][]byte{pieces[0], pieces[9], pieces[1000000000000000]}, nil)
	g, err := s.Stage(t.Context(), r, StageOptions{Expect: int64(len(whole))})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Discard()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if want := hexSum(whole); g.ID != want {
		t.Errorf("got %s, want %s", g.ID, want)
	}
	for range 2 {
		if err := s.DropParts("abc-123"); err != nil {
			t.Fatal(err)
		}
	}
	if parts, err := s.Parts("abc-123"); len(parts) != 0 || err != nil {
		t.Errorf("got %v, %v, want none", parts, err)
	}
	if parts, err := s.Parts("other"); len(parts) != 1 || err != nil {
		t.Errorf("the other transfer: got %v, %v, want one", parts, err)
	}
	// The folder is made anew, also when this process has made it before.
	writePart(t, s, "abc-123", 1, random(10))
	if err := s.DropParts("abc-123"); err != nil {
		t.Fatal(err)
	}
	writePart(t, s, "abc-123", 1, random(10))
}

func TestAPartOfTheWrongLengthIsRefused(t *testing.T) {
	s := openTest(t)
	content := random(100)
	for name, c := range map[string]struct {
		r             io.Reader
		limit, expect int64
		want          fault.Kind
	}{
		"too large":          {bytes.NewReader(content), 99, -1, fault.TooLarge},
		"announced too long": {bytes.NewReader(content), 99, 100, fault.TooLarge},
		"cut off":            {bytes.NewReader(content), 0, 101, fault.Malformed},
		"broken off":         {io.MultiReader(bytes.NewReader(content), failing{io.ErrUnexpectedEOF}), 0, -1, fault.Malformed},
	} {
		if _, err := s.WritePart(t.Context(), "abc", 1, c.r, c.limit, c.expect); !fault.Is(err, c.want) {
			t.Errorf("%s: got %v, want kind %d", name, err, c.want)
		}
	}
	wantNothing(t, s)
}

func TestATransferIsNamedByAnInternalID(t *testing.T) {
	s := openTest(t)
	for _, name := range []string{"", ".", "..", "../ab", "a/b", "CON", "a b", "ü", "a\x00b", string(bytes.Repeat([]byte("a"), 65))} {
		if _, err := s.WritePart(t.Context(), name, 1, bytes.NewReader(nil), 0, -1); err == nil {
			t.Errorf("%q was taken", name)
		}
		if _, err := s.Parts(name); err == nil {
			t.Errorf("%q was listed", name)
		}
		if err := s.DropParts(name); err == nil {
			t.Errorf("%q was dropped", name)
		}
		if _, err := io.ReadAll(s.ReadParts(name, []Part{{1, 1}})); err == nil {
			t.Errorf("%q was read", name)
		}
	}
	if _, err := s.WritePart(t.Context(), "abc", -1, bytes.NewReader(nil), 0, -1); err == nil {
		t.Error("a negative number was taken")
	}
}

func TestForgottenTransfersGo(t *testing.T) {
	s := openTest(t)
	writePart(t, s, "old", 1, random(10))
	writePart(t, s, "new", 1, random(10))
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := s.root.Chtimes(partsDir+"/old", yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	if n, err := s.SweepParts(t.Context(), 24*time.Hour); n != 1 || err != nil {
		t.Errorf("got %d dropped, %v, want 1", n, err)
	}
	if _, err := s.root.Lstat(partsDir + "/old"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old one: %v, want gone", err)
	}
	if parts, err := s.Parts("new"); len(parts) != 1 || err != nil {
		t.Errorf("the new one: got %v, %v, want one part", parts, err)
	}
}

func TestAPartThatShrankIsNoContent(t *testing.T) {
	s := openTest(t)
	writePart(t, s, "abc", 1, random(10))
	_, err := s.Stage(t.Context(), s.ReadParts("abc", []Part{{1, 11}}), StageOptions{Expect: -1})
	if err == nil || fault.Of(err) != nil {
		t.Errorf("got %v, want a failure of ours, not a fault of the sender", err)
	}
}
