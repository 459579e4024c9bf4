package storage

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

// client is a sync client of one person.
type client struct {
	*runetest.Person
	t    *testing.T
	root string
}

func newHouse(t *testing.T) *runetest.House {
	t.Helper()
	return runetest.Start(t, []runekit.Rune{Rune})
}

// newClient is a sync client of a person who may use the storage.
func newClient(t *testing.T, h *runetest.House, permissions ...string) *client {
	t.Helper()
	if len(permissions) == 0 {
		permissions = []string{"view_storage", "desktop_sync"}
	}
	p := h.Person(permissions...).Device(syncScope)
	return &client{Person: p, t: t, root: filesRoot + p.ID}
}

// drive is the engine's side of the client's person.
func (c *client) drive() (context.Context, *drive) {
	c.t.Helper()
	ctx := c.House.Context()
	d, err := openDrive(ctx, c.House.Tenant("acme"), c.Person.Person)
	if err != nil {
		c.t.Fatal(err)
	}
	return ctx, d
}

// do sends a request below the person's drive, or to another door; header is name, value …
func (c *client) do(method, path, body string, header ...string) *runetest.Answer {
	c.t.Helper()
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	absolute := false
	for _, door := range []string{"/remote.php/", "/ocs/", "/dav/", "/index.php/", "/public.php/", "/status.php", "/storage/"} {
		absolute = absolute || strings.HasPrefix(path, door)
	}
	if !absolute {
		path = c.root + path
	}
	return c.Do(method, path, strings.NewReader(body), h)
}

// want sends a request and expects a status.
func (c *client) want(status int, method, path, body string, header ...string) *runetest.Answer {
	c.t.Helper()
	a := c.do(method, path, body, header...)
	if a.StatusCode != status {
		c.t.Fatalf("%s %s: got %d, want %d\n%s", method, path, a.StatusCode, status, a.Text)
	}
	return a
}

// rawRequest sends a request line as it is, with the client's password, and returns the answer.
func rawRequest(h *runetest.House, line string, c *client) (string, error) {
	u, err := url.Parse(h.URL("acme", ""))
	if err != nil {
		return "", err
	}
	conn, err := net.Dial("tcp", "127.0.0.1:"+u.Port())
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return "", err
	}
	fmt.Fprintf(conn, "%s\r\nHost: %s\r\nAuthorization: %s\r\nConnection: close\r\n\r\n", line, u.Host, basicOf(c.Email, c.Secret()))
	answer, err := io.ReadAll(conn)
	return string(answer), err
}

func basicOf(login, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(login+":"+secret))
}

func TestAFileComesBackAsItWasSent(t *testing.T) {
	c := newClient(t, newHouse(t))
	put := c.want(201, "PUT", "/hello.txt", "hello", "X-OC-Mtime", "1700000000")
	if put.Header.Get("ETag") == "" || put.Header.Get("OC-FileId") == "" || put.Header.Get("X-OC-MTime") != "accepted" {
		t.Fatalf("headers of PUT: %v", put.Header)
	}
	get := c.want(200, "GET", "/hello.txt", "")
	if get.Text != "hello" || get.Header.Get("ETag") != put.Header.Get("ETag") {
		t.Fatalf("GET: %q %v", get.Text, get.Header)
	}
}
