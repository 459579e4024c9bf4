package identity

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// The limits on guessing. One person at one address (or at a browser we know) gets slower after slowAfter failures and
// has to pause after stopAfter. Failures over any people count for the address and for the whole tenant within a window.
const (
	slowAfter     = 5
	stopAfter     = 10
	firstDelay    = 200 * time.Millisecond
	firstPause    = time.Minute
	longestPause  = 15 * time.Minute
	forgetAfter   = 24 * time.Hour
	window        = 10 * time.Minute
	addressLimit  = 30
	tenantLimit   = 300
	passwordGuess = "password"
	resetGuess    = "reset"
	linkGuess     = "link"
	factorGuess   = "second_factor"
	passkeyGuess  = "passkey"
	programGuess  = "app_password"
)

// pauser waits; a test replaces it.
type pauser func(ctx context.Context, d time.Duration) error

func sleep(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tally counts the failures of one kind.
type tally struct {
	kind, key string
	limit     int  // of a window; 0: the growing pauses of one person
	spared    bool // counted, but refuses nothing
	ahead     bool // noted by a clock that was ahead of ours
	failures  int
	since     time.Time
	last      time.Time
}

// attempt is one try to get in. It counts as a failure from its beginning, so that neither many at once nor a restart
// gives more tries than the limits; success takes it back.
type attempt struct {
	door    string
	tallies []*tally
	delay   time.Duration
	tried   int    // how often this person failed here, this time included
	about   string // the account, as alarms know it; empty at the gate
	guesses int    // at the account within the hour, by all doors and from everywhere
	method  string // how the person proves who they are, as their session keeps it
}

// try begins an attempt on the account behind key, or refuses it with fault.TooMany. A browser that the person signed
// in with before is counted by itself: guesses from elsewhere never lock it out. An address that the person came from
// before is spared the limits that strangers there, or anywhere, used up.
func (h *House) try(ctx context.Context, t *tenant.Tenant, door, key string, from Source, known acquaintance) (*attempt, error) {
	a := &attempt{door: door}
	place := network(from.Address)
	if known.device != "" {
		a.tallies = []*tally{{kind: "device", key: digest(key, known.device)}}
	} else {
		a.tallies = []*tally{
			{kind: "pair", key: digest(key, place)},
			{kind: "address", key: place, limit: addressLimit, spared: known.address},
			{kind: "tenant", limit: tenantLimit, spared: known.address},
		}
	}
	// A look first: whoever is refused must not keep the writer busy.
	if err := a.judge(ctx, t.DB); err != nil {
		return nil, errors.Join(err, a.setBack(ctx, t))
	}
	err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.judge(ctx, tx); err != nil {
			return err
		}
		for _, y := range a.tallies {
			if err := y.add(ctx, tx, door); err != nil {
				return err
			}
		}
		if t.ID == "" {
			return nil // the gate is nobody's: alarms belong to organisations
		}
		return a.count(ctx, tx, key)
	})
	a.tried = a.tallies[0].failures + 1
	isFull := slices.ContainsFunc(a.tallies, func(y *tally) bool { return y.limit > 0 && y.failures+1 == y.limit })
	if err == nil && isFull && t.ID != "" {
		err = h.tellSpraying(ctx, t, from)
	}
	return a, err
}

// judge reads the tallies and refuses when one is full.
func (a *attempt) judge(ctx context.Context, r store.Reader) error {
	now := clock.Steady(ctx)
	for _, y := range a.tallies {
		if err := y.read(ctx, r, a.door, now); err != nil {
			return err
		}
		if left := y.pause(now); left > 0 && !y.spared {
			seconds := int((left + time.Second - 1) / time.Second)
			return fault.New(fault.TooMany, "identity.throttled", "seconds", seconds, "n", (seconds+59)/60)
		}
	}
	a.delay = 0
	if over := a.tallies[0].failures - slowAfter; over >= 0 {
		a.delay = firstDelay << min(over, stopAfter-slowAfter-1)
	}
	return nil
}

