package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"runes.im/platform/runetest"
)

// D3, F6: an upload in pieces goes on after the server was killed, is put together once, and a lock still holds.
func TestWhatIsHalfDoneOutlivesAKill(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts the program three times")
	}
	c := newCrash(t)
	up, file := "/remote.php/dav/uploads/"+c.user+"/4711", "/remote.php/dav/files/"+c.user
	pieces := []string{strings.Repeat("a", 80_000), strings.Repeat("b", 80_000), "c"}
	var s *life
	do := func(want int, method, path, body string, header ...string) (text, token string) {
		t.Helper()
		req, err := http.NewRequest(method, s.address+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		req.SetBasicAuth("ada@acme.example", c.secret)
		res, err := c.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != want {
			t.Fatalf("%s %s: %s %v, want %d\n%s", method, path, res.Status, err, want, raw)
		}
		return string(raw), res.Header.Get("Lock-Token")
	}
	kill := func() {
		s.process.Process.Kill()
		<-s.drained
		s.process.Wait() // it was killed: that is its error
		s = c.start(t)
	}
	s = c.start(t)
	do(201, "PUT", file+"/locked", "one")
	_, token := do(200, "LOCK", file+"/locked", `<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockinfo>`)
	do(201, "MKCOL", up, "", "OC-Total-Length", "160001")
	for n := range 2 {
		do(201, "PUT", fmt.Sprintf("%s/%d", up, n), pieces[n])
	}
	kill()
	do(423, "PUT", file+"/locked", "two")
	do(204, "PUT", file+"/locked", "two", "If", "("+token+")")
	if list, _ := do(207, "PROPFIND", up, "", "Depth", "1"); strings.Count(list, ">80000<") != 2 {
		t.Errorf("what had arrived: %s", list)
	}
	do(201, "PUT", up+"/2", pieces[2])
	do(201, "MOVE", up+"/.file", "", "Destination", file+"/film", "OC-Total-Length", "160001")
	kill()
	do(404, "MOVE", up+"/.file", "", "Destination", file+"/film")
	if got, _ := do(200, "GET", file+"/film", ""); got != strings.Join(pieces, "") {
		t.Errorf("the film has %d bytes and is not what was sent", len(got))
	}
	s.end(t)
	if out, err := c.runes("", "verify"); err != nil || !strings.Contains(out, "Sound") {
		t.Errorf("verify: %v\n%s", err, out)
	}
}

// A2: forty guesses that claim to come from forty addresses are one guesser's.
func TestAForwardedAddressHidesNoGuesser(t *testing.T) {
	t.Parallel()
	h := runetest.Start(t, installed())
	victim := h.Person("owner")
	v := h.Visitor("acme")
	v.Get("/login")
	heard := 0
	for n := range 40 {
		address := fmt.Sprintf("203.0.113.%d", n)
		for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "True-Client-Ip", "Cf-Connecting-Ip", "X-Client-Ip"} {
			v.Header.Set(name, address)
		}
		a := v.Post("/login", url.Values{"email": {victim.Email}, "password": {"wrong guess"}})
		switch a.StatusCode {
		case http.StatusUnauthorized:
			heard++
		case http.StatusTooManyRequests:
			if a.Header.Get("Retry-After") == "" {
				t.Error("nobody learns how long to wait")
			}
			return
		default:
			t.Fatalf("guess %d: %s", n, a.Status)
		}
	}
	t.Errorf("%d guesses were heard", heard)
}
