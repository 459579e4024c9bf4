package storage

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"runes.im/platform/fault"
)

func TestNamesHaveOneSpelling(t *testing.T) {
	cases := map[string]struct{ name, want string }{
		"a plain name":                  {"Report.pdf", "Report.pdf"},
		"a space":                       {"my file", "my file"},
		"signs that addresses use":      {"100% #1 a+b & c?.txt", "100% #1 a+b & c?.txt"},
		"a literal percent sequence":    {"a%20b", "a%20b"},
		"a decomposed accent":           {"Cafe\u0301", "Caf\u00e9"},
		"a composed accent":             {"Caf\u00e9", "Caf\u00e9"},
		"an emoji":                      {"🙂.txt", "🙂.txt"},
		"a Windows device":              {"con.txt", "con.txt"},
		"a leading dot":                 {".bashrc", ".bashrc"},
		"trailing dots":                 {"a..", "a.."},
		"three dots":                    {"...", "..."},
		"signs that Windows forbids":    {`a:b*c"d<e>f|g`, `a:b*c"d<e>f|g`},
		"the longest name":              {strings.Repeat("a", 250), strings.Repeat("a", 250)},
		"upper case is another name":    {"README", "README"},
		"the word part in the middle":   {"a.part.txt", "a.part.txt"},
		"nothing":                       {"", ""},
		"one dot":                       {".", ""},
		"two dots":                      {"..", ""},
		"a slash":                       {"a/b", ""},
		"a backslash":                   {`a\b`, ""},
		"a null byte":                   {"a\x00b", ""},
		"a line feed":                   {"a\nb", ""},
		"a delete character":            {"a\x7fb", ""},
		"a control character of C1":     {"a\u0085b", ""},
		"broken UTF-8":                  {"a\xff", ""},
		"a surrogate half in UTF-8":     {"\xed\xa0\x80", ""},
		"an overlong slash":             {"\xc0\xaf", ""},
		"one byte too long":             {strings.Repeat("a", 251), ""},
		"too long only when composed":   {strings.Repeat("\u0958", 50), ""},
		"what web servers obey":         {".htaccess", ""},
		"the same in other letters":     {".HtAccess", ""},
		"half a download":               {"film.PART", ""},
		"half a download of a client":   {"film.filepart", ""},
		"bytes that compose to 250":     {strings.Repeat("e\u0301", 125), strings.Repeat("\u00e9", 125)},
		"a right-to-left override":      {"a\u202eb", "a\u202eb"},
		"a zero-width joiner":           {"a\u200db", "a\u200db"},
		"a full-width slash":            {"a\uff0fb", "a\uff0fb"},
		"a division slash":              {"a\u2215b", "a\u2215b"},
		"a tab":                         {"a\tb", ""},
		"the byte order mark":           {"\ufeffa", "\ufeffa"},
		"a tilde of short names":        {"PROGRA~1", "PROGRA~1"},
		"an escape":                     {"\x1b[31m", ""},
		"brackets":                      {"[a]{b}", "[a]{b}"},
		"an at sign, equals, semicolon": {"a@b=c;d", "a@b=c;d"},
		"quotes":                        {`it's "it"`, `it's "it"`},
	}
	for name, c := range cases {
		got, err := cleanName(c.name)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: got %q %v, want %q", name, got, err, c.want)
		}
		if err != nil && !fault.Is(err, fault.Malformed) {
			t.Errorf("%s: refused with %v", name, err)
		}
	}
}

