// Package live carries small messages to the pages people have open right now. Nothing is kept: a page that was
// closed reads the current state when it opens again.
package live

import (
	"context"
	"sync"
)

// Message goes to open pages as one server-sent event. Data is JSON-encoded.
type Message struct {
	Name string
	Data any
	// Permission is what a person must hold, at the moment of delivery, to get the message; empty: everybody signed in.
	Permission string
	// For is asked at delivery what this person gets instead of Data, nil being nothing; no For: everybody the same.
	For func(ctx context.Context, to Viewer) any
}

// Viewer is the person who has a page open.
type Viewer interface{ Can(permission string) bool }

// Frame is the name of the message after which a page looks whether what its person may use has changed.
const Frame = "frame"

type hubKey struct{}

// With lets everything done under ctx reach the open pages. The house sets it once, on the context from which
// requests, listeners and jobs get theirs.
func With(ctx context.Context, hub *Hub) context.Context {
	return context.WithValue(ctx, hubKey{}, hub)
}

// From is the hub of ctx; nil where there are no pages, as in a command.
func From(ctx context.Context) *Hub {
	hub, _ := ctx.Value(hubKey{}).(*Hub)
	return hub
}

// Hub knows every open page of every tenant, and who is being answered.
type Hub struct {
	mu      sync.Mutex
	pages   map[string]map[*Page]struct{}  // by tenant
	watches map[string]map[*Watch]struct{} // by tenant
}

// Page is one open event stream.
type Page struct {
	Tenant, Person, Session string
	C                       chan Message  // messages for this page
	Gone                    chan struct{} // closed when the page must be let go
	once                    sync.Once
	hub                     *Hub
}

// NewHub makes an empty hub.
func NewHub() *Hub {
	return &Hub{pages: map[string]map[*Page]struct{}{}, watches: map[string]map[*Watch]struct{}{}}
}

// Open adds a page; nil when this person already has max pages open.
func (h *Hub) Open(tenant, person, session string, max int) *Page {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for p := range h.pages[tenant] {
		if p.Person == person {
			n++
		}
	}
	if n >= max {
		return nil
	}
	p := &Page{Tenant: tenant, Person: person, Session: session, C: make(chan Message, 16), Gone: make(chan struct{}), hub: h}
	if h.pages[tenant] == nil {
		h.pages[tenant] = map[*Page]struct{}{}
	}
	h.pages[tenant][p] = struct{}{}
	return p
}

// Close removes the page; it may be called more than once.
func (p *Page) Close() {
	p.once.Do(func() {
		close(p.Gone)
		p.hub.mu.Lock()
		defer p.hub.mu.Unlock()
		delete(p.hub.pages[p.Tenant], p)
		if len(p.hub.pages[p.Tenant]) == 0 {
			delete(p.hub.pages, p.Tenant)
		}
	})
}

// Send gives a message to the open pages that match; an empty person means everybody of the tenant.
// A page that does not read is dropped, so that one sleeping browser never holds up the others.
func (h *Hub) Send(tenant, person string, m Message) {
	for _, p := range h.matching(func(p *Page) bool { return p.Tenant == tenant && (person == "" || p.Person == person) }) {
		select {
		case p.C <- m:
		default:
			p.Close()
		}
	}
}

// End closes the pages of a person, or of one session when session is not empty, and breaks off what they are being sent.
func (h *Hub) End(tenant, person, session string) {
	h.breakOff(tenant, ending{person, session})
	for _, p := range h.matching(func(p *Page) bool {
		return p.Tenant == tenant && p.Person == person && (session == "" || p.Session == session)
	}) {
		p.Close()
	}
}

// Count is the number of open pages.
func (h *Hub) Count() int { return len(h.matching(func(*Page) bool { return true })) }

func (h *Hub) matching(want func(*Page) bool) []*Page {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []*Page
	for _, pages := range h.pages {
		for p := range pages {
			if want(p) {
				found = append(found, p)
			}
		}
	}
	return found
}
