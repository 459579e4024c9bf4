package storage

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"runes.im/platform/runetest"
	"runes.im/platform/store"
)

// installed is the path of a client program. Where it is missing the test is skipped, but not where somebody relies
// on it.
func installed(t *testing.T, name string) string {
	t.Helper()
	at, err := exec.LookPath(name)
	if err != nil && os.Getenv("RUNES_REQUIRE_CLIENTS") != "" {
		t.Fatalf("%s is not installed", name)
	}
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return at
}

// run starts a program with a home of its own and returns what it wrote.
func run(t *testing.T, home, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = home, &out, &out
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "QT_QPA_PLATFORM=offscreen", "LC_ALL=C.UTF-8")
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	return out.String(), err
}

// counter stands in front of a house and notes every request. It listens by number.
type counter struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string
}

func newCounter(t *testing.T, s *site) *counter {
	t.Helper()
	to, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host
	}}
	c := new(counter)
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.seen = append(c.seen, r.Method+" "+r.URL.Path)
		c.mu.Unlock()
		// An answer that comes while the last byte of the question is still on its way here would break the passage.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(c.Close)
	return c
}

// numbered127 is the address of the house by number: not every machine and program knows *.localhost.
func numbered127(t testing.TB, h *runetest.House) string {
	t.Helper()
	u, err := url.Parse(h.URL("acme", ""))
	if err != nil {
		t.Fatal(err)
	}
	return "http://127.0.0.1:" + u.Port()
}

// take is what was asked since the last call.
func (c *counter) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := c.seen
	c.seen = nil
	return seen
}

// folder is a directory that a client program keeps in step with the server.
type folder struct {
	t       *testing.T
	dir     string
	program string
	login   string
	secret  string
	server  *counter
}

func newFolder(t *testing.T, s *site, server *counter, program string) *folder {
	t.Helper()
	return &folder{t: t, dir: t.TempDir(), program: installed(t, program), login: s.login, secret: s.secret, server: server}
}

