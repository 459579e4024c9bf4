package web

import (
	"context"
	"mime/multipart"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"runes.im/platform/entitlement"
	"runes.im/platform/id"
	"runes.im/platform/identity"
	"runes.im/platform/live"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/words"
)

// Visit is one request with its tenant and person.
type Visit struct {
	Request *http.Request
	Writer  http.ResponseWriter // keeps io.ReaderFrom, so that large files go through the kernel
	Tenant  *tenant.Tenant
	DB      *store.DB
	Person  *identity.Person
	People  *identity.House
	Caller  *identity.Caller // who runs the appliance, on the pages for them

	server  *Server
	route   *route
	params  url.Values
	values  url.Values // of the posted form, for GET of the address
	ctx     context.Context
	base    context.Context // ctx without the time limit of a page
	matched string          // pattern of the route, for the log
	cancel  context.CancelFunc
	unwatch func() // ends the watch over the rune's suspension
	watch   *live.Watch
	out     response
	frame   Frame
	look    *slot.Appearance
	address netip.Addr
	host    string
	secure  bool // the browser came over TLS
	atGate  bool // on the appliance's own host, which is no tenant's
	quiet   bool // not worth a line in the log when it went well
	start   time.Time
	name    string // see ID
	lang    string
	zone    *time.Location
	failed  bool
}

// Context carries the tenant, the actor and the deadline of the request.
func (v *Visit) Context() context.Context {
	if v.ctx == nil {
		return v.Request.Context()
	}
	return v.ctx
}

// ID names the request in the log.
func (v *Visit) ID() string {
	if v.name == "" {
		v.name = id.Short()
	}
	return v.name
}

// Can reports whether the person holds the permission.
func (v *Visit) Can(permission string) bool { return v.Person != nil && v.Person.Can(permission) }

// MayOpen reports whether this person gets past the door of a local address: there is such a page, its rune is active,
// the permission is held. What the page itself decides about one record is its own business.
func (v *Visit) MayOpen(path string) (bool, error) {
	u, err := url.ParseRequestURI(path)
	if err != nil || !Local(path) {
		return false, nil
	}
	to, _ := v.server.pages.find(http.MethodGet, u)
	if to == nil || to.Permission == NoTenant {
		return false, nil
	}
	if to.Permission != Public && to.Permission != SignedIn && !v.Can(to.Permission) {
		return false, nil
	}
	if to.Rune == "" {
		return true, nil
	}
	active, err := entitlement.Active(v.Context(), v.DB)
	return active[to.Rune], err
}

// Param is a part of the path, decoded once. Doors that must see the exact bytes read Request.URL.EscapedPath.
func (v *Visit) Param(name string) string { return v.params.Get(name) }

// Query is a value of the address.
func (v *Visit) Query(name string) string { return v.Request.URL.Query().Get(name) }

// Form is a value of the posted form.
func (v *Visit) Form(name string) string { return v.values.Get(name) }

// Values is the posted form, for GET the values of the address.
func (v *Visit) Values() url.Values { return v.values }

// Files are those that were posted under a name, on a route that takes files.
func (v *Visit) Files(name string) []*multipart.FileHeader {
	if v.Request.MultipartForm == nil {
		return nil
	}
	return v.Request.MultipartForm.File[name]
}

// Address is the network address the request came from, past our own proxies.
func (v *Visit) Address() string {
	if !v.address.IsValid() {
		return ""
	}
	return v.address.String()
}

// Here is the local path and query of this page.
func (v *Visit) Here() string { return v.Request.URL.RequestURI() }

// Site is the address of the tenant for links: "https://acme.example". The host was found in the host table and the port is
// the configured one, so nobody can have made up either.
func (v *Visit) Site() string { return v.SiteOf(v.host) }

// SiteOf is the address of another name of this appliance, for links.
func (v *Visit) SiteOf(name string) string {
	if strings.Contains(name, ":") {
		name = "[" + name + "]" // an address of version 6
	}
	return v.scheme() + name + v.server.port(v.Request, v.secure)
}

// Origin is the address as this visitor's browser has it, port and all. It is compared, never written into a link.
func (v *Visit) Origin() string { return v.scheme() + v.Request.Host }

func (v *Visit) scheme() string {
	if v.secure {
		return "https://"
	}
	return "http://"
}

// Lang is the language of the answer: the person's, else the best the browser asks for, else the tenant's.
func (v *Visit) Lang() string {
	if v.lang == "" {
		v.lang = v.language()
	}
	return v.lang
}

func (v *Visit) language() string {
	if v.Person != nil && v.Person.Locale != "" {
		return v.Person.Locale
	}
	if asked := words.Match(v.Request.Header.Get("Accept-Language")); asked != "" {
		return asked
	}
	if v.Tenant != nil && v.Tenant.Locale != "" {
		return v.Tenant.Locale
	}
	return words.Languages[0]
}

// T is a text in the person's language.
func (v *Visit) T(key string, args ...any) string {
	return v.server.Book.Text(v.Lang(), key, args...)
}

// In is the text in a language that is not the visitor's: of something that others will read.
func (v *Visit) In(lang, key string, args ...any) string {
	return v.server.Book.Text(lang, key, args...)
}

// Asker is this visit's side of a slot.
func (v *Visit) Asker() slot.Asker { return slot.Asker{Tenant: v.Tenant, Person: v.Person} }

// Speak changes the language of the answer, for the person who just chose one.
func (v *Visit) Speak(lang string) { v.lang = lang }
