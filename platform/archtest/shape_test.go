package archtest

import (
	"go/ast"
	"go/build"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const maxLines = 400

func TestNoFileHasGrownOverFourHundredLines(t *testing.T) {
	top := top(t)
	err := Walk(top, func(name string) error {
		switch filepath.Ext(name) {
		case ".go", ".ts", ".css", ".html":
		default:
			return nil
		}
		text, err := os.ReadFile(filepath.Join(top, name))
		if err != nil {
			return err
		}
		if n := strings.Count(string(text), "\n"); n > maxLines {
			t.Errorf("%s has %d lines, want at most %d: it is probably two nouns", name, n, maxLines)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	said := map[string]bool{}
	for _, s := range sources(t) {
		if !s.Test {
			said[s.Dir] = said[s.Dir] || s.File.Doc != nil && strings.TrimSpace(s.File.Doc.Text()) != ""
		}
	}
	for dir, ok := range said {
		if !ok {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

func TestNamesSayWhatIsInside(t *testing.T) {
	empty := map[string]bool{"util": true, "utils": true, "common": true, "helpers": true, "types": true, "base": true, "manager": true}
	for _, s := range sources(t) {
		if empty[s.File.Name.Name] {
			t.Errorf("%s: package %s says nothing about what is in it", s.Path, s.File.Name.Name)
		}
	}
}

// T3: a handle to a database is made in one room, so that module code holds one tenant's and no other.
func TestOnlyThePlatformOpensDatabases(t *testing.T) {
	opens := map[string][]string{
		"database/sql.Open":             {"platform/store"},
		"database/sql.OpenDB":           {"platform/store"},
		module + "platform/store.Open":  {"platform/store", "platform/tenant", "platform/app"},
		module + "platform/tenant.Open": {"platform/tenant", "platform/app"},
	}
	for _, s := range sources(t) {
		if s.Test || s.Dir == "platform/runetest" {
			continue
		}
		names := importNames(s)
		ast.Inspect(s.File, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			called := names[pkg.Name] + "." + sel.Sel.Name
			if inside := opens[called]; inside != nil && !within(s.Dir, inside...) {
				t.Errorf("%s uses %s, which belongs into %s", s.Path, called, strings.Join(inside, ", "))
			}
			return true
		})
	}
}

func importNames(s Source) map[string]string {
	names := map[string]string{}
	for n, path := range s.Imports() {
		name := path[strings.LastIndexByte(path, '/')+1:]
		if i := s.File.Imports[n]; i.Name != nil {
			name = i.Name.Name
		}
		names[name] = path
	}
	return names
}

// The driver is tried with one version of its C library in Go and breaks in subtle ways with another.
func TestLibcIsTheOneSqliteWants(t *testing.T) {
	ours, err := os.ReadFile(filepath.Join(top(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	driver := version(string(ours), "modernc.org/sqlite")
	cache := os.Getenv("GOMODCACHE")
	if cache == "" {
		cache = filepath.Join(build.Default.GOPATH, "pkg", "mod")
	}
	theirs, err := os.ReadFile(filepath.Join(cache, "cache", "download", "modernc.org", "sqlite", "@v", driver+".mod"))
	if err != nil {
		t.Fatal(err)
	}
	got, want := version(string(ours), "modernc.org/libc"), version(string(theirs), "modernc.org/libc")
	if got != want || want == "" {
		t.Errorf("modernc.org/libc is %q, want %q as sqlite %s pins it", got, want, driver)
	}
}

func version(mod, pkg string) string {
	found := regexp.MustCompile(regexp.QuoteMeta(pkg) + ` (v\S+)`).FindStringSubmatch(mod)
	if found == nil {
		return ""
	}
	return found[1]
}