// sync runs the client once. fails says that it must not succeed.
func (f *folder) sync(fails ...bool) string {
	f.t.Helper()
	home := f.t.TempDir()
	exclude := filepath.Join(home, "exclude.lst")
	if err := os.WriteFile(exclude, []byte("*~\n"), 0o600); err != nil {
		f.t.Fatal(err)
	}
	out, err := run(f.t, home, f.program, "--non-interactive", "--exclude", exclude, "-u", f.login, "-p", f.secret, f.dir, f.server.URL)
	if (err != nil) != (len(fails) > 0) {
		f.t.Fatalf("%s: %v\n%s", f.program, err, out)
	}
	return out
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

func (f *folder) write(name, content string) {
	f.t.Helper()
	if err := os.MkdirAll(filepath.Dir(f.path(name)), 0o700); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(f.path(name), []byte(content), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// files is what lies in the folder: name and checksum, folders end in a slash. The client's own files do not count.
func (f *folder) files() []string {
	f.t.Helper()
	var all []string
	f.must(filepath.WalkDir(f.dir, func(at string, e fs.DirEntry, err error) error {
		name, _ := filepath.Rel(f.dir, at)
		switch {
		case err != nil || name == ".":
			return err
		case e.IsDir():
			all = append(all, filepath.ToSlash(name)+"/")
			return nil
		case strings.HasPrefix(e.Name(), ".sync_"), strings.HasPrefix(e.Name(), "._sync"), strings.HasPrefix(e.Name(), ".owncloudsync"):
			return nil
		}
		content, err := os.ReadFile(at)
		sum := sha256.Sum256(content)
		all = append(all, filepath.ToSlash(name)+" "+hex.EncodeToString(sum[:8]))
		return err
	}))
	slices.Sort(all)
	return all
}

func same(t *testing.T, a, b *folder) {
	t.Helper()
	if x, y := a.files(), b.files(); !slices.Equal(x, y) {
		t.Fatalf("the devices differ:\n%s\n---\n%s", strings.Join(x, "\n"), strings.Join(y, "\n"))
	}
}

func random(t *testing.T, n int) string {
	t.Helper()
	b := make([]byte, n)
	rand.Read(b)
	return string(b)
}

func TestLitmusFindsNoFailure(t *testing.T) {
	litmus := installed(t, "litmus")
	s := newSite(t)
	server := newCounter(t, s)
	for _, root := range []string{"/dav/", "/remote.php/webdav/"} {
		out, err := run(t, t.TempDir(), litmus, "-k", server.URL+root, s.login, s.secret)
		if err != nil || strings.Contains(out, "FAIL") || strings.Contains(out, "WARNING") || strings.Count(out, "100.0%") != 5 {
			t.Errorf("litmus on %s: %v\n%s", root, err, out)
		}
	}
}

// A person with two devices lives through everything that a sync folder sees in a year.
func TestTwoDevicesStayInStep(t *testing.T) {
	s := newSite(t)
	server := newCounter(t, s)
	a, b := newFolder(t, s, server, "nextcloudcmd"), newFolder(t, s, server, "nextcloudcmd")
	s.want(201, "MKCOL", "/From%20the%20web", "")
	s.want(201, "PUT", "/From%20the%20web/letter.txt", "dear reader", "X-OC-Mtime", "1600000000")
	step := func(name string, do func(), has ...string) {
		t.Helper()
		do()
		a.sync()
		b.sync()
		a.sync()
		same(t, a, b)
		listed := strings.Join(a.files(), "\n") + "\n"
		for _, one := range has {
			missing := strings.HasPrefix(one, "!")
			if strings.Contains(listed, strings.TrimPrefix(one, "!")) == missing {
				t.Fatalf("%s: %q in\n%s", name, one, listed)
			}
		}
		a.sync() // learns the ETags of the folders it wrote to
		server.take()
		a.sync()
		if seen := server.take(); len(seen) > 5 {
			t.Fatalf("%s: a run with nothing to do took %d requests: %v", name, len(seen), seen)
		}
	}
	step("first sync", func() {
		a.write("Contracts/2026/Alpine/offer.txt", "an offer")
		a.write("empty.txt", "")
		a.write("with space/and % # + & name.txt", "signs")
		a.write("literal%20percent/a+b?c.txt", "more signs")
		a.write("日本/écrit 🙂.md", "unicode")
		a.write("CON.txt", "a Windows device")
	}, "From the web/letter.txt", "Contracts/2026/Alpine/offer.txt", "empty.txt", "and % # + & name.txt", "literal%20percent/a+b?c.txt", "écrit 🙂.md")
	info, err := os.Stat(b.path("From the web/letter.txt"))
	b.must(err)
	if info.ModTime().Unix() != 1600000000 {
		t.Fatalf("time of the letter: %v", info.ModTime())
	}
	step("overwrite", func() { a.write("Contracts/2026/Alpine/offer.txt", "a better offer") })
	step("overwrite by the other device", func() { b.write("empty.txt", "full now"); b.sync() })
	step("rename", func() { a.must(os.Rename(a.path("empty.txt"), a.path("renamed.txt"))) }, "renamed.txt", "!empty.txt")
	step("folder move", func() {
		a.must(os.MkdirAll(a.path("Archive"), 0o700))
		a.must(os.Rename(a.path("Contracts/2026"), a.path("Archive/2026")))
	}, "Archive/2026/Alpine/offer.txt", "!Contracts/2026")
	step("case-only rename", func() { a.must(os.Rename(a.path("renamed.txt"), a.path("Renamed.txt"))) }, "Renamed.txt", "!renamed.txt")
	step("decomposed name", func() { a.write("nfd/Cafe\u0301.txt", "e and an accent") }, "nfd/Caf\u00e9.txt", "!Cafe\u0301")
	step("large file", func() { a.write("film.bin", random(t, 60<<20)) }, "film.bin")
	step("large file replaced", func() { a.write("film.bin", random(t, 25<<20)) }, "film.bin")
	step("delete", func() { a.must(os.Remove(a.path("film.bin"))); a.must(os.RemoveAll(a.path("with space"))) }, "!film.bin", "!with space")
	t.Run("conflict", func(t *testing.T) {
		a.write("Renamed.txt", "written at A")
		b.write("Renamed.txt", "written at B, later")
		a.sync()
		b.sync()
		a.sync()
		all := strings.Join(b.files(), "\n")
		if !strings.Contains(all, "conflicted copy") {
			t.Fatalf("no conflict copy at B:\n%s", all)
		}
		if got := s.want(200, "GET", "/Renamed.txt", ""); got != "written at A" {
			t.Fatalf("on the server: %q", got)
		}
	})
	t.Run("wrong password", func(t *testing.T) {
		wrong := *a
		wrong.secret = "no-such-password"
		wrong.t, wrong.dir = t, t.TempDir()
		wrong.sync(true)
		if len(wrong.files()) != 0 {
			t.Fatalf("files came without a password: %v", wrong.files())
		}
	})
	t.Run("over quota", func(t *testing.T) {
		s.limit(3 << 20)
		a.write("too big.bin", random(t, 12<<20))
		a.write("too much.bin", random(t, 4<<20))
		server.take()
		a.sync(true)
		for _, request := range server.take() {
			if strings.HasPrefix(request, "PUT /remote.php/dav/uploads") {
				t.Errorf("a chunk was sent although the whole does not fit: %s", request)
			}
		}
		s.want(404, "GET", "/too%20big.bin", "")
		s.want(404, "GET", "/too%20much.bin", "")
	})
}

// quota gives the client's person so many bytes beyond what is there.
func quota(t *testing.T, c *client, more int64) {
	t.Helper()
	ctx, d := c.drive()
	books, err := d.quota(ctx, d.tenant.DB)
	if err != nil {
		t.Fatal(err)
	}
	err = d.tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return setQuota(ctx, tx, c.ID, books.Used+more) })
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheOwnCloudClientSyncsToo(t *testing.T) {
	s := newSite(t)
	server := newCounter(t, s)
	a, b := newFolder(t, s, server, "owncloudcmd"), newFolder(t, s, server, "nextcloudcmd")
	a.write("Reports/2026 & more/Q1.txt", "good")
	a.write("film.bin", random(t, 25<<20))
	a.sync()
	b.sync()
	same(t, a, b)
	b.write("Reports/2026 & more/Q1.txt", "very good")
	b.must(os.Rename(b.path("film.bin"), b.path("Reports/film.bin")))
	b.sync()
	a.sync()
	same(t, a, b)
}
