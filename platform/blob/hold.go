package blob

import "sync"

// holds keep Sweep away from work in progress: temporary files being written, and contents that are staged but whose
// row is not committed yet. Both live in memory only, since a restart ends the work too.
type holds struct {
	mu     *sync.Mutex
	spared *sync.Cond
	temps  map[string]bool
	staged map[string]int  // by content, how many stagings
	doomed map[string]bool // being removed right now
}

func newHolds() holds {
	mu := new(sync.Mutex)
	return holds{mu: mu, spared: sync.NewCond(mu), temps: map[string]bool{}, staged: map[string]int{}, doomed: map[string]bool{}}
}

func (h *holds) begin(temp string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.temps[temp] = true
}

func (h *holds) end(temp string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.temps, temp)
}

func (h *holds) isWriting(temp string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.temps[temp]
}

// hold keeps the content's file from being removed until release. It waits for a removal that has begun: what is
// renamed into place after that stays.
func (h *holds) hold(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.doomed[id] {
		h.spared.Wait()
	}
	h.staged[id]++
}

func (h *holds) release(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.staged[id]--; h.staged[id] == 0 {
		delete(h.staged, id)
	}
}

func (h *holds) isStaged(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.staged[id] > 0
}

// doom picks the contents that nobody holds and makes later stagings of them wait until spare.
func (h *holds) doom(ids []string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var picked []string
	for _, id := range ids {
		if h.staged[id] == 0 && !h.doomed[id] {
			h.doomed[id] = true
			picked = append(picked, id)
		}
	}
	return picked
}

func (h *holds) spare(ids []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		delete(h.doomed, id)
	}
	h.spared.Broadcast()
}
