package web

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/tenant"
	"runes.im/platform/words"
)

func bare(t *testing.T, o Options) *Server {
	t.Helper()
	o.Log = slog.New(slog.DiscardHandler)
	if o.Book == nil {
		o.Book = new(words.Book)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestARouteWithoutAPermissionDoesNotRegister(t *testing.T) {
	ok := func(*Visit) error { return nil }
	fail := func(*Visit, int, *fault.Fault, string) {}
	tests := map[string]func(s *Server){
		"no permission":          func(s *Server) { s.Mount("r", nil, func(r *Router) { r.Get("/", "", ok) }) },
		"no permission to post":  func(s *Server) { s.Mount("r", nil, func(r *Router) { r.Post("/x", "", ok) }) },
		"a path without a slash": func(s *Server) { s.Mount("r", nil, func(r *Router) { r.Get("x", Public, ok) }) },
		"one route twice": func(s *Server) {
			s.Mount("r", nil, func(r *Router) { r.Get("/", Public, ok); r.Get("/", SignedIn, ok) })
		},
		"a door without a scope":  func(s *Server) { s.OpenDoors("r", func(d *Doors) { d.Open("/d", Door{Handle: ok, Fail: fail}) }) },
		"a door that cannot fail": func(s *Server) { s.OpenDoors("r", func(d *Doors) { d.Open("/d", Door{Scope: Public, Handle: ok}) }) },
	}
	for name, register := range tests {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it registered")
				}
			}()
			register(bare(t, Options{}))
		})
	}
}

func TestTheSiteMapIsWhole(t *testing.T) {
	s := bare(t, Options{})
	ok := func(*Visit) error { return nil }
	s.Mount("notes", nil, func(r *Router) {
		r.Get("/", "view_notes", ok)
		r.Post("/{id}", "manage_notes", ok)
	})
	want := []Route{
		{Rune: "notes", Method: "GET", Pattern: "/notes", Permission: "view_notes"},
		{Rune: "notes", Method: "HEAD", Pattern: "/notes", Permission: "view_notes"},
		{Rune: "notes", Method: "POST", Pattern: "/notes/{id}", Permission: "manage_notes"},
	}
	if got := s.Routes(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestForwardedHeadersCountFromOurProxiesOnly(t *testing.T) {
	s := bare(t, Options{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	tests := []struct {
		name, remote string
		header       http.Header
		address      string
		secure       bool
		host         string
	}{
		{"nobody we know", "203.0.113.9:1", http.Header{"X-Forwarded-For": {"1.1.1.1"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"evil"}}, "203.0.113.9", false, "site"},
		{"our proxy", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"1.1.1.1"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"acme.example"}}, "1.1.1.1", true, "acme.example"},
		{"what the client made up comes before what the proxy saw", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"9.9.9.9, 1.1.1.1"}}, "1.1.1.1", false, "site"},
		{"two proxies of ours", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"9.9.9.9, 1.1.1.1", "10.0.0.2"}}, "1.1.1.1", false, "site"},
		{"nonsense", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"who?"}}, "10.0.0.1", false, "site"},
		{"nothing", "10.0.0.1:1", http.Header{}, "10.0.0.1", false, "site"},
		{"a protocol that came twice", "10.0.0.1:1", http.Header{"X-Forwarded-Proto": {"https", "http"}}, "10.0.0.1", false, "site"},
		{"other names of such headers", "203.0.113.9:1", http.Header{"X-Real-Ip": {"1.1.1.1"}, "True-Client-Ip": {"1.1.1.1"}, "Forwarded": {"for=1.1.1.1"}, "X-Remote-User": {"admin"}}, "203.0.113.9", false, "site"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: test.remote, Header: test.header, Host: "site"}
			address, secure := s.origin(r)
			if address.String() != test.address || secure != test.secure || r.Host != test.host {
				t.Errorf("got %s, %t, %s", address, secure, r.Host)
			}
		})
	}
}

