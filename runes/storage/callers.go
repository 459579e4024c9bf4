package storage

import (
	"net/netip"
	"slices"
	"sync"
	"time"
)

// callers knows how often each network began something lately that anybody may begin, so that one of them cannot use
// up what there is for all. A restart forgets it; the limit for all stands in the database.
type callers struct {
	mu   sync.Mutex
	from map[string][]time.Time
}

// admit notes one more call, unless there were most of them within the time.
func (c *callers) admit(address string, now time.Time, most int, within time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for network, calls := range c.from {
		calls = slices.DeleteFunc(calls, func(at time.Time) bool { return now.Sub(at) > within })
		if c.from[network] = calls; len(calls) == 0 {
			delete(c.from, network)
		}
	}
	network := networkOf(address)
	if len(c.from[network]) >= most {
		return false
	}
	if c.from == nil {
		c.from = map[string][]time.Time{}
	}
	c.from[network] = append(c.from[network], now)
	return true
}

// networkOf is the address, or the /64 that one subscriber has to choose from.
func networkOf(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Is4() {
		return address
	}
	prefix, _ := a.WithZone("").Prefix(64) // 64 bits fit every such address
	return prefix.String()
}
