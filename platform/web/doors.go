package web

import (
	"net/http"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
)

// Doors collects the protocol surfaces of a rune at absolute paths: WebDAV, OCS, status.php.
type Doors struct {
	server *Server
	rune   string
}

// Door is one protocol surface.
type Door struct {
	// Scope is the app-password scope that opens the door ("sync"); Public for none. Login passwords and session
	// cookies never open a door.
	Scope      string
	Permission string // the person must hold it as well; empty with Public
	// Bearer opens the door to API tokens instead of app passwords: the token's own permissions count, Scope is "api".
	Bearer bool
	// Optional lets a request without Authorization through with v.Person == nil (a wrong one is still refused).
	Optional bool
	Realm    string
	Handle   Handler
	// Fail writes err the way the protocol says it; the status is already known.
	Fail func(v *Visit, status int, f *fault.Fault, id string)
}

// Open serves every method of every path that matches the pattern ("/remote.php/dav/files/*").
func (d *Doors) Open(pattern string, door Door) {
	switch {
	case door.Scope == "" || door.Handle == nil || door.Fail == nil:
		panic("web: door " + pattern + " of " + d.rune + " needs a scope, a handler and a way to fail")
	case (door.Permission == "") != (door.Scope == Public):
		panic("web: door " + pattern + " of " + d.rune + " needs a permission exactly when it is not public")
	case door.Scope != Public && door.Realm == "":
		panic("web: door " + pattern + " of " + d.rune + " needs a realm for its challenge")
	}
	entry := Route{Rune: d.rune, Method: "*", Pattern: pattern, Permission: door.Permission, Scope: door.Scope, Optional: door.Optional}
	d.server.doors.add(&route{Route: entry, handle: door.Handle, raw: true, door: &door}, http.MethodGet)
}

// openDoor answers a program. Nothing here reads a cookie.
func (s *Server) openDoor(v *Visit) error {
	v.quiet = true
	v.Writer.Header()["Cache-Control"] = noStore // a proxy on the way must not answer for somebody else
	if v.Tenant == nil {
		return fault.New(fault.Unavailable, "web.no_tenant")
	}
	door := v.route.door
	if active, err := s.active(v); err != nil || !active {
		if err == nil {
			err = errNotFound
		}
		return err
	}
	if door.Scope != Public {
		v.guard()
		if err := s.letIn(v, door); err != nil {
			return err
		}
	}
	v.act()
	return door.Handle(v)
}

func (s *Server) letIn(v *Visit, door *Door) error {
	given := v.Request.Header.Values("Authorization")
	if len(given) == 0 && door.Optional {
		return nil
	}
	if door.Bearer {
		return s.letTokenIn(v, door, given)
	}
	login, secret, ok := v.Request.BasicAuth()
	if len(given) != 1 || !ok {
		return fault.New(fault.SignedOut, "web.app_password")
	}
	person, err := s.People.ByAppPassword(v.ctx, v.Tenant, login, secret, door.Scope, v.Source())
	if err != nil {
		return err
	}
	if err := v.arrive(person); err != nil {
		return err
	}
	if !v.Can(door.Permission) {
		return fault.New(fault.Forbidden, "web.door_forbidden")
	}
	return nil
}

func (s *Server) letTokenIn(v *Visit, door *Door, given []string) error {
	secret, ok := "", false
	if len(given) == 1 {
		secret, ok = strings.CutPrefix(given[0], "Bearer ")
	}
	if !ok {
		return fault.New(fault.SignedOut, "web.api_token")
	}
	person, err := s.People.ByAPIToken(v.ctx, v.Tenant, secret, v.Source())
	if err != nil {
		return err
	}
	if err := v.arrive(person); err != nil {
		return err
	}
	if door.Permission != SignedIn && !v.Can(door.Permission) {
		return errNotFound // who may not know of it hears what everybody hears about what does not exist
	}
	return nil
}

// challenge names the realm to a program that has to authenticate.
func (d *Door) challenge(h http.Header) {
	if d.Bearer {
		h.Set("WWW-Authenticate", `Bearer realm="`+d.Realm+`"`)
		return
	}
	h.Set("WWW-Authenticate", `Basic realm="`+d.Realm+`", charset="UTF-8"`)
}

// Source is where the request comes from, for whoever checks passwords.
func (v *Visit) Source() identity.Source {
	return identity.Source{Address: v.Address(), UserAgent: v.Request.UserAgent(), Device: v.device()}
}
