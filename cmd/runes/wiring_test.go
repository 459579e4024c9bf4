package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"runes.im/platform/app"
	"runes.im/platform/config"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/web"
)

var update = flag.Bool("update", false, "write the expected files anew")

// The installed runes fit together: LoadAll finds permissions given twice, listeners that nobody calls, and fields that
// the emitter's event does not have.
func TestInstalledRunesFitTogether(t *testing.T) {
	if _, err := runekit.LoadAll(installed(), app.Events()); err != nil {
		t.Error(err)
	}
}

// A11: the whole site map with who may enter, reviewed as text. A route cannot exist without a permission; this file
// shows when one changes.
func TestSiteMap(t *testing.T) {
	h := runetest.Start(t, installed(), func(c *config.Config) { c.Dev = true })
	site, _, err := h.App.Site()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range site.Routes() {
		if r.Method == http.MethodHead {
			continue // stands beside every GET
		}
		who := r.Permission
		switch {
		case r.Scope == web.Public:
			who = web.Public
		case r.Scope == "api":
			who += ", with an API token"
		case r.Scope != "":
			who += ", with an app password for " + r.Scope
		}
		if r.Optional {
			who += ", or nobody"
		}
		fmt.Fprintf(&b, "%-5s %-42s %s\n", r.Method, r.Pattern, who)
		if who == "" {
			t.Errorf("%s %s names nobody who may enter", r.Method, r.Pattern)
		}
	}
	file := filepath.Join("testdata", "routes.golden")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, now := strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")
	for _, line := range now {
		if !slices.Contains(before, line) {
			t.Errorf("new:  %s", line)
		}
	}
	for _, line := range before {
		if !slices.Contains(now, line) {
			t.Errorf("gone: %s", line)
		}
	}
	if t.Failed() {
		t.Log("the site map changed; if it is meant, run: go test ./cmd/runes -run SiteMap -update")
	}
}
