package identity

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/live"
	"runes.im/platform/tenant"
)

const (
	maxVisitors = 4096        // of each door in memory; more are read from the database again
	noteEvery   = time.Minute // how far behind "last seen" may be
)

// fingerprint is the SHA-256 of a session token or an app password: what we keep of it.
type fingerprint = [sha256.Size]byte

// visitor is somebody let in before, in memory.
type visitor struct {
	person   *Person
	scopes   []string // of an app password
	madeAt   time.Time
	ends     time.Time      // of an API token, or of a session's token that has a successor
	networks []netip.Prefix // that an API token is bound to
	seen     atomic.Int64   // Unix milliseconds
	noted    atomic.Int64   // what the database knows of seen
}

func (v *visitor) at(seen time.Time) *visitor {
	v.seen.Store(seen.UnixMilli())
	v.noted.Store(seen.UnixMilli())
	return v
}

// cache is the visitors of one open tenant. Whatever changes a right empties it after the commit; a visitor read
// before the change is not kept after it.
type cache struct {
	mu       sync.RWMutex
	version  uint64
	accounts uint64
	doors    [doorCount]map[fingerprint]*visitor
	changed  func() // called when somebody's rights may have changed
}

// The doors of the cache. A session never opens the door of programs, nor the other way round.
const (
	sessionDoor = iota
	programDoor
	apiDoor
	doorCount
)

type cacheKey struct{}

func (h *House) cache(t *tenant.Tenant) *cache {
	return t.Held(cacheKey{}, func() any {
		return &cache{changed: func() { h.hub.Send(t.ID, "", live.Message{Name: live.Frame}) }}
	}).(*cache)
}

// empty forgets everybody, and lets open pages look again at what they may show.
func (c *cache) empty() {
	c.forget()
	c.changed()
}

func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version++
	c.doors = [doorCount]map[fingerprint]*visitor{}
}

// drop forgets one visitor, whose key changed its meaning.
func (c *cache) drop(door int, key fingerprint) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version++
	delete(c.doors[door], key)
}

// visitor is who the fingerprint stands for, from memory or by read. Nil when it stands for nobody.
func (h *House) visitor(ctx context.Context, t *tenant.Tenant, door int, key fingerprint, read visitorReader) (*visitor, error) {
	c := h.cache(t)
	accounts := h.accounts.Load()
	c.mu.RLock()
	version := c.version
	if v := c.doors[door][key]; v != nil && c.accounts == accounts {
		c.mu.RUnlock()
		return v, nil
	}
	c.mu.RUnlock()
	v, err := read(ctx, t, key)
	if v == nil || err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.version != version {
		return v, nil // good for this request, which began before the change
	}
	if c.accounts != accounts || len(c.doors[door]) >= maxVisitors {
		c.doors, c.accounts = [doorCount]map[fingerprint]*visitor{}, accounts
	}
	if c.doors[door] == nil {
		c.doors[door] = map[fingerprint]*visitor{}
	}
	if other := c.doors[door][key]; other != nil {
		return other, nil
	}
	c.doors[door][key] = v
	return v, nil
}

type visitorReader func(ctx context.Context, t *tenant.Tenant, key fingerprint) (*visitor, error)

// note writes down, beside the request and at most once a minute, that the visitor was here.
func (v *visitor) note(ctx context.Context, t *tenant.Tenant, write func(ctx context.Context, at time.Time) error) {
	now := clock.Now(ctx)
	v.seen.Store(now.UnixMilli())
	noted := v.noted.Load()
	if now.UnixMilli()-noted < noteEvery.Milliseconds() || !v.noted.CompareAndSwap(noted, now.UnixMilli()) {
		return
	}
	ctx = context.WithoutCancel(ctx)
	t.Hold()
	go func() {
		defer t.Leave()
		defer func() {
			if broken := recover(); broken != nil {
				slog.ErrorContext(ctx, "noting a visit broke", "tenant", t.Slug, "error", broken)
			}
		}()
		if err := write(ctx, now); err != nil {
			slog.WarnContext(ctx, "a visit was not noted", "tenant", t.Slug, "error", err)
		}
	}()
}