func TestLinksCarryThePortOfTheSettingsAndNeverThatOfTheHeader(t *testing.T) {
	const proxy, stranger = "10.0.0.1:1", "203.0.113.9:1"
	tests := []struct {
		name, remote, host string
		secure             bool
		door, public       int
		want               string
	}{
		{"a port that the header made up", stranger, "acme.example:9999", false, 8080, 0, "http://acme.example:8080"},
		{"the same over TLS", stranger, "acme.example:9999", true, 8443, 0, "https://acme.example:8443"},
		{"the usual port", stranger, "acme.example:9999", true, 443, 0, "https://acme.example"},
		{"the usual port of the plain door", stranger, "acme.example", false, 80, 0, "http://acme.example"},
		{"development", "127.0.0.1:1", "acme.localhost:8080", false, 8080, 0, "http://acme.localhost:8080"},
		{"a header without a port", stranger, "acme.example", false, 8080, 0, "http://acme.example:8080"},
		{"behind our proxy", proxy, "acme.example:9999", true, 8080, 0, "https://acme.example"},
		{"a public port", stranger, "acme.example:9999", true, 8080, 7443, "https://acme.example:7443"},
		{"a public port of the proxy", proxy, "acme.example", true, 8080, 7443, "https://acme.example:7443"},
		{"a public port that is the usual one", stranger, "acme.example:8080", true, 8080, 443, "https://acme.example"},
		{"an address of version 6", stranger, "[2001:db8::1]:9999", false, 8080, 0, "http://[2001:db8::1]:8080"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := bare(t, Options{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, PublicPort: test.public})
			ctx := context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4zero, Port: test.door})
			r := (&http.Request{RemoteAddr: test.remote, Host: test.host, Header: http.Header{}}).WithContext(ctx)
			v := &Visit{server: s, Request: r, secure: test.secure}
			v.host, _ = tenant.HostName(test.host)
			if got := v.Site(); got != test.want {
				t.Errorf("links begin with %s, want %s", got, test.want)
			}
		})
	}
}

func TestRedirectsStayHere(t *testing.T) {
	for path, want := range map[string]bool{
		"/": true, "/storage?path=a%2Fb": true, "/a/b": true, "/login?next=//x": true,
		"": false, "storage": false, "//evil.test": false, "/\\evil.test": false, "\\\\evil.test": false, "/a\\b": false,
		"https://evil.test": false, "javascript:alert(1)": false, "/\t/evil.test": false, "/a\nSet-Cookie: x": false, "/\x00": false, "/\x7f": false, " /x": false,
	} {
		if got := Local(path); got != want {
			t.Errorf("Local(%q) = %t, want %t", path, got, want)
		}
	}
}

func FuzzLocal(f *testing.F) {
	for _, seed := range []string{"/", "//x", "/\\x", "/\t/x", "/a?b=//c", "/%2f/x", "/..//x"} {
		f.Add(seed)
	}
	site, _ := url.Parse("https://acme.example/login")
	f.Fuzz(func(t *testing.T, path string) {
		if !Local(path) {
			return
		}
		if to, err := site.Parse(path); err == nil && to.Host != site.Host {
			t.Errorf("%q leads to %s", path, to)
		}
	})
}

type filled struct {
	Inner
	Name   string     `form:"name"`
	Count  int        `form:"count"`
	Size   int64      `form:"size"`
	On     bool       `form:"on"`
	Tags   []string   `form:"tags"`
	Due    time.Time  `form:"due"`
	Ends   *time.Time `form:"ends"`
	ID     string
	Owner  string `form:"-"`
	hidden string `form:"hidden"`
}

// Inner is embedded by filled.
type Inner struct {
	Town string `form:"town"`
}

