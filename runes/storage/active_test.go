package storage

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/url"
	"regexp"
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
