package live

// Watch is one answer that is under way. It begins before anybody knows for whom, so that nobody who is shut out in
// between is missed.
type Watch struct {
	tenant, person, session string
	settled                 bool
	missed                  []ending // before it was settled
	end                     func()
	hub                     *Hub
}

// ending is whom Hub.End shut out.
type ending struct{ person, session string }

func (e ending) hits(person, session string) bool {
	return e.person == person && (e.session == "" || e.session == session)
}

// Watch calls end once when Hub.End shuts out the person whom Settle names.
func (h *Hub) Watch(tenant string, end func()) *Watch {
	w := &Watch{tenant: tenant, end: end, hub: h}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watches[tenant] == nil {
		h.watches[tenant] = map[*Watch]struct{}{}
	}
	h.watches[tenant][w] = struct{}{}
	return w
}

// Settle names the person and the session, or the id of the program's password.
func (w *Watch) Settle(person, session string) {
	w.hub.mu.Lock()
	w.person, w.session, w.settled = person, session, true
	hit := false
	for _, e := range w.missed {
		hit = hit || e.hits(person, session)
	}
	w.missed = nil
	w.hub.mu.Unlock()
	if hit {
		w.end()
	}
}

// Stop ends the watch; it may be called more than once.
func (w *Watch) Stop() {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	delete(w.hub.watches[w.tenant], w)
	if len(w.hub.watches[w.tenant]) == 0 {
		delete(w.hub.watches, w.tenant)
	}
}

func (h *Hub) breakOff(tenant string, e ending) {
	h.mu.Lock()
	var hit []*Watch
	for w := range h.watches[tenant] {
		switch {
		case !w.settled:
			w.missed = append(w.missed, e)
		case e.hits(w.person, w.session):
			hit = append(hit, w)
		}
	}
	h.mu.Unlock()
	for _, w := range hit {
		w.end()
	}
}
