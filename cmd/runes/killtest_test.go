package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// How often the server is killed. A release wants RUNES_CRASH_ROUNDS=200.
const crashRounds = 15

// D1: an answer of success means that the file is on stable storage. Clients upload files small and large, whole and in
// chunks, over each other; the server is killed at random moments; whatever was acknowledged is there afterwards, whole,
// and nothing that was never sent is.
func TestKillNineLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	rounds := crashRounds
	if given := os.Getenv("RUNES_CRASH_ROUNDS"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil {
			t.Fatal(err)
		}
		rounds = n
	}
	c := newCrash(t)
	for round := range rounds {
		s := c.start(t)
		if round > 0 {
			c.compare(t, s)
		}
		c.uploadUntilKilled(t, s)
	}
	s := c.start(t)
	c.compare(t, s)
	s.end(t)
	c.verify(t)
	t.Logf("%d kills, %d files acknowledged, %d in flight when killed", rounds, c.ledger.acknowledged, c.ledger.unknown)
	if c.ledger.acknowledged < 10*rounds || c.ledger.unknown == 0 {
		t.Errorf("%d acknowledged, %d in flight: too few to prove anything", c.ledger.acknowledged, c.ledger.unknown)
	}
}

// verify checks everything. A crash may leave contents that no file uses; a repair removes them and finds none the
// second time.
func (c *crash) verify(t *testing.T) {
	t.Helper()
	out, _ := c.runes("", "verify", "--json")
	var found struct{ Problems []string }
	if err := json.Unmarshal([]byte(out[:strings.LastIndexByte(out, '}')+1]), &found); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, p := range found.Problems {
		if !strings.HasSuffix(p, "has no row") {
			t.Errorf("after the kills: %s", p)
		}
	}
	if out, err := c.runes("", "verify", "--repair"); err != nil || !strings.Contains(out, "Sound: ") {
		t.Errorf("verify --repair: %v\n%s", err, out)
	}
	if out, err := c.runes("", "verify", "--repair"); err != nil || strings.Contains(out, "Removed") {
		t.Errorf("a repeated repair: %v\n%s", err, out)
	}
}

// crash is a data directory that goes through many lives.
type crash struct {
	program string
	env     []string
	user    string // member id
	secret  string
	client  *http.Client
	ledger  *ledger
}

