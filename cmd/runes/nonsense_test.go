package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"runes.im/platform/runetest"
)

// N4: what is only for those who run the machine is not there, and nothing tells what it runs on.
func TestTheInsideIsNotShown(t *testing.T) {
	t.Parallel()
	h := runetest.Start(t, installed())
	for _, path := range []string{
		"/debug/pprof/", "/debug/vars", "/metrics", "/version", "/server-status", "/.git/config", "/.env", "/admin", "/actuator/env", "/phpinfo.php",
		"/assets/", "/assets/../tenant.db", "/runes.sock", "/system.db", "/index.php/settings/admin", "/remote.php/dav/", "/ocs/v2.php/cloud/users",
	} {
		for who, p := range map[string]*runetest.Person{"a visitor": h.Visitor("acme"), "the owner": h.Person("owner"), "a program": h.Person("owner").Device("sync")} {
			if a := p.Get(path); granted(a) || tells(a.Text) != "" || strings.Contains(a.Text, "go1.") {
				t.Errorf("%s %s: %s\n%.200s", who, path, a.Status, a.See())
			}
		}
	}
}

// odd values break what trusts its callers.
var odd = []string{
	"0", "-1", "9223372036854775807", "99999999999999999999", "1e3", "0x1", "'", `"`, "a' OR '1'='1", "../../etc/passwd", `..\..`, "%", "%s%n", "\xff\xfe",
	"\u202egpj.exe", "\u0000", "a\r\nSet-Cookie: x=1", "<script>alert(1)</script>", "{{.}}", "null", "true", "[]", strings.Repeat("9", 400), "//evil.test", " ",
}

// N4: whatever nonsense comes in, the answer is a refusal that explains itself: no failure of ours, no stack, no SQL, no
// path, no header of the caller's.
func TestNonsenseIsRefusedWithASentence(t *testing.T) {
	t.Parallel()
	l := newLived(t)
	check := func(what string, a *runetest.Answer) {
		t.Helper()
		if a.StatusCode >= 500 && a.StatusCode != http.StatusInsufficientStorage || tells(a.Text) != "" || a.Header.Get("Set-Cookie") == "x=1" {
			t.Errorf("%s: %s\n%.200s", what, a.Status, a.See())
		}
	}
	pages, _ := places(t, l.House)
	top := match(t, topFolder, l.owner.Get("/storage").Text)
	for i, p := range pages {
		if strings.HasPrefix(p.Pattern, "/logout") || p.Pattern == "/live" || p.Pattern == "/preferences/password" || p.Method == http.MethodHead {
			continue
		}
		form := url.Values{}
		for n, value := range odd {
			if (i+n)%4 != 0 {
				continue // the others are tried at the next addresses
			}
			address := parameter.ReplaceAllLiteralString(p.Pattern, url.PathEscape(value))
			if address != p.Pattern {
				check(p.Method+" "+address, deed{p.Method, address, url.Values{"name": {"x"}}}.by(l.owner))
			}
			if n%8 > 3 {
				continue // values in queries are read by the same few functions
			}
			query := url.Values{}
			for _, name := range []string{"id", "ids", "open", "from", "to", "n", "page", "sort", "way", "view", "q", "path", "at", "name", "next", "theme", "locale", "folder", "size", "conflict"} {
				query.Set(name, value)
				form.Set(name, value)
			}
			address = parameter.ReplaceAllLiteralString(p.Pattern, top)
			check(p.Method+" "+address+"?"+query.Encode(), deed{p.Method, address + "?" + query.Encode(), form}.by(l.owner))
		}
	}
	root := "/remote.php/dav/files/" + l.owner.ID
	headers := []string{
		"Depth", "If", "If-Match", "If-None-Match", "Destination", "Overwrite", "Timeout", "Lock-Token", "Range", "OC-Total-Length", "X-OC-Mtime",
		"OC-Checksum", "Content-Type", "X-OC-CTime", "X-NC-WebDAV-Auto-Mkcol", "If-Modified-Since", "Accept-Language", "User-Agent", "X-Request-ID",
	}
	for _, method := range []string{"GET", "HEAD", "PUT", "PROPFIND", "PROPPATCH", "LOCK", "UNLOCK", "MKCOL", "MOVE", "COPY", "OPTIONS", "REPORT", "SEARCH", "PATCH", "TRACE", "BREW"} {
		for n, value := range odd {
			if strings.ContainsAny(value, "\x00\r\n") {
				continue // a client cannot even send it
			}
			header := http.Header{"Destination": {root + "/elsewhere"}}
			header.Set(headers[n%len(headers)], value)
			header.Set(headers[(n+7)%len(headers)], value)
			path := []string{"/report.txt", "/new", "/Folder/"}[n%3]
			check(method+" "+path+" "+value, l.device.Do(method, root+path, strings.NewReader(value), header))
			if n%3 != 0 {
				continue
			}
			check(method+" upload "+value, l.device.Do(method, "/remote.php/dav/uploads/"+l.owner.ID+"/"+url.PathEscape(value), strings.NewReader(value), header))
			check(method+" OCS "+value, l.device.Do(method, "/ocs/v2.php/"+url.PathEscape(value)+"?format="+url.QueryEscape(value), nil, http.Header{"Ocs-Apirequest": {"true"}}))
		}
	}
	for _, line := range strings.Split(l.Log(), "\n") {
		if strings.Contains(line, `"request failed"`) || strings.Contains(line, `"panic"`) {
			t.Errorf("a failure of ours: %.600s", line)
		}
	}
}
