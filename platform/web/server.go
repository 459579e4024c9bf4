package web

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/identity"
	"runes.im/platform/place"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/words"
)

// Options are what the server stands on.
type Options struct {
	Registry *tenant.Registry
	People   *identity.House
	Book     *words.Book
	Log      *slog.Logger

	Templates   fs.FS                           // the layouts, parts and pages of the house
	Assets      fs.FS                           // built files, flat
	Icon        func(name string) template.HTML // one icon as inline svg
	StyleHashes []string                        // style elements that scripts may add, for the policy: 'sha256-…'

	Places         *place.Atlas   // where addresses are; nil: nobody knows
	Proxies        []netip.Prefix // whose forwarded headers count
	PublicPort     int            // of links, where something in front of us changes it; 0: the door's own
	MaxConnections int            // at once from one address; 0: no limit
	Limits         Limits         // zero values mean the defaults
}

// Server answers every request of the appliance.
type Server struct {
	Options
	pages   table // routes of people
	doors   table // routes of programs
	gate    table // routes of the appliance's own host while several tenants live there
	origins *http.CrossOriginProtection
	looks   *looks
	static  *static
	dress   func(v *Visit, f *Frame) error
	policy  []string // the content security policy, as a header value
	mark    string   // stands for the visitor's form token in rendered pages
	easel   string   // stands before a member whose picture goes there
	counts  connections
	closing chan struct{} // closed when the server stops
	close   sync.Once
}

// New makes a server without pages; Mount and OpenDoors bring them.
func New(o Options) (*Server, error) {
	o.Limits = o.Limits.orDefaults()
	s := &Server{Options: o, origins: http.NewCrossOriginProtection(), mark: "csrf" + id.Secret(24), easel: "face" + id.Secret(24), closing: make(chan struct{})}
	s.policy = []string{pagePolicy(o.StyleHashes)}
	s.counts.max = o.MaxConnections
	s.counts.trusted = s.trusted
	var err error
	if s.static, err = newStatic(o.Assets); err != nil {
		return nil, err
	}
	s.looks, err = newLooks(s, o.Templates)
	return s, err
}

// Mount brings the pages of a rune at /<id>; templates may be nil. The empty id is the house itself, at /.
func (s *Server) Mount(id string, templates fs.FS, routes func(r *Router)) error {
	if err := s.looks.add(id, templates); err != nil {
		return fmt.Errorf("templates of %s: %w", id, err)
	}
	if routes != nil {
		routes(&Router{server: s, rune: id, table: &s.pages})
	}
	return nil
}

// MountGate brings the pages of the appliance's own host, where people choose an organisation. v.Tenant, v.DB and v.Person are
// nil there; every permission must be AtGate.
func (s *Server) MountGate(routes func(r *Router)) {
	routes(&Router{server: s, table: &s.gate})
}

// OpenDoors brings the protocol surfaces of a rune.
func (s *Server) OpenDoors(id string, doors func(d *Doors)) { doors(&Doors{server: s, rune: id}) }

// Dress sets what completes the frame around the pages of people who are signed in.
func (s *Server) Dress(fn func(v *Visit, f *Frame) error) { s.dress = fn }

// ServeHTTP answers one request: a panic ends it and nothing else.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := &Visit{Request: r, People: s.People, server: s, start: time.Now()}
	v.out = response{ResponseWriter: w, limit: s.Limits.Write, fresh: v.start}
	v.Writer = &v.out
	defer s.end(v)
	defer func() {
		p := recover()
		if p == http.ErrAbortHandler {
			panic(p)
		}
		if p != nil {
			s.answer(v, &panicked{value: p, stack: debug.Stack()})
		}
	}()
	if err := s.serve(v); err != nil {
		s.answer(v, err)
	}
}

// end gives back what the visit held, whichever way it ended.
func (s *Server) end(v *Visit) {
	if v.cancel != nil {
		v.cancel()
	}
	if v.unwatch != nil {
		v.unwatch()
	}
	v.letBe()
	if v.Tenant != nil {
		v.Tenant.Leave()
	}
	v.out.finish()
	s.record(v)
}

