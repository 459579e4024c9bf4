package storage

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"runes.im/platform/runetest"
)

// activeFiles are files that a browser would run, or that look like something else.
var activeFiles = map[string]string{
	"a.html": "<script>parent.evil=1</script>", "b.htm": "<img src=x onerror=alert(1)>", "c.xhtml": `<html xmlns="http://www.w3.org/1999/xhtml"><script>1</script></html>`,
	"d.svg": `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "e.xml": `<?xml-stylesheet type="text/xsl" href="#"?><x/>`, "f.js": "alert(1)",
	"g.mjs": "import('/x')", "h.css": "*{background:url(//evil.test)}", "i.pdf": "%PDF-1.4 /JavaScript", "j.swf": "FWS", "k.hta": "<script>", "l.mht": "MIME-Version: 1.0",
	"m.xsl": "<xsl:stylesheet/>", "n.jpg": "<html><script>alert(1)</script>", "o": "<!doctype html><script>alert(1)</script>", "p.txt": "<script>alert(1)</script>",
	"q.wasm": "\x00asm", "r.html.gz": "\x1f\x8b<script>",
}

// F1: whatever somebody stored and however it is fetched, a browser saves it and runs nothing; the uploader's word
// about its type counts for nothing.
func TestStoredFilesAreNeverShown(t *testing.T) {
	c := newClient(t, newHouse(t))
	if len(activeFiles) != 18 {
		t.Fatalf("%d files, want 18", len(activeFiles))
	}
	p := c.browser()
	runs := regexp.MustCompile(`html|xml|svg|javascript|css|wasm|shockwave|xsl`)
	harmless := func(what string, a *runetest.Answer, body string) {
		t.Helper()
		h := a.Header
		if a.StatusCode != http.StatusOK || a.Text != body && body != "" {
			t.Errorf("%s: %s %.60q", what, a.Status, a.Text)
		}
		if !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox;") ||
			h.Get("X-Content-Type-Options") != "nosniff" || runs.MatchString(h.Get("Content-Type")) || len(h.Values("Content-Type")) != 1 {
			t.Errorf("%s: %v", what, h)
		}
	}
	for name, body := range activeFiles {
		c.want(201, "PUT", "/"+name, "before "+body, "Content-Type", "text/html")
		c.want(204, "PUT", "/"+name, body, "Content-Type", "text/html")
		id := c.idOf(name)
		for _, door := range []string{c.root, "/remote.php/webdav", "/dav"} {
			harmless(door+"/"+name, c.do("GET", door+"/"+name, "", "Accept", "text/html"), body)
			harmless("HEAD "+door+"/"+name, c.do("HEAD", door+"/"+name, ""), "")
		}
		harmless("page "+name, p.Get("/storage/download/"+id), body)
		harmless("form "+name, p.Post("/storage/download", url.Values{"id": {id}}), body)
		details := p.Get("/storage/details/" + id).Text
		version := regexp.MustCompile(`/storage/version/\d+/\d+`).FindString(details)
		harmless("version of "+name, p.Get(version), "before "+body)
		for _, page := range []string{"/storage", "/storage/f/" + id, "/storage/details/" + id, "/storage/rows/" + c.idOf()} {
			if a := p.Get(page); strings.Contains(a.Text, body) {
				t.Errorf("%s shows what stands in %s", page, name)
			}
		}
	}
	a := p.Post("/storage/download", url.Values{"id": {c.idOf("a.html"), c.idOf("d.svg")}})
	harmless("archive", a, "")
	if r, err := zip.NewReader(bytes.NewReader([]byte(a.Text)), int64(len(a.Text))); err != nil || len(r.File) != 2 {
		t.Errorf("archive: %v", err)
	}
}

// xmlBombs are bodies that cost far more to read than to send.
func xmlBombs() map[string]string {
	find := func(inside string) string {
		return `<d:propfind xmlns:d="DAV:"><d:prop>` + inside + `</d:prop></d:propfind>`
	}
	return map[string]string{
		"a billion laughs":      `<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>` + find("<d:x>&b;</d:x>"),
		"a quadratic one":       `<!DOCTYPE l [<!ENTITY a "` + strings.Repeat("a", 50_000) + `">]>` + find(strings.Repeat("&a;", 2000)),
		"a file from our disk":  `<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + find("<d:x>&a;</d:x>"),
		"a call to the outside": `<!DOCTYPE l SYSTEM "http://127.0.0.1:1/x.dtd">` + find("<d:x/>"),
		"a comment":             find("<!-- " + strings.Repeat("x", 1000) + " -->"),
		"CDATA":                 find("<d:x><![CDATA[" + strings.Repeat("x", 1000) + "]]></d:x>"),
		"too many elements":     find(strings.Repeat("<d:x/>", 2001)),
		"too deep":              find(strings.Repeat("<d:x>", 33) + strings.Repeat("</d:x>", 33)),
		"too long":              find("<d:x>" + strings.Repeat("x", 300<<10) + "</d:x>"),
		"megabytes":             find("<d:x>" + strings.Repeat("x", 8<<20) + "</d:x>"),
		"another charset":       `<?xml version="1.0" encoding="iso-8859-1"?>` + find("<d:x/>"),
		"an ancient charset":    `<?xml version="1.0" encoding="utf-7"?>` + find("<d:x/>"),
		"UTF-16 with a DTD":     "\xff\xfe" + wide(`<!DOCTYPE l []><d:propfind xmlns:d="DAV:"/>`),
		"a name without an end": "<" + strings.Repeat("x", 60_000),
	}
}

func wide(text string) string {
	var b strings.Builder
	for _, r := range text {
		b.WriteByte(byte(r))
		b.WriteByte(0)
	}
	return b.String()
}

// F4: 14 bombs at each of six methods together cost less than three seconds of one core and 128 MiB, and nothing breaks.
func TestBombsAtEveryMethodAreRefused(t *testing.T) {
	c := newClient(t, newHouse(t))
	c.want(201, "PUT", "/f", "x")
	bombs := xmlBombs()
	if len(bombs) != 14 {
		t.Fatalf("%d bombs, want 14", len(bombs))
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most := before.HeapInuse
	for name, bomb := range bombs {
		for _, method := range []string{"PROPFIND", "PROPPATCH", "LOCK", "MKCOL", "REPORT", "SEARCH"} {
			path := "/f"
			if method == "MKCOL" {
				path = "/new"
			}
			if a := c.do(method, path, bomb, "Content-Type", "application/xml"); a.StatusCode < 400 || a.StatusCode >= 500 {
				t.Errorf("%s by %s: %s", name, method, a.Status)
			}
		}
		runtime.ReadMemStats(&after)
		most = max(most, after.HeapInuse)
	}
	if grown := (most - before.HeapInuse) >> 20; grown > 128 {
		t.Errorf("the heap grew by %d MiB, want less than 128", grown)
	}
	c.want(404, "GET", "/new", "")
	c.want(200, "GET", "/f", "")
}