func TestFillTakesTaggedFieldsOnly(t *testing.T) {
	v := &Visit{values: url.Values{
		"name": {"  Anna \n"}, "count": {" 12 "}, "size": {"9000000000"}, "on": {"on"}, "tags": {" a ", "", "b"}, "due": {"2026-11-22"}, "ends": {"2026-12-01"},
		"town": {"Bern"}, "ID": {"evil"}, "id": {"evil"}, "Owner": {"evil"}, "-": {"evil"}, "hidden": {"evil"},
	}}
	got := filled{ID: "mine", Owner: "mine", hidden: "mine"}
	v.Fill(&got)
	ends := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	want := filled{
		Inner: Inner{Town: "Bern"}, Name: "Anna", Count: 12, Size: 9_000_000_000, On: true, Tags: []string{"a", "b"},
		Due: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Ends: &ends, ID: "mine", Owner: "mine", hidden: "mine",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	v = &Visit{values: url.Values{"count": {"many"}, "due": {"tomorrow"}, "ends": {""}}}
	v.Fill(&got)
	if got.Name != "Anna" || got.On || got.Count != 0 || !got.Due.IsZero() || got.Ends != nil {
		t.Errorf("a second form left %+v", got)
	}
}

func FuzzFill(f *testing.F) {
	f.Add("name=a&count=1&on=1&tags=x&tags=y&due=2026-01-01")
	f.Add("count=99999999999999999999&due=9999-99-99&name=%ff%fe&ends=%00")
	f.Fuzz(func(t *testing.T, body string) {
		values, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		got := filled{ID: "mine"}
		(&Visit{values: values}).Fill(&got)
		if got.ID != "mine" || got.Name != strings.ToValidUTF8(got.Name, "") {
			t.Errorf("%q made %+v", body, got)
		}
	})
}

func TestValuesReadAsThePersonHasThem(t *testing.T) {
	book, err := words.Load(fstest.MapFS{
		"en.json": {Data: mustRead(t, "words/en.json")}, "de.json": {Data: mustRead(t, "words/de.json")},
		"fr.json": {Data: mustRead(t, "words/fr.json")}, "it.json": {Data: mustRead(t, "words/it.json")},
	})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	day := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	en, de, fr := visitIn(book, "en", time.UTC), visitIn(book, "de", zurich), visitIn(book, "fr", zurich)
	for _, test := range []struct{ got, want string }{
		{en.Date(day), "22 November 2026"},
		{de.Date(day), "23. November 2026"},
		{fr.Day(day), "Lundi 23 novembre"},
		{de.Time(day), "00:30"},
		{en.When(now.Add(-10 * time.Second)), "just now"},
		{en.When(now.Add(-12 * time.Minute)), "12 min ago"},
		{de.When(now.Add(-3 * time.Hour)), "vor 3 Std."},
		{en.When(now.Add(-30 * time.Hour)), "yesterday"},
		{de.When(now.Add(-3 * 24 * time.Hour)), "vor 3 Tagen"},
		{en.When(day.AddDate(-3, 0, 0)), "22 November 2023"},
		{en.When(now.AddDate(0, 0, 2)), en.Date(now.AddDate(0, 0, 2)) + " " + en.Time(now.AddDate(0, 0, 2))},
		{en.Size(0), "0 bytes"},
		{en.Size(1), "1 byte"},
		{en.Size(999), "999 bytes"},
		{en.Size(1000), "1 KB"},
		{en.Size(1_234_567), "1.2 MB"},
		{de.Size(1_234_567), "1,2 MB"},
		{fr.Size(5_600_000_000), "5,6 Go"},
		{en.Size(999_960), "1 MB"},
		{en.Size(123_456_789), "123 MB"},
		{en.Size(9e15), "9,000 TB"},
		{en.Number(1234567), "1,234,567"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func visitIn(book *words.Book, lang string, zone *time.Location) *Visit {
	return &Visit{server: &Server{Options: Options{Book: book}}, Request: httptest.NewRequest("GET", "/", nil), lang: lang, zone: zone}
}

func TestFilesOfTheBrowserAreKeptForEverUnderTheirAddress(t *testing.T) {
	s := bare(t, Options{Assets: fstest.MapFS{
		"core.js": {Data: []byte(strings.Repeat("let a = 1;\n", 500))}, "inter.woff2": {Data: []byte("wOF2")}, "notes.go": {Data: []byte("package x")},
	}})
	get := func(path, encoding string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "http://acme.example"+path, nil)
		r.Header.Set("Accept-Encoding", encoding)
		s.ServeHTTP(w, r)
		return w
	}
	address := s.static.address("core.js")
	w := get(address, "gzip, br")
	if w.Code != 200 || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() > 200 {
		t.Errorf("%s: %d %v, %d bytes", address, w.Code, w.Header(), w.Body.Len())
	}
	if w := get(address, "gzip;q=0"); w.Header().Get("Content-Encoding") != "" || w.Body.Len() != 5500 || w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("unpacked: %v, %d bytes", w.Header(), w.Body.Len())
	}
	if w := get("/assets/000000000000/inter.woff2", ""); w.Code != 200 || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("the address of another version: %d %v", w.Code, w.Header())
	}
	for _, path := range []string{"/assets/x/notes.go", "/assets/x/absent.js", "/assets/", "/assets/x/../core.js"} {
		if w := get(path, ""); w.Code != 404 {
			t.Errorf("%s: %d, want 404", path, w.Code)
		}
	}
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := io.ReadAll(func() io.Reader { f, _ := Words.Open(name); return f }())
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