// serve finds the tenant and the route.
func (s *Server) serve(v *Visit) error {
	s.pace(v)
	r := v.Request
	v.address, v.secure = s.origin(r)
	s.protect(v)
	host, ok := tenant.HostName(r.Host)
	if !ok || strings.IndexByte(r.URL.Path, 0) >= 0 {
		return fault.New(fault.Malformed, "web.malformed")
	}
	v.host = host
	if s.neutral(v) {
		return nil
	}
	if to, moved := s.Registry.Moved(r.Context(), r.Host); moved {
		return s.forward(v, to)
	}
	err := s.enter(v)
	if r.URL.Path == "/robots.txt" {
		v.robots()
		return nil
	}
	if err != nil {
		return err
	}
	if v.atGate {
		v.Writer.Header()["X-Robots-Tag"] = noIndex
		return s.showGate(v)
	}
	if !v.Look().IsIndexed {
		v.Writer.Header()["X-Robots-Tag"] = noIndex
	}
	if route, params := s.doors.find(http.MethodGet, r.URL); route != nil {
		v.take(route, params)
		return s.openDoor(v)
	}
	return s.showPage(v)
}

// neutral answers what belongs to no tenant.
func (s *Server) neutral(v *Visit) bool {
	switch path := v.Request.URL.Path; {
	case path == "/healthz" || path == "/readyz":
		v.quiet = true
		s.health(v, path)
	case strings.HasPrefix(path, assetsPath):
		v.quiet = true
		s.static.serve(v)
	case path == "/favicon.ico":
		return v.Go(s.static.address("icon.svg")) == nil
	default:
		return false
	}
	return true
}

// enter finds the tenant of the host and opens it for this request.
func (s *Server) enter(v *Visit) error {
	ctx := v.Request.Context()
	slug, err := s.Registry.ByHost(ctx, v.Request.Host)
	if err != nil {
		if fault.Is(err, fault.Misdirected) && s.Registry.Empty() {
			return nil
		}
		if fault.Is(err, fault.Misdirected) && s.Registry.IsGate(v.Request.Host) {
			v.atGate, v.ctx = true, ctx
			return nil
		}
		return err
	}
	t, err := s.Registry.Enter(ctx, slug)
	if err != nil {
		return err
	}
	v.Tenant, v.DB = t, t.DB
	v.ctx = tenant.With(ctx, t)
	return nil
}

// active reports whether the visit's rune may be used in its tenant. The house's own pages always may. A suspension
// breaks the visit off, however long it takes.
func (s *Server) active(v *Visit) (bool, error) {
	if v.route.Rune == "" {
		return true, nil
	}
	if v.unwatch == nil {
		v.unwatch = entitlement.Watch(v.DB, v.route.Rune, v.out.breakOff)
	}
	active, err := entitlement.Active(v.Context(), v.DB)
	return active[v.route.Rune], err
}

// guard breaks the answer off when its person is shut out in the midst of it: suspended, signed out, without the password of
// their program. What changes something ends by itself and looks again before it lands; it may be what shuts them out.
func (v *Visit) guard() {
	if isRead(v.Request.Method) {
		v.watch = v.People.Watch(v.Tenant, v.out.breakOff)
	}
}

// letBe ends that watch, for streams that say good-bye.
func (v *Visit) letBe() {
	if v.watch != nil {
		v.watch.Stop()
	}
}

// act makes the person of the visit the one who acts.
func (v *Visit) act() {
	actor := store.Actor{Address: v.Address()}
	if v.Person != nil {
		actor.ID, actor.Name = v.Person.ID, v.Person.Name
	}
	if v.Person != nil && v.watch != nil {
		v.watch.Settle(v.Person.ID, v.Person.Session)
	} else {
		v.letBe()
	}
	v.ctx = identity.With(store.WithActor(v.ctx, actor), v.Person)
}

// health says whether the process lives and whether it can find its tenants.
func (s *Server) health(v *Visit, path string) {
	v.Writer.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if path == "/readyz" {
		ctx, cancel := context.WithTimeout(v.Request.Context(), 5*time.Second)
		defer cancel()
		if _, err := s.Registry.List(ctx); err != nil || s.stopping() {
			s.Log.Error("not ready", "err", err)
			v.Writer.WriteHeader(http.StatusServiceUnavailable)
			v.Writer.Write([]byte("not ready\n"))
			return
		}
	}
	v.Writer.Write([]byte("ok\n"))
}

func (s *Server) stopping() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

// panicked is a programming mistake that one request ran into.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// wentAway reports that nobody waits for the answer any more.
func wentAway(v *Visit, err error) bool {
	return errors.Is(err, context.Canceled) && v.Request.Context().Err() != nil
}