func (y *tally) read(ctx context.Context, r store.Reader, door string, now time.Time) error {
	var since, last string
	err := r.QueryRow(ctx, `SELECT failures, since, last_at FROM identity_throttle WHERE door = ? AND kind = ? AND key = ?`,
		door, y.kind, y.key).Scan(&y.failures, &since, &last)
	if errors.Is(err, sql.ErrNoRows) {
		y.failures, y.since, y.last = 0, now, now
		return nil
	}
	if err != nil {
		return err
	}
	if y.since, err = clock.Parse(since); err != nil {
		return err
	}
	if y.last, err = clock.Parse(last); err != nil {
		return err
	}
	if y.ahead = y.last.After(now); y.ahead {
		y.since, y.last = now, now
	}
	over := now.Sub(y.last) >= forgetAfter
	if y.limit > 0 {
		over = now.Sub(y.since) >= window
	}
	if over {
		y.failures, y.since, y.last = 0, now, now
	}
	return nil
}

// setBack moves what a clock ahead of ours noted to now, or its pauses would last until we get there.
func (a *attempt) setBack(ctx context.Context, t *tenant.Tenant) error {
	if !slices.ContainsFunc(a.tallies, func(y *tally) bool { return y.ahead }) {
		return nil
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := clock.Text(clock.Steady(ctx))
		_, err := tx.Exec(ctx, `UPDATE identity_throttle SET since = min(since, ?), last_at = ? WHERE last_at > ?`, now, now, now)
		return err
	})
}

// pause is how long nobody is heard.
func (y *tally) pause(now time.Time) time.Duration {
	if y.limit > 0 {
		if y.failures < y.limit {
			return 0
		}
		return max(window-now.Sub(y.since), firstPause)
	}
	if y.failures < stopAfter {
		return 0
	}
	whole := longestPause
	if doublings := y.failures - stopAfter; doublings < 4 {
		whole = firstPause << doublings
	}
	return whole - now.Sub(y.last)
}

func (y *tally) add(ctx context.Context, tx *store.Tx, door string) error {
	now := clock.Text(clock.Steady(ctx))
	_, err := tx.Exec(ctx, `INSERT INTO identity_throttle (door, kind, key, failures, since, last_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (door, kind, key) DO UPDATE SET failures = excluded.failures, since = excluded.since, last_at = excluded.last_at`,
		door, y.kind, y.key, y.failures+1, clock.Text(y.since), now)
	return err
}

// succeed forgets the person's failures and takes this attempt out of the other tallies.
func (a *attempt) succeed(ctx context.Context, tx *store.Tx) error {
	for _, y := range a.tallies {
		query := `DELETE FROM identity_throttle WHERE door = ? AND kind = ? AND key = ?`
		if y.limit > 0 {
			query = `UPDATE identity_throttle SET failures = max(failures - 1, 0) WHERE door = ? AND kind = ? AND key = ?`
		}
		if _, err := tx.Exec(ctx, query, a.door, y.kind, y.key); err != nil {
			return err
		}
	}
	return a.uncount(ctx, tx)
}

// fail answers somebody who is not let in. The first failure stands in the audit log, then fewer and fewer. What was
// typed stays out of it, because people type their password into the wrong field.
func (a *attempt) fail(ctx context.Context, t *tenant.Tenant, c *candidate, from Source) error {
	if err := a.tellFailures(ctx, t, c, from); err != nil {
		return err
	}
	if a.tried != 1 && a.tried != slowAfter && a.tried%stopAfter != 0 {
		return signedOut()
	}
	entry := audit.Entry{Action: "identity.sign_in_failed", After: map[string]any{"door": a.door, "failures": a.tried}}
	if c.memberID != "" {
		entry.Object, entry.Title = "member:"+c.memberID, c.name
	}
	ctx = store.WithActor(ctx, store.Actor{Address: from.Address})
	err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return audit.Record(ctx, tx, entry) })
	if err != nil {
		return err
	}
	return signedOut()
}

// IsLocal reports whether an address belongs to the machine or to a private network.
func IsLocal(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && (a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast())
}

// network is the address, or the /64 that one subscriber has to choose from.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		prefix, _ := a.Prefix(64) // 64 bits fit every such address
		return prefix.String()
	}
	return a.String()
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
