package shell

import (
	"sync"
	"time"
)

// mostTyped is how many times a minute a page may ask about what somebody types.
const mostTyped = 90

// pace counts what accounts ask within a minute.
type pace struct {
	mu    sync.Mutex
	since time.Time
	asked map[string]int
}

func (p *pace) allow(account string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.since).Abs() >= time.Minute {
		p.since, p.asked = now, map[string]int{}
	}
	p.asked[account]++
	return p.asked[account] <= mostTyped
}
