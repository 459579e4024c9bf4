package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"runes.im/platform/words"
	"runes.im/platform/words/wordtest"
)

func TestEveryTextExistsInEveryLanguageAndIsRead(t *testing.T) {
	top := top(t)
	book, err := words.Load(wordFolders(t, top)...)
	if err != nil {
		t.Fatal(err)
	}
	uses, err := wordtest.Scan(top)
	if err != nil {
		t.Fatal(err)
	}
	shown := inManifests(t, top)
	for _, complaint := range wordtest.Missing(book, uses, shown...) {
		t.Error(complaint)
	}
	begun := begunKeys(t, top)
	for _, key := range wordtest.Unused(book, uses, shown...) {
		if !hasBeginning(key, begun) {
			t.Errorf("nobody reads the text %s", key)
		}
	}
}

func wordFolders(t *testing.T, top string) []fs.FS {
	t.Helper()
	var folders []fs.FS
	for _, pattern := range []string{"platform/*/words", "ui/words", "runes/*/words"} {
		found, err := filepath.Glob(filepath.Join(top, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, folder := range found {
			folders = append(folders, os.DirFS(folder))
		}
	}
	return folders
}

// inManifests is the keys that the house asks for because of what a manifest says.
func inManifests(t *testing.T, top string) []string {
	var keys []string
	for _, m := range manifests(t, top) {
		for _, s := range m.UIHooks.Sidebar {
			keys = append(keys, m.Name+".nav."+s.Key)
		}
	}
	return keys
}

var (
	inQuotes = regexp.MustCompile("\"([a-z][a-z0-9_.]*[._])(?:%[a-z][^\"]*)?\"|'([a-z][a-z0-9_.]*[._])'|`([a-z][a-z0-9_.]*[._])\\$")
	goSource = regexp.MustCompile(`\.(go|html|ts)$`)
)

// begunKeys is the beginnings of keys that a program completes: "storage.kind_" + kind.
func begunKeys(t *testing.T, top string) []string {
	t.Helper()
	var begun []string
	err := Walk(top, func(name string) error {
		if !goSource.MatchString(name) || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		raw, err := os.ReadFile(filepath.Join(top, name))
		for _, m := range inQuotes.FindAllStringSubmatch(string(raw), -1) {
			if begin := m[1] + m[2] + m[3]; strings.Contains(begin, ".") {
				begun = append(begun, begin)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return begun
}

func hasBeginning(key string, begun []string) bool {
	for _, b := range begun {
		if strings.HasPrefix(key, b) {
			return true
		}
	}
	return false
}
