package archtest

import (
	"strings"
	"testing"
)

// fences name the folders that may import a package; everybody else may not.
var fences = map[string][]string{
	"github.com/go-chi/chi":                      {"platform/web"},
	"github.com/microcosm-cc/bluemonday":         {"platform/rich"},
	"github.com/yuin/goldmark":                   {"platform/rich"},
	"github.com/uptrace/bun":                     {"platform/store", "runes/"},
	"github.com/mustafaturan/bus":                {"platform/event"},
	"golang.org/x/net/webdav":                    {"runes/storage"},
	"modernc.org/sqlite":                         {"platform/store"},
	"github.com/spf13/cobra":                     {"cmd/"},
	"github.com/oschwald/maxminddb-golang":       {"platform/place"},
	"github.com/BurntSushi/toml":                 {"platform/config"},
	"golang.org/x/crypto/acme":                   {"platform/cert"},
	"golang.org/x/crypto/argon2":                 {"platform/identity"},
	"golang.org/x/image":                         {"platform/picture"},
	"github.com/go-webauthn/webauthn":            {"platform/identity"},
	"github.com/boombuler/barcode":               {"platform/picture", "runes/designer"},
	"github.com/xuri/excelize":                   {"platform/sheet"},
	"github.com/phpdave11/gofpdf":                {"runes/designer"},
	"github.com/emersion/go-smtp":                {"platform/mail", "runes/mail"},
	"github.com/rogpeppe/go-internal/testscript": {"platform/runetest"},
}

// forTests are fenced in the product only: tests damage a database with the driver itself, and run stories.
var forTests = map[string]bool{"modernc.org/sqlite": true, "github.com/rogpeppe/go-internal/testscript": true}

// forbidden is not used by anything that ships: no other programs, no unchecked memory, no templates that do not
// escape, no guessable random numbers.
var forbidden = []string{"os/exec", "unsafe", "text/template", "math/rand", "math/rand/v2", "C"}

// tools are programs that build or measure and never ship.
var tools = []string{"ui/build", "cmd/bench"}

func isTool(dir string) bool { return within(dir, tools...) }

// within reports whether dir is one of the folders or lies below one; a name that ends in / means only what is below.
func within(dir string, folders ...string) bool {
	for _, f := range folders {
		if dir == strings.TrimSuffix(f, "/") || strings.HasPrefix(dir, strings.TrimSuffix(f, "/")+"/") {
			return true
		}
	}
	return false
}

// imports says what is wrong with a file in dir importing pkg; empty when nothing is.
func wrongImport(dir string, test bool, pkg string) string {
	product := !test && !isTool(dir) && dir != "platform/runetest"
	if product {
		for _, f := range forbidden {
			if pkg == f {
				return "is not used in the product"
			}
		}
	}
	for fenced, inside := range fences {
		if (pkg == fenced || strings.HasPrefix(pkg, fenced+"/")) && !within(dir, inside...) && !isTool(dir) && !(test && forTests[fenced]) {
			return "belongs into " + strings.Join(inside, ", ")
		}
	}
	own, ours := strings.CutPrefix(pkg, module)
	if !ours {
		return ""
	}
	return wrongDirection(dir, test, own)
}

func wrongDirection(dir string, test bool, own string) string {
	switch {
	case within(dir, "assets", "data"):
		return "assets and data import nothing of the house"
	case within(own, "cmd") && dir != own:
		return "nobody imports a command"
	case within(dir, "platform"):
		if within(own, "runes") {
			return "the platform knows no rune"
		}
		if own == "platform/app" && !test && !within(dir, "platform/app", "platform/runetest") {
			return "only commands stand on app"
		}
	case within(dir, "runes"):
		if within(own, "runes") && !within(own, rune(dir)) {
			return "a rune never imports another"
		}
		if own == "platform/app" || within(own, "platform/shell") {
			return "a rune stands on rooms, not on what composes them"
		}
		if within(own, "platform/runetest", "platform/archtest") && !test {
			return "is for tests"
		}
	}
	return ""
}

// rune is the top folder of the rune that dir belongs to.
func rune(dir string) string { return strings.Join(strings.SplitN(dir, "/", 3)[:2], "/") }

func TestImportsKeepTheDirections(t *testing.T) {
	for _, s := range sources(t) {
		for _, pkg := range s.Imports() {
			if wrong := wrongImport(s.Dir, s.Test, pkg); wrong != "" {
				t.Errorf("%s imports %s: %s", s.Path, pkg, wrong)
			}
		}
	}
}

func TestBreachesAreSeen(t *testing.T) {
	cases := []struct {
		name, dir string
		test      bool
		pkg       string
		allowed   bool
	}{
		{"a rune on another rune", "runes/contacts", false, "runes.im/runes/storage", false},
		{"a rune's test on another rune", "runes/contacts", true, "runes.im/runes/storage", false},
		{"a rune on its own engine", "runes/designer", false, "runes.im/runes/designer/layout", true},
		{"an engine on its rune's sibling", "runes/designer/layout", false, "runes.im/runes/designer/font", true},
		{"a rune with a longer name", "runes/storage", false, "runes.im/runes/storages", false},
		{"a rune on app", "runes/storage", false, "runes.im/platform/app", false},
		{"a rune's test on runetest", "runes/storage", true, "runes.im/platform/runetest", true},
		{"the platform on a rune", "platform/web", false, "runes.im/runes/storage", false},
		{"a room on app", "platform/web", false, "runes.im/platform/app", false},
		{"data on a room", "data", false, "runes.im/platform/store", false},
		{"a rune on the database driver", "runes/storage", false, "modernc.org/sqlite", false},
		{"a test that damages a database", "platform/tenant", true, "modernc.org/sqlite", true},
		{"a rune on bun", "runes/storage", false, "github.com/uptrace/bun", true},
		{"a room on bun", "platform/identity", false, "github.com/uptrace/bun", false},
		{"a rune on chi", "runes/storage", false, "github.com/go-chi/chi/v5", false},
		{"a room that starts programs", "platform/web", false, "os/exec", false},
		{"a test that starts programs", "cmd/runes", true, "os/exec", true},
		{"the asset build that starts nothing of ours", "ui/build", false, "os/exec", true},
		{"guessable numbers", "platform/id", false, "math/rand/v2", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if wrong := wrongImport(c.dir, c.test, c.pkg); (wrong == "") != c.allowed {
				t.Errorf("allowed %v (%s), want %v", wrong == "", wrong, c.allowed)
			}
		})
	}
}

func sources(t *testing.T) []Source {
	t.Helper()
	all, err := Sources(top(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("found %d sources, want the whole house", len(all))
	}
	return all
}

func top(t *testing.T) string {
	t.Helper()
	dir, err := Top()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
