package main

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"runes.im/platform/config"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
)

// lived is a house in which somebody left something behind every kind of door: files, versions, trash, an upload in
// pieces, an app password, a program that waits to be let in.
type lived struct {
	*runetest.House
	owner    *runetest.Person
	device   *runetest.Person
	transfer string // an upload of the page that is not finished
	flow     string // the address of the page where a program waits
	poll     string // and what it asks with
}

func newLived(t *testing.T) *lived {
	t.Helper()
	l := &lived{House: runetest.Start(t, installed(), func(c *config.Config) { c.Dev = true })}
	l.owner = l.Person("view_storage", "desktop_sync")
	l.device = l.owner.Device("sync")
	// Numbers that nobody in the other organisation has.
	err := l.Tenant("acme").DB.Write(l.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO sqlite_sequence (name, seq) VALUES ('storage_nodes', 700000)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	root := "/remote.php/dav/files/" + l.owner.ID
	for _, r := range [][3]string{
		{"MKCOL", "/Folder", ""},
		{"PUT", "/Folder/in it.txt", "inside"},
		{"PUT", "/report.txt", "first"},
		{"PUT", "/report.txt", "second"},
		{"PUT", "/gone.txt", "deleted"},
		{"DELETE", "/gone.txt", ""},
	} {
		if a := l.device.Do(r[0], root+strings.ReplaceAll(r[1], " ", "%20"), strings.NewReader(r[2]), nil); a.StatusCode >= 300 {
			t.Fatalf("%v: %s", r, a.Status)
		}
	}
	a := l.owner.Post("/storage/transfer", url.Values{"folder": {match(t, topFolder, l.owner.Get("/storage").Text)}, "path": {"large"}, "size": {"5"}})
	l.transfer = match(t, `"transfer":"([^"]+)"`, a.Text)
	a = l.Visitor("acme").Do(http.MethodPost, "/index.php/login/v2", nil, http.Header{"User-Agent": {"a program"}})
	l.poll = match(t, `"token":"([^"]+)"`, a.Text)
	l.flow = match(t, `"login":"[^"]*(/storage/connect/[^"]+)"`, a.Text)
	return l
}

// topFolder is the number of the folder on a page of the file browser.
const topFolder = `data-folder="(\d+)"`

func match(t *testing.T, pattern, text string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("%s is not in\n%s", pattern, text)
	}
	return m[1]
}

var localPath = regexp.MustCompile(`(?:href|src|action|formaction|value|data-[a-z-]+)="(/[^"]*)"`)

// crawl opens every page that leads from one to the next, and calls seen with each answer. It returns every local
// address that stands anywhere on them.
func crawl(p *runetest.Person, seen func(path string, a *runetest.Answer), start ...string) []string {
	const most = 400
	known, queue := map[string]bool{}, start
	for _, path := range start {
		known[path] = true
	}
	for at := 0; at < len(queue) && at < most; at++ {
		a := p.Get(queue[at])
		seen(queue[at], a)
		found := localPath.FindAllStringSubmatch(a.Text, -1)
		if to := a.Header.Get("Location"); strings.HasPrefix(to, "/") {
			found = append(found, []string{"", to})
		}
		for _, m := range found {
			path, _, _ := strings.Cut(html.UnescapeString(m[1]), "#")
			if !known[path] && !strings.HasPrefix(path, "//") && path != "/live" {
				known[path] = true
				queue = append(queue, path)
			}
		}
	}
	return queue
}

var (
	inlineScript = regexp.MustCompile(`(?i)<script(?:>|\s(?:[^>]*\s)?[^>]*>)[^<\s]|\son[a-z]+="|\sstyle="|javascript:|<style|<base|srcdoc=`)
	line         = regexp.MustCompile(`\.go:\d`)
)

// S4: whatever is asked for, the answer forbids what a browser should not do with it.
func TestEveryAnswerOfTheHouseProtects(t *testing.T) {
	t.Parallel()
	l := newLived(t)
	pages, doors := places(t, l.House)
	ways := []string{
		"/", "/storage", "/storage/trash", "/storage/sync", "/preferences", "/notifications", "/gallery", "/absent", "/storage/f/0", "/healthz",
		"/readyz", "/robots.txt", "/favicon.ico", "/assets/none.js", "/status.php", "/setup", l.flow,
	}
	for _, p := range append(pages, doors...) {
		if p.path != "/live" {
			ways = append(ways, p.path)
		}
	}
	kinds := map[int]int{}
	check := func(who string) func(path string, a *runetest.Answer) {
		return func(path string, a *runetest.Answer) {
			kinds[a.StatusCode]++
			csp := a.Header.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'"} {
				if !strings.Contains(csp, want) || strings.Contains(csp, "unsafe") {
					t.Errorf("%s %s: policy %q", who, path, csp)
				}
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Server": "", "X-Powered-By": ""} {
				if got := a.Header.Get(name); got != want {
					t.Errorf("%s %s: %s is %q, want %q", who, path, name, got, want)
				}
			}
			public := strings.HasPrefix(path, "/assets/") || a.StatusCode >= 300 && a.StatusCode < 400 || path == "/robots.txt" || strings.HasSuffix(path, "z")
			if kept := a.Header.Get("Cache-Control"); !public && kept != "no-store" && kept != "private, no-cache" {
				t.Errorf("%s %s: may be kept: %q", who, path, kept)
			}
			if a.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s: is open to other sites", who, path)
			}
			if strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
				if bad := inlineScript.FindString(a.Text); bad != "" {
					t.Errorf("%s %s: %q in the page", who, path, bad)
				}
			}
			if bad := tells(a.Text); bad != "" && !strings.HasPrefix(path, "/assets/") {
				t.Errorf("%s %s: shows %q", who, path, bad)
			}
		}
	}
	found := crawl(l.owner, check("somebody"), ways...)
	crawl(l.Visitor("acme"), check("a visitor"), ways...)
	for _, way := range ways[:20] {
		check("a program")(way, l.device.Get(way))
		check("a program, PROPFIND")(way, l.device.Do("PROPFIND", way, nil, nil))
	}
	if len(found) < 100 || kinds[200] < 60 || kinds[404] < 5 || kinds[401] < 2 || kinds[405] < 2 {
		t.Errorf("the crawl saw %d addresses, answers %v: too little to prove anything", len(found), kinds)
	}
}

// tells is what a text tells of the inside of the program, if anything. One word after the other is ten times as fast as one expression.
func tells(text string) string {
	for _, word := range []string{
		"SELECT ", "INSERT ", "UPDATE ", "goroutine ", "sqlite", "no such table", "no such column", "constraint failed", "runtime error", "panic:", "/tmp/", "tenant.db", "platform/",
	} {
		if strings.Contains(text, word) {
			return word
		}
	}
	return line.FindString(text)
}