func TestAwkwardNamesAreFlagged(t *testing.T) {
	for name, want := range map[string]bool{"con": true, "LPT1.txt": true, "a:b": true, "a.": true, "a ": true, "console": false, "com0": false, "a.b": false} {
		if got := isAwkward(name); got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}

func TestPathsCompareWholeNames(t *testing.T) {
	if !(path{"a", "b"}).isBelow(path{"a"}) || (path{"ab"}).isBelow(path{"a"}) || !(path{"a"}).isBelow(path{}) {
		t.Fatal("isBelow")
	}
	if got := (path{"a b", "ü&", "100%"}).escaped(); got != "/a%20b/%C3%BC%26/100%25" {
		t.Fatalf("escaped: %s", got)
	}
	deep := strings.Repeat("/a", maxDepth)
	if _, err := parsePath(deep); err != nil {
		t.Fatalf("%d names: %v", maxDepth, err)
	}
	if _, err := parsePath(deep + "/a"); !fault.Is(err, fault.Malformed) {
		t.Fatalf("%d names: %v", maxDepth+1, err)
	}
}

func FuzzDecodePath(f *testing.F) {
	for _, seed := range rawPaths()[:200] {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		p, err := decodePath(raw)
		if err != nil {
			if !fault.Is(err, fault.Malformed) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if len(p) > maxDepth {
			t.Fatalf("%d names", len(p))
		}
		for _, name := range p {
			if !utf8.ValidString(name) || !norm.NFC.IsNormalString(name) || name == "" || name == "." || name == ".." ||
				strings.ContainsAny(name, "/\\\x00") || len(name) > maxName {
				t.Fatalf("%q of %q", name, raw)
			}
		}
		again, err := decodePath(p.escaped())
		if err != nil || again.String() != p.String() {
			t.Fatalf("%q became %q, then %q %v", raw, p, again, err)
		}
	})
}

// rawPaths are 1,650 ways to write a path that leads out of a folder, or to write one name in two ways.
func rawPaths() []string {
	dots := []string{
		"..", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "..%00", "..%0d%0a", "%c0%ae%c0%ae", "%e0%80%ae%e0%80%ae",
		"...", ". .", "..;", "..%3b", "%uff0e%uff0e", "..%ff", "", ".", "%2e", "%09..", "..%20", "%5c..", `..\`,
	}
	slashes := []string{"/", "%2f", "%2F", `\`, "%5c", "%252f", "//", "/./", "%c0%af", "/%2e/", ";/", "/%00/", "%ef%bc%8f", "/%20/", "%2f%2f"}
	tails := []string{"secret", "etc/passwd", "%2e%2e/secret", ".htaccess", ""}
	var all []string
	for _, d := range dots {
		for _, s := range slashes {
			for _, t := range tails {
				all = append(all, "/inside"+s+d+s+t)
			}
		}
	}
	return all[:1650]
}

func TestNoRawPathLeadsOutOfItsFolder(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	c.want(201, "MKCOL", "/inside", "")
	c.want(201, "PUT", "/secret", "the secret")
	for _, raw := range rawPaths() {
		a, err := rawRequest(h, fmt.Sprintf("GET %s%s HTTP/1.1", c.root, raw), c)
		if err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		if strings.Contains(a, "the secret") || !strings.HasPrefix(a, "HTTP/1.1 4") {
			t.Errorf("%q: %.60q", raw, a)
		}
	}
}

func TestDestinationsStayOnThisDrive(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	other := newClient(t, h, "view_storage", "desktop_sync", "manage_storage_settings")
	c.want(201, "PUT", "/a", "a")
	for to, want := range map[string]int{
		"":                     http.StatusBadRequest,
		c.root + "/b%2f..%2fc": http.StatusBadRequest,
		c.root + "/../c":       http.StatusBadRequest,
		c.root + "/b?c":        http.StatusBadRequest,
		"http://elsewhere.example" + c.root + "/b": http.StatusBadRequest,
		other.root + "/b":                          http.StatusNotFound,
		"/etc/passwd":                              http.StatusNotFound,
		c.root:                                     http.StatusForbidden,
		c.root + "/missing/b":                      http.StatusConflict,
		c.root + "/a":                              http.StatusForbidden,
		c.root + "x/b":                             http.StatusNotFound,
	} {
		c.want(want, "MOVE", "/a", "", "Destination", to)
	}
	c.want(201, "MOVE", "/a", "", "Destination", h.URL("acme", c.root)+"/b%20c")
	c.want(201, "MOVE", "/b%20c", "", "Destination", "/dav/d")
	c.want(200, "GET", "/d", "")
}
