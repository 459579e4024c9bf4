package blob

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// plant puts a link into the store's folder.
func plant(t *testing.T, s *Store, target, name string) {
	t.Helper()
	path := filepath.Join(s.root.Name(), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

func TestALinkInAContentsPlaceIsNotFollowed(t *testing.T) {
	content := random(Inline + 1)
	id := hexSum(content)
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{
		"outside":  outside,
		"inside":   "../copy",
		"dangling": "../nothing",
	} {
		s := openTest(t)
		keep(t, s, content)
		if err := os.WriteFile(filepath.Join(s.root.Name(), "copy"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		plant(t, s, target, id[:2]+"/"+id)
		if _, err := s.Read(t.Context(), s.db, id); err == nil {
			t.Errorf("%s: a link was followed", name)
		}
		// A new upload of the same content puts the file back and leaves the link's target alone.
		keep(t, s, content)
		wantContent(t, s, id, content)
	}
	wantFile(t, outside, content)
}

func TestALinkInAFoldersPlaceIsNotFollowed(t *testing.T) {
	content := random(Inline + 1)
	id := hexSum(content)
	elsewhere := t.TempDir()
	for name, target := range map[string]string{"outside": elsewhere, "inside": "parts", "dangling": "nothing"} {
		s := openTest(t)
		plant(t, s, target, id[:2])
		if _, err := s.Stage(t.Context(), bytes.NewReader(content), StageOptions{Expect: -1}); err == nil {
			t.Errorf("%s: a content went through a link", name)
		}
		plant(t, s, target, partsDir+"/abc")
		if _, err := s.WritePart(t.Context(), "abc", 1, bytes.NewReader(content), 0, -1); err == nil {
			t.Errorf("%s: a part went through a link", name)
		}
		wantNoTemp(t, s)
	}
	if left, err := os.ReadDir(elsewhere); err != nil || len(left) > 0 {
		t.Errorf("got %v, %v outside, want nothing", left, err)
	}
}

func TestLinksAreReportedAndNeverSweptThrough(t *testing.T) {
	s := openTest(t)
	precious := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(precious, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	id := hexSum([]byte("precious"))
	plant(t, s, precious, id[:2]+"/"+id)
	plant(t, s, filepath.Dir(precious), "zz")
	plant(t, s, filepath.Dir(precious), partsDir+"/abc")
	wantSet(t, s, true, map[string]bool{id[:2] + "/" + id + " does not belong here": true, "zz does not belong here": true})
	sweep(t, s, 0)
	if _, err := s.SweepParts(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	wantFile(t, precious, []byte("precious"))
	if _, err := os.Lstat(filepath.Join(s.root.Name(), partsDir, "abc")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the link among the parts: got %v, want removed", err)
	}
}

func wantFile(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s: got %d bytes, %v, want it untouched", path, len(got), err)
	}
}
