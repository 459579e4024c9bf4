package tenant

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
)

// maxOpen is how many tenants stay open when nobody is in them.
const maxOpen = 64

// patience is how long opening may take, and how long Close waits for those who are still inside.
const patience = 15 * time.Second

// seat is the place of one tenant that is open, opening or closing.
type seat struct {
	t       *Tenant
	err     error
	ready   chan struct{} // closed when opening ended, well or not
	closed  chan struct{} // closed when the files are closed
	refs    int
	lastUse int64
	leaving bool // closes when the last one leaves; nobody enters any more
	closing bool
}

// Enter opens the tenant, or joins those who have it open. Every Enter needs a Leave.
func (r *Registry) Enter(ctx context.Context, slug string) (*Tenant, error) {
	for {
		s, role, err := r.take(ctx, slug)
		if err != nil {
			return nil, err
		}
		if role.opens {
			r.fill(ctx, s, role.info)
		}
		if role.waits {
			select {
			case <-s.closed:
				continue
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		select {
		case <-s.ready:
		case <-ctx.Done():
			r.leave(s)
			return nil, ctx.Err()
		}
		if s.err != nil {
			return nil, s.err
		}
		r.closeResting()
		return s.t, nil
	}
}

// role is the part of one Enter at a seat: it opens the tenant, or waits until others have closed it (so that no file
// is ever open twice), or neither.
type role struct {
	opens, waits bool
	info         Info
}

func (r *Registry) take(ctx context.Context, slug string) (*seat, role, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	info, ok := r.known[slug]
	switch {
	case r.closed:
		return nil, role{}, fault.New(fault.Unavailable, "tenant.shutting_down")
	case !ok:
		return nil, role{}, fault.New(fault.NotFound, "tenant.missing", "slug", slug)
	case info.State != "active":
		return nil, role{}, fault.New(fault.Unavailable, "tenant.suspended", "name", info.Name)
	}
	r.tick++
	if s := r.seats[slug]; s != nil {
		if s.leaving {
			return s, role{waits: true}, nil
		}
		s.refs++
		s.lastUse = r.tick
		return s, role{}, nil
	}
	if ill, ok := r.broken[slug]; ok && clock.Steady(ctx).Sub(ill.tried).Abs() < rest {
		return nil, role{}, ill.fault()
	}
	s := &seat{ready: make(chan struct{}), closed: make(chan struct{}), refs: 1, lastUse: r.tick}
	r.seats[slug] = s
	return s, role{opens: true, info: info}, nil
}

// fill opens the tenant of a new seat. A caller who goes away meanwhile does not spoil it for those who wait.
func (r *Registry) fill(ctx context.Context, s *seat, info Info) {
	defer close(s.ready)
	long, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	t, err := r.open(long, s, info)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		s.err = r.fallIll(ctx, info.Slug, err)
		delete(r.seats, info.Slug)
		close(s.closed)
		return
	}
	s.t = t
	delete(r.broken, info.Slug)
}

func (r *Registry) open(ctx context.Context, s *seat, info Info) (_ *Tenant, err error) {
	t := &Tenant{
		ID: info.ID, Slug: info.Slug, Name: info.Name, Locale: info.Locale, Zone: info.Zone, Brand: info.Brand,
		PersonQuota: r.o.PersonQuota, registry: r, seat: s, gone: make(chan struct{}),
	}
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("panic while opening: %v", broken)
		}
		if err != nil {
			err = errors.Join(err, r.unhook(t))
		}
	}()
	home := r.home(info.Slug)
	if err := examine(home); err != nil {
		return nil, err
	}
	if err := r.openFiles(ctx, t, home); err != nil {
		return nil, err
	}
	for _, hook := range r.onOpen {
		if err := hook(With(ctx, t), t); err != nil {
			return nil, err
		}
	}
	r.tell(ctx, t)
	return t, nil
}

func (r *Registry) hold(s *seat) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.refs++
}

func (r *Registry) leave(s *seat) {
	r.mu.Lock()
	s.refs--
	if s.refs < 0 {
		r.mu.Unlock()
		panic("tenant: Leave without Enter")
	}
	last := s.refs == 0 && s.leaving
	r.mu.Unlock()
	if last {
		r.shut(s)
		return
	}
	r.closeResting()
}

// closeResting closes the tenants that rested longest while too many are open.
func (r *Registry) closeResting() {
	for {
		r.mu.Lock()
		var longest *seat
		if len(r.seats) > maxOpen {
			for _, s := range r.seats {
				if s.refs == 0 && !s.leaving && s.t != nil && (longest == nil || s.lastUse < longest.lastUse) {
					longest = s
				}
			}
		}
		if longest == nil {
			r.mu.Unlock()
			return
		}
		longest.leaving = true
		r.mu.Unlock()
		r.shut(longest)
	}
}

// shut closes the files of a seat that is being left, once.
func (r *Registry) shut(s *seat) {
	r.mu.Lock()
	if s.closing {
		r.mu.Unlock()
		<-s.closed
		return
	}
	s.closing = true
	r.mu.Unlock()
	if err := r.unhook(s.t); err != nil {
		slog.Error("a tenant did not close cleanly", "tenant", s.t.Slug, "error", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.seats, s.t.Slug)
	close(s.closed)
}

// unhook lets go of everything that open attached, as far as it got.
func (r *Registry) unhook(t *Tenant) error {
	if t.DB == nil {
		return nil
	}
	for i := len(r.onClose) - 1; i >= 0; i-- {
		r.onClose[i](t)
	}
	if t.Blobs != nil {
		return errors.Join(t.Blobs.Close(), t.DB.Close())
	}
	return t.DB.Close()
}

// part tells those inside that the tenant is to be let go. It returns nil when nobody has it open; else the seat,
// whose closed channel says when the files are closed.
func (r *Registry) part(slug string) *seat {
	r.mu.Lock()
	s := r.seats[slug]
	r.mu.Unlock()
	if s == nil {
		return nil
	}
	<-s.ready
	r.mu.Lock()
	if s.err != nil || s.leaving {
		r.mu.Unlock()
		return s // already closed, or about to be
	}
	s.leaving = true
	close(s.t.gone)
	empty := s.refs == 0
	r.mu.Unlock()
	if empty {
		r.shut(s)
	}
	return s
}

// Close closes every tenant. It waits a while for those who are still inside, then closes all the same.
func (r *Registry) Close() {
	r.mu.Lock()
	r.closed = true
	var open []string
	for slug := range r.seats {
		open = append(open, slug)
	}
	r.mu.Unlock()
	limit, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var seats []*seat
	for _, slug := range open {
		if s := r.part(slug); s != nil {
			seats = append(seats, s)
		}
	}
	for _, s := range seats {
		select {
		case <-s.closed:
		case <-limit.Done():
			r.shut(s)
		}
	}
}
