package storage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// site is a server as a client program sees it: an address, a login, an app password. With RUNES_BINARY it is that
// program as it was built, else a house inside the test.
type site struct {
	t                      *testing.T
	url, login, secret, id string
	limit                  func(more int64) // gives the person so many bytes beyond what is there
}

func newSite(t *testing.T) *site {
	t.Helper()
	if binary := os.Getenv("RUNES_BINARY"); binary != "" {
		return builtSite(t, binary)
	}
	h := newHouse(t)
	c := newClient(t, h)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(h.Log())
		}
	})
	return &site{t: t, url: numbered127(t, h), login: c.Email, secret: c.Secret(), id: c.ID, limit: func(more int64) { quota(t, c, more) }}
}

// builtSite sets up and serves a company with the built program.
func builtSite(t *testing.T, binary string) *site {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	command := func(in string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), binary, append(args, "--data", data)...)
		var out, complaint bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &out, &complaint
		if err := cmd.Run(); err != nil {
			t.Fatalf("runes %v: %v\n%s", args, err, complaint.String())
		}
		return strings.TrimSpace(out.String())
	}
	s := &site{t: t, login: "lena@acme.example"}
	command("correct horse battery\n", "setup", "--company", "Acme", "--slug", "acme", "--email", s.login, "--name", "Lena", "--password-file", "-")
	s.secret = command("", "user", "app-password", "--tenant", "acme", "--email", s.login)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	s.url = "http://" + address
	end := s.serve(binary, "--data", data, "--http", address)
	t.Cleanup(func() { end() })
	var user struct {
		OCS struct{ Data struct{ ID string } }
	}
	ask := func(into any) {
		a := s.want(200, "GET", "/ocs/v1.php/cloud/user?format=json", "", "OCS-APIRequest", "true")
		if err := json.Unmarshal([]byte(a), into); err != nil {
			t.Fatal(err)
		}
	}
	ask(&user)
	s.id = user.OCS.Data.ID
	s.limit = func(more int64) {
		var books struct {
			OCS struct {
				Data struct{ Quota struct{ Used int64 } }
			}
		}
		ask(&books)
		end()
		end = s.serve(binary, "--data", data, "--http", address, "--storage-quota", fmt.Sprint(books.OCS.Data.Quota.Used+more))
	}
	return s
}

// serve starts the program and returns how to end it.
func (s *site) serve(binary string, args ...string) (end func()) {
	s.t.Helper()
	cmd := exec.Command(binary, append([]string{"serve"}, args...)...)
	said := new(bytes.Buffer)
	cmd.Stderr = said
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Log(said.String())
		}
	})
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	end = func() {
		cmd.Process.Signal(syscall.SIGTERM)
		<-ended
	}
	for until := time.After(time.Minute); ; {
		if answer, err := http.Get(s.url + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return end
			}
		}
		select {
		case err := <-ended:
			s.t.Fatalf("the server ended: %v\n%s", err, said)
		case <-until:
			end()
			s.t.Fatalf("the server is not ready\n%s", said)
		default:
		}
	}
}

// want sends a request, below the person's drive unless it names a door, and returns what was answered.
func (s *site) want(status int, method, path, body string, header ...string) string {
	s.t.Helper()
	if !strings.HasPrefix(path, "/ocs/") {
		path = filesRoot + s.id + path
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.SetBasicAuth(s.login, s.secret)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != status {
		s.t.Fatalf("%s %s: got %d %v, want %d\n%s", method, path, a.StatusCode, err, status, text)
	}
	return string(text)
}
