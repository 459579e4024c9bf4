package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// pageTime is how long a page may take. Uploads and streams have no such limit.
const pageTime = 30 * time.Second

// fileTime is how long a page may work on a file that came with its form.
const fileTime = 90 * time.Second

// showPage answers a person: route, origin, session, permission, form, handler.
func (s *Server) showPage(v *Visit) error {
	route, params := s.pages.find(v.Request.Method, v.Request.URL)
	if v.Tenant == nil {
		return s.beforeSetup(v, route, params)
	}
	v.guard()
	p, err := s.person(v)
	if err == nil {
		err = v.arrive(p)
	}
	if err != nil {
		return err
	}
	v.act()
	if route == nil {
		return s.noRoute(v)
	}
	v.take(route, params)
	if err := s.origins.Check(v.Request); err != nil {
		return fault.New(fault.Forbidden, "web.foreign")
	}
	if err := s.permit(v); err != nil {
		return err
	}
	return s.handle(v)
}

// beforeSetup leads everybody to the wizard while there is no tenant.
func (s *Server) beforeSetup(v *Visit, route *route, params url.Values) error {
	v.ctx = v.Request.Context()
	if route == nil || route.Permission != NoTenant {
		if isRead(v.Request.Method) {
			return v.Go("/setup")
		}
		return errNotFound
	}
	v.take(route, params)
	if err := s.origins.Check(v.Request); err != nil {
		return fault.New(fault.Forbidden, "web.foreign")
	}
	return s.handle(v)
}

// showGate answers on the appliance's own host. Its pages know by themselves who is signed in there.
func (s *Server) showGate(v *Visit) error {
	v.ctx = store.WithActor(v.ctx, store.Actor{Address: v.Address()})
	route, params := s.gate.find(v.Request.Method, v.Request.URL)
	if route == nil {
		return errNotFound
	}
	v.take(route, params)
	if err := s.origins.Check(v.Request); err != nil {
		return fault.New(fault.Forbidden, "web.foreign")
	}
	if route.Permission == Operator {
		if err := s.operate(v); err != nil {
			return err
		}
	}
	return s.handle(v)
}

// operate lets in who runs the appliance, past their second factor where they have one.
func (s *Server) operate(v *Visit) error {
	c, err := s.People.Caller(v.ctx, v.Gate())
	if fault.Is(err, fault.SignedOut) && isRead(v.Request.Method) {
		return &elsewhere{"/login"}
	}
	if err != nil {
		return err
	}
	is, err := s.People.IsOperator(v.ctx, c.AccountID)
	switch {
	case err != nil:
		return err
	case !is:
		return errNotFound
	case c.Half:
		return &elsewhere{"/login/second"}
	}
	if c.Locale != "" {
		v.Speak(c.Locale)
	}
	v.Caller = c
	v.ctx = store.WithActor(v.ctx, store.Actor{Name: c.Name + " (operator)", Address: v.Address()})
	return nil
}

// noRoute says 405 only to those who could know the page.
func (s *Server) noRoute(v *Visit) error {
	methods := s.pages.allowed(v.Request.URL)
	if v.Person == nil {
		return s.signInFirst(v)
	}
	if len(methods) == 0 {
		return errNotFound
	}
	route, params := s.pages.find(methods[0], v.Request.URL)
	v.take(route, params)
	if err := s.permit(v); err != nil {
		return err
	}
	v.Writer.Header().Set("Allow", strings.Join(methods, ", "))
	return &wrongMethod{}
}

// permit compares the route's permission with the person. Who lacks it cannot tell the page from one that is absent.
func (s *Server) permit(v *Visit) error {
	permission := v.route.Permission
	if permission == NoTenant {
		return errNotFound
	}
	if permission != Public && v.Person == nil {
		return s.signInFirst(v)
	}
	active, err := s.active(v)
	if err != nil {
		return err
	}
	named := permission != Public && permission != SignedIn
	if named && !v.Person.Can(permission) {
		return errNotFound
	}
	if !active {
		return s.missing(v, named)
	}
	return nil
}

// missing is the answer where a rune is not active. Those who could use the page learn that it only rests, if it does.
func (s *Server) missing(v *Visit, mayKnow bool) error {
	states, err := entitlement.States(v.Context(), v.DB)
	if err != nil {
		return err
	}
	if _, wasActive := states[v.route.Rune]; !wasActive || !mayKnow {
		return errNotFound
	}
	return fault.New(fault.NotFound, "web.resting", "name", v.T(v.route.Rune+".name"))
}

// signInFirst sends a browser to the sign-in page and tells everybody else.
func (s *Server) signInFirst(v *Visit) error {
	if !isRead(v.Request.Method) || v.WantsJSON() || strings.Contains(v.Request.Header.Get("Accept"), "text/event-stream") {
		return fault.New(fault.SignedOut, "web.signed_out")
	}
	if here := v.Here(); here != "/" {
		return &elsewhere{"/login?next=" + url.QueryEscape(here)}
	}
	return &elsewhere{"/login"}
}

// elsewhere ends a request with a redirect. It is an error, so that nothing goes on after it by mistake.
type elsewhere struct{ path string }

func (e *elsewhere) Error() string { return "redirect to " + e.path }

func (s *Server) handle(v *Visit) error {
	if !v.route.raw && v.route.room == 0 {
		v.limitTime(pageTime)
	}
	v.Writer.Header()["Cache-Control"] = noStore
	if !isRead(v.Request.Method) {
		body := v.Request.Body
		if err := v.readForm(); fault.Is(err, fault.TooLarge) && v.route.tooLarge != nil {
			return v.refuseFile(body)
		} else if err != nil {
			return err
		}
		// net/http clears up after its own request only, and this one is a copy.
		if files := v.Request.MultipartForm; files != nil {
			defer files.RemoveAll()
		}
		if v.route.room > 0 {
			v.limitTime(fileTime) // a slow line is no fault of the page
		}
		if err := v.checkToken(); err != nil {
			return err
		}
	} else if err := v.readQuery(); err != nil {
		return err
	}
	return v.route.handle(v)
}

// patience is how often a form's room is read, and thrown away, before the connection is cut: a browser listens only after
// it has sent everything.
const patience = 4

// refuseFile shows a form again whose file is too large.
func (v *Visit) refuseFile(body io.Reader) error {
	if _, err := io.CopyN(io.Discard, body, patience*v.route.room); err != nil && err != io.EOF {
		return fault.New(fault.Malformed, "web.malformed")
	}
	v.values = url.Values{}
	v.limitTime(pageTime)
	return v.route.tooLarge(v)
}

func (v *Visit) limitTime(most time.Duration) {
	v.base = v.ctx
	v.ctx, v.cancel = context.WithTimeout(v.ctx, most)
}

func isRead(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// take makes the route the visit's own.
func (v *Visit) take(r *route, params url.Values) {
	v.route, v.params, v.matched = r, params, r.Pattern
}
