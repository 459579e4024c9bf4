// Package runetest runs a real house on a temporary directory, over real HTTP, for tests: people with exactly the
// rights a test names, a clock that stands still until it is moved, and stories in plain sentences.
package runetest

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"runes.im/platform/app"
	"runes.im/platform/clock"
	"runes.im/platform/config"
	"runes.im/platform/runekit"
	"runes.im/platform/tenant"
)

// T is what a house needs of a test or of a story.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
	TempDir() string
}

var _ T = testing.TB(nil)

// House is a running appliance with one organisation, acme.
type House struct {
	App   *app.App
	Clock *Clock
	Dir   string // the data directory

	t      T
	domain string // what follows a tenant's short name
	port   string
	log    *lockedBuffer
	people map[string]*Person
}

// Start runs a house with the runes until the test ends. Change, when given, changes its settings before it starts.
func Start(t T, runes []runekit.Rune, change ...func(*config.Config)) *House {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	cfg := config.Default()
	cfg.Data, cfg.Key, cfg.HTTP = dir, dir+".key", "127.0.0.1:0"
	cfg.DNS = "127.0.0.1:1" // nobody answers there: a test asks nobody outside
	for _, c := range change {
		c(cfg)
	}
	h := &House{t: t, Dir: dir, Clock: newClock(), domain: cfg.BaseDomain, log: new(lockedBuffer), people: map[string]*Person{}}
	h.run(cfg, runes)
	h.Tenant("acme")
	return h
}

func (h *House) run(cfg *config.Config, runes []runekit.Rune) {
	h.t.Helper()
	ctx, stop := context.WithCancel(clock.With(context.Background(), h.Clock.Now))
	ready, ended := make(chan string, 1), make(chan error, 1)
	start := app.Start{Out: io.Discard, Log: slog.New(slog.NewJSONHandler(h.log, nil)), Ready: func(a *app.App, address string) {
		h.App = a
		ready <- address
	}}
	go func() { ended <- app.Serve(ctx, cfg, runes, start) }()
	select {
	case address := <-ready:
		h.port = portOf(h.t, address)
	case err := <-ended:
		stop()
		h.t.Fatalf("the house does not start: %v", err)
	}
	h.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			h.t.Fatalf("the house does not stop well: %v", err)
		}
	})
}

// Beside is a house that another process runs at that address. It has no App and its own clock.
func Beside(t T, address string) *House {
	return &House{t: t, domain: "localhost", port: portOf(t, address), people: map[string]*Person{}}
}

func portOf(t T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Port() == "" {
		t.Fatalf("address %q has no port: %v", address, err)
	}
	return u.Port()
}

// Context is a context of the house's own: its clock, nobody acting.
func (h *House) Context() context.Context {
	return clock.With(context.Background(), h.Clock.Now)
}

// Log is everything the house has logged so far.
func (h *House) Log() string { return h.log.String() }

// Tenant is the organisation with that short name, made when it is missing. It stays open until the test ends.
func (h *House) Tenant(slug string) *tenant.Tenant {
	h.t.Helper()
	t, err := h.App.Tenants.Enter(h.Context(), slug)
	if err != nil {
		t, err = h.App.Create(h.Context(), tenant.New{Slug: slug, Name: slug, Locale: "en", Zone: "UTC"}, nil)
	}
	if err != nil {
		h.t.Fatalf("tenant %s: %v", slug, err)
	}
	h.t.Cleanup(t.Leave)
	return t
}

// URL is the address of a page of the organisation; without a short name, of the appliance.
func (h *House) URL(slug, path string) string {
	if slug != "" {
		slug += "."
	}
	return "http://" + slug + net.JoinHostPort(h.domain, h.port) + path
}

// Clock is the time of a house: it stands still until somebody moves it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *Clock { return &Clock{now: time.Now().UTC().Truncate(time.Millisecond)} }

// Now is the time of the house.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Add moves the time on.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// lockedBuffer is written by many requests at once.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
