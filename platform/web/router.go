package web

import (
	"net/http"
	"net/url"
	"sort"
	"strings"
	"sync"

	"github.com/go-chi/chi/v5"
)

// Route is one entry of the site map.
type Route struct {
	Rune       string // empty for the house itself
	Method     string // "*" for a door
	Pattern    string
	Permission string
	Scope      string // of a door: the app-password scope that opens it
	Optional   bool   // of a door: also open without Authorization
}

type route struct {
	Route
	handle Handler
	raw    bool  // the body is the handler's business
	room   int64 // for files in its form, in bytes
	door   *Door

	tooLarge Handler // shows the form again whose files find no room
}

// table finds the route of a request. chi finds the pattern; the handler stands beside it, so that a request pays for
// neither a context nor a copy of itself.
type table struct {
	mux    *chi.Mux
	routes map[string]*route // by method and pattern
	pool   sync.Pool
}

func (t *table) add(r *route, method string) {
	if t.mux == nil {
		t.mux, t.routes = chi.NewRouter(), map[string]*route{}
		t.pool.New = func() any { return chi.NewRouteContext() }
	}
	key := method + " " + r.Pattern
	if t.routes[key] != nil {
		panic("web: " + key + " is registered twice")
	}
	t.routes[key] = r
	t.mux.Method(method, r.Pattern, http.NotFoundHandler())
}

// find is the route for the method and its parameters, still encoded where the address was.
func (t *table) find(method string, u *url.URL) (*route, url.Values) {
	if t.mux == nil {
		return nil, nil
	}
	path := u.RawPath
	if path == "" {
		path = u.Path
	}
	c := t.pool.Get().(*chi.Context)
	defer t.pool.Put(c)
	c.Reset()
	pattern := t.mux.Find(c, method, path)
	if pattern == "" {
		return nil, nil
	}
	var params url.Values
	for i, key := range c.URLParams.Keys {
		value := c.URLParams.Values[i]
		if u.RawPath != "" {
			if plain, err := url.PathUnescape(value); err == nil {
				value = plain
			}
		}
		if params == nil {
			params = url.Values{}
		}
		params[key] = []string{value}
	}
	return t.routes[method+" "+pattern], params
}

// allowed is the methods that the path knows.
func (t *table) allowed(u *url.URL) []string {
	var methods []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut} {
		if r, _ := t.find(method, u); r != nil {
			methods = append(methods, method)
		}
	}
	return methods
}

// Router collects the pages of one rune, mounted at /<rune id>. No route exists without a permission.
type Router struct {
	server *Server
	table  *table
	rune   string
}

// Get shows a page. It changes nothing.
func (r *Router) Get(path, permission string, h Handler) {
	r.add(http.MethodGet, path, permission, h, false)
	r.add(http.MethodHead, path, permission, h, false)
}

// Post takes a form.
func (r *Router) Post(path, permission string, h Handler) {
	r.add(http.MethodPost, path, permission, h, false)
}

// Put takes a raw body (an upload from a page): session, permission and CSRF as Post, but no form parsing and no 1 MiB limit.
func (r *Router) Put(path, permission string, h Handler) {
	r.add(http.MethodPut, path, permission, h, true)
}

// PostFile takes a form with files of up to max bytes together: Request.MultipartForm holds them until the handler has
// answered. Of larger ones nothing is kept: tooLarge shows the form again, and must change nothing.
func (r *Router) PostFile(path, permission string, max int64, h, tooLarge Handler) {
	r.Post(path, permission, h)
	entry := r.table.routes[http.MethodPost+" "+r.pattern(path)]
	entry.room, entry.tooLarge = max, tooLarge
}

func (r *Router) add(method, path, permission string, h Handler, raw bool) {
	if permission == "" {
		panic("web: " + method + " " + path + " of " + r.rune + " names no permission")
	}
	if !strings.HasPrefix(path, "/") {
		panic("web: path " + path + " of " + r.rune + " does not begin with /")
	}
	if (permission == AtGate || permission == Operator) != (r.table == &r.server.gate) {
		panic("web: " + method + " " + path + " is on the wrong host")
	}
	path = r.pattern(path)
	entry := Route{Rune: r.rune, Method: method, Pattern: path, Permission: permission}
	r.table.add(&route{Route: entry, handle: h, raw: raw}, method)
}

// pattern is where a path of this rune lies.
func (r *Router) pattern(path string) string {
	if r.rune == "" {
		return path
	}
	return strings.TrimSuffix("/"+r.rune+path, "/")
}

// Routes is the whole site map, sorted.
func (s *Server) Routes() []Route {
	var all []Route
	for _, t := range []*table{&s.pages, &s.doors, &s.gate} {
		for _, r := range t.routes {
			all = append(all, r.Route)
		}
	}
	sort.Slice(all, func(a, b int) bool {
		if all[a].Pattern != all[b].Pattern {
			return all[a].Pattern < all[b].Pattern
		}
		if all[a].Method != all[b].Method {
			return all[a].Method < all[b].Method
		}
		return all[a].Permission < all[b].Permission
	})
	return all
}
