package reach

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"runes.im/platform/reach/reachtest"
)

func TestTextsAreReadFromTheNameServer(t *testing.T) {
	z := reachtest.NewZone(t, [4]byte{})
	z.Put("_runes.acme.test", "the proof")
	a := New(z.Address)
	if found, err := a.TXT(t.Context(), "_runes.acme.test"); err != nil || len(found) != 1 || found[0] != "the proof" {
		t.Errorf("got %q, %v", found, err)
	}
	if _, err := a.TXT(t.Context(), "_runes.other.test"); !errors.Is(err, ErrNone) {
		t.Errorf("a name without a record: %v", err)
	}
}

// N3: whatever a name leads to, no machine next to us is called.
func TestNoMachineNextToUsIsCalled(t *testing.T) {
	called := false
	canary := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer canary.Close()
	a := New(reachtest.NewZone(t, [4]byte{127, 0, 0, 1}).Address)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(canary.URL, "http://"))
	for _, host := range []string{"acme.test", "acme.test:" + port, "127.0.0.1:" + port} {
		if _, err := a.File(t.Context(), host, "/"); err == nil || called {
			t.Errorf("%s: %v, called %v", host, err, called)
		}
	}
	for _, address := range []string{
		"127.0.0.1:80", "10.1.2.3:80", "172.16.0.1:443", "192.168.1.1:80", "169.254.169.254:80", "100.64.0.1:80", "0.0.0.0:80", "224.0.0.1:80",
		"255.255.255.255:80", "[::1]:80", "[fe80::1]:80", "[fc00::1]:80", "[::ffff:127.0.0.1]:80", "[::ffff:8.8.8.8]:80", "[64:ff9b::7f00:1]:80",
		"[2002:7f00:1::]:80", "[2001::1]:80", "[ff02::1]:80", "8.8.8.8:22", "8.8.8.8:8080",
	} {
		if isPublic(netip.MustParseAddrPort(address)) {
			t.Errorf("%s counts as public", address)
		}
	}
	for _, address := range []string{"8.8.8.8:80", "[2606:4700::1111]:443"} {
		if !isPublic(netip.MustParseAddrPort(address)) {
			t.Errorf("%s does not count as public", address)
		}
	}
}

func TestAFileIsReadButNotFromElsewhere(t *testing.T) {
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("of another")) }))
	defer far.Close()
	near := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/proof":
			w.Write([]byte("the proof\n"))
		case "/moved":
			http.Redirect(w, r, "/proof", http.StatusFound)
		case "/away":
			http.Redirect(w, r, strings.Replace(far.URL, "127.0.0.1", "localhost", 1), http.StatusFound)
		case "/long":
			w.Write([]byte(strings.Repeat("x", 1<<20)))
		default:
			http.NotFound(w, r)
		}
	}))
	defer near.Close()
	a := New("")
	a.mayCall = func(netip.AddrPort) bool { return true }
	host := strings.TrimPrefix(near.URL, "http://")
	for path, want := range map[string]string{"/proof": "the proof\n", "/moved": "the proof\n", "/long": strings.Repeat("x", mostFile)} {
		if got, err := a.File(t.Context(), host, path); got != want || err != nil {
			t.Errorf("%s: got %d bytes, %v", path, len(got), err)
		}
	}
	if got, err := a.File(t.Context(), host, "/away"); err == nil {
		t.Errorf("a file of another host: %q", got)
	}
	if _, err := a.File(t.Context(), host, "/none"); !errors.Is(err, ErrNone) {
		t.Errorf("no file: %v", err)
	}
}
