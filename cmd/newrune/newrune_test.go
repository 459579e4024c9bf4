package main

import (
	"cmp"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A new rune in a copy of the repository compiles, is formatted, keeps the house's rules and passes its own tests at once.
func TestANewRuneStandsAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a house")
	}
	top := t.TempDir()
	copyHouse(t, "../..", top)
	if err := write(top, "inspections", ""); err != nil {
		t.Fatal(err)
	}
	// Paths are trimmed, so that what was compiled before for the program itself is not compiled again.
	for _, line := range []string{
		"go run mvdan.cc/gofumpt@v0.12.0 -l runes/inspections cmd/runes/installed.go",
		"go test -trimpath ./runes/inspections ./platform/archtest",
		"go test -trimpath ./cmd/runes -run SiteMap|FitTogether -update",
	} {
		words := strings.Fields(line)
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Dir, cmd.Env = top, append(os.Environ(), "CGO_ENABLED=0")
		out, err := cmd.CombinedOutput()
		if err != nil || words[1] == "run" && len(out) > 0 {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
	}
	routes, err := os.ReadFile(filepath.Join(top, "cmd/runes/testdata/routes.golden"))
	if err != nil || !strings.Contains(string(routes), "/api/v1/inspections/inspections") {
		t.Errorf("its API is not on the site map: %v", err)
	}
	if err := write(top, "inspections", ""); err == nil {
		t.Error("a rune of the same name was written over it")
	}
}

// copyHouse copies the sources.
func copyHouse(t *testing.T, from, to string) {
	t.Helper()
	skipped := map[string]bool{".git": true, "node_modules": true, "bin": true, "dist": true, "packaging": true, "test-results": true}
	err := filepath.WalkDir(from, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, file)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if skipped[d.Name()] {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), raw, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNamesThatAreInTheWay(t *testing.T) {
	for name, noun := range map[string]string{
		"contacts": "", "Tickets": "", "go": "", "my_rune": "", "select": "", "search": "", "preferences": "", "identity": "", "../evil": "",
		"tickets": "rune", "events": "", "bookings": "two words",
	} {
		if err := check("../..", name, cmp.Or(noun, singular(name))); err == nil {
			t.Errorf("%q with the noun %q was accepted", name, noun)
		}
	}
	for one, many := range map[string]string{"ticket": "tickets", "company": "companies", "box": "boxes", "branch": "branches", "day": "days"} {
		if got := plural(one); got != many {
			t.Errorf("more than one %s: %s", one, got)
		}
	}
}