func newCrash(t *testing.T) *crash {
	t.Helper()
	program, err := exec.LookPath("runes")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c := &crash{program: program, client: &http.Client{Timeout: time.Minute}, ledger: &ledger{files: map[string]*fate{}}}
	c.env = append(os.Environ(), "RUNES_DATA="+filepath.Join(dir, "data"), "RUNES_KEY="+filepath.Join(dir, "key"), "RUNES_HTTP=127.0.0.1:0")
	must := func(stdin string, args ...string) string {
		out, err := c.runes(stdin, args...)
		if err != nil {
			t.Fatalf("runes %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return out
	}
	must("a long enough password", "setup", "--company", "Acme", "--slug", "acme", "--email", "ada@acme.example", "--name", "Ada Byron", "--password-file", "-")
	c.secret = strings.TrimSpace(must("", "user", "app-password", "--tenant", "acme", "--email", "ada@acme.example"))
	var people []struct{ ID string }
	if err := json.Unmarshal([]byte(must("", "user", "list", "--tenant", "acme", "--json")), &people); err != nil {
		t.Fatal(err)
	}
	c.user = people[0].ID
	return c
}

func (c *crash) runes(stdin string, args ...string) (string, error) {
	cmd := exec.Command(c.program, args...)
	cmd.Env, cmd.Stdin = c.env, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// life is one run of the server.
type life struct {
	process *exec.Cmd
	address string
	drained chan struct{}
}

func (c *crash) start(t *testing.T) *life {
	t.Helper()
	s := &life{process: exec.Command(c.program, "serve"), drained: make(chan struct{})}
	s.process.Env = c.env
	out, err := s.process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.process.Process.Kill(); s.process.Wait() })
	lines := bufio.NewScanner(out)
	for s.address == "" && lines.Scan() {
		if m := addressLine.FindStringSubmatch(lines.Text()); m != nil {
			s.address = m[3]
		}
	}
	if s.address == "" {
		t.Fatal("the server does not start any more")
	}
	go func() { defer close(s.drained); io.Copy(io.Discard, out) }()
	return s
}

func (s *life) end(t *testing.T) {
	t.Helper()
	if err := s.process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-s.drained
	if err := s.process.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// kill ends the server without a warning after a while: the moment is what such a test is about.
func (s *life) kill(t *testing.T, after time.Duration) {
	t.Helper()
	select {
	case <-time.After(after):
	case <-t.Context().Done():
	}
	if err := s.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.drained
	s.process.Wait() // it was killed: that is its error
}

const uploaders = 5

// uploadUntilKilled lets clients upload until the server dies under them.
func (c *crash) uploadUntilKilled(t *testing.T, s *life) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var clients sync.WaitGroup
	for n := range uploaders {
		clients.Go(func() {
			for ctx.Err() == nil {
				c.upload(ctx, s.address, n)
			}
		})
	}
	s.kill(t, time.Duration(50+random(900))*time.Millisecond) // anything from the first upload to a busy server
	stop()
	clients.Wait()
}

// sizes are around every way a content is kept: nothing, inside the database, at its limit, a file of its own.
var sizes = []int{0, 1, 900, 20_000, 64 << 10, 64<<10 + 1, 300_000, 2_000_000}

// upload sends one file, new or over an older one, and notes in the ledger what became of it.
func (c *crash) upload(ctx context.Context, address string, uploader int) {
	content := make([]byte, sizes[random(len(sizes))])
	rand.Read(content)
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	name := fmt.Sprintf("file %d-%d ü.bin", uploader, random(40))
	c.ledger.begin(name, hash)
	target := address + "/remote.php/dav/files/" + c.user + "/" + strings.ReplaceAll(name, " ", "%20")
	var ok bool
	if len(content) > 64<<10 && random(2) == 0 {
		ok = c.chunked(ctx, address, target, content)
	} else {
		ok = c.ask(ctx, http.MethodPut, target, content, nil)
	}
	if ok {
		c.ledger.done(name, hash)
	}
}

// chunked uploads as the desktop client does: a folder for the parts, the parts, and a move that puts them together.
func (c *crash) chunked(ctx context.Context, address, target string, content []byte) bool {
	folder := address + "/remote.php/dav/uploads/" + c.user + "/" + strconv.Itoa(1e9+random(1e9))
	header := http.Header{"Destination": {target}, "Oc-Total-Length": {strconv.Itoa(len(content))}}
	if !c.ask(ctx, "MKCOL", folder, nil, header) {
		return false
	}
	const part = 50_000
	for n := 0; n*part < len(content); n++ {
		piece := content[n*part : min(len(content), (n+1)*part)]
		if !c.ask(ctx, http.MethodPut, fmt.Sprintf("%s/%05d", folder, n+1), piece, header) {
			return false
		}
	}
	return c.ask(ctx, "MOVE", folder+"/.file", nil, header)
}

func (c *crash) ask(ctx context.Context, method, address string, body []byte, header http.Header) bool {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return false
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.SetBasicAuth("ada@acme.example", c.secret)
	res, err := c.client.Do(req)
	if err != nil {
		return false // the server died, which is what the ledger is for
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.StatusCode == http.StatusCreated || res.StatusCode == http.StatusNoContent
}

// compare reads every file back and holds it against the ledger.
func (c *crash) compare(t *testing.T, s *life) {
	t.Helper()
	for name, f := range c.ledger.files {
		req, err := http.NewRequest(http.MethodGet, s.address+"/remote.php/dav/files/"+c.user+"/"+strings.ReplaceAll(name, " ", "%20"), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("ada@acme.example", c.secret)
		res, err := c.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		_, err = io.Copy(sum, res.Body)
		res.Body.Close()
		got := hex.EncodeToString(sum.Sum(nil))
		switch {
		case err != nil:
			t.Errorf("%s cannot be read: %v", name, err)
		case res.StatusCode == http.StatusNotFound && f.kept == "":
		case res.StatusCode != http.StatusOK:
			t.Errorf("%s: %s, but it was acknowledged", name, res.Status)
		case got != f.kept && !f.unsure[got]:
			t.Errorf("%s holds %s, which nobody sent or which was replaced; acknowledged was %s", name, got[:12], f.kept)
		default:
			f.kept, f.unsure = got, map[string]bool{}
		}
	}
}

// ledger knows what the server acknowledged.
type ledger struct {
	mu           sync.Mutex
	files        map[string]*fate
	acknowledged int
	unknown      int // uploads whose answer never came
}

// fate is what may stand in a file: the content acknowledged last, or one sent since that was not answered.
type fate struct {
	kept   string
	unsure map[string]bool
}

func (l *ledger) begin(name, hash string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.files[name] == nil {
		l.files[name] = &fate{unsure: map[string]bool{}}
	}
	l.files[name].unsure[hash] = true
	l.unknown++
}

func (l *ledger) done(name, hash string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.files[name]
	f.kept, f.unsure = hash, map[string]bool{}
	l.acknowledged++
	l.unknown--
}

func random(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // the system's generator never fails
	}
	return int(i.Int64())
}
