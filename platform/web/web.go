// Package web is how a request meets the house: host to tenant, cookie or app password to person, route to
// permission, error to page.
package web

import (
	"context"
	"net/http"
	"net/url"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Handler answers one request. A returned error becomes status and page in one place.
type Handler func(v *Visit) error

// Permissions that are not permissions: who else may enter a route.
const (
	Public   = "public"    // anybody, signed in or not (v.Person may be nil)
	SignedIn = "signed_in" // any member of the tenant
)

// Router collects the pages of one rune, mounted at /<rune id>. No route exists without a permission.
type Router struct{}

func (r *Router) Get(path, permission string, h Handler)  { panic("web") }
func (r *Router) Post(path, permission string, h Handler) { panic("web") }

// Put takes a raw body (an upload from a page): session, permission and CSRF as Post, but no form parsing and no 1 MiB limit.
func (r *Router) Put(path, permission string, h Handler) { panic("web") }

// Doors collects the protocol surfaces of a rune at absolute paths: WebDAV, OCS, status.php.
type Doors struct{}

// Door is one protocol surface.
type Door struct {
	// Scope is the app-password scope that opens the door ("sync"); Public for none. Login passwords and session
	// cookies never open a door.
	Scope      string
	Permission string // the person must hold it as well; empty with Public
	// Optional lets a request without Authorization through with v.Person == nil (a wrong one is still refused).
	Optional bool
	Realm    string
	Handle   Handler
	// Fail writes err the way the protocol says it; the status is already known.
	Fail func(v *Visit, status int, f *fault.Fault, id string)
}

// Open serves every method of every path that begins with prefix (a chi pattern: "/remote.php/dav/files/*").
func (d *Doors) Open(pattern string, door Door) { panic("web") }

// Visit is one request with its tenant and person.
type Visit struct {
	Request *http.Request
	Writer  http.ResponseWriter // keeps io.ReaderFrom, so that large files go through the kernel
	Tenant  *tenant.Tenant
	DB      *store.DB
	Person  *identity.Person
}

// Context carries the tenant, the actor and the deadline of the request.
func (v *Visit) Context() context.Context { panic("web") }

// Can reports whether the person holds the permission.
func (v *Visit) Can(permission string) bool { panic("web") }

// Param is a part of the path, Query one of the address, Form one of the posted form.
func (v *Visit) Param(name string) string { panic("web") }
func (v *Visit) Query(name string) string { panic("web") }
func (v *Visit) Form(name string) string  { panic("web") }
func (v *Visit) Values() url.Values       { panic("web") }

// Fill copies posted values into the fields of *to that have a form tag; other fields stay as they are.
func (v *Visit) Fill(to any) { panic("web") }

// T is a text in the person's language.
func (v *Visit) T(key string, args ...any) string { panic("web") }

// Lang is the language of the answer.
func (v *Visit) Lang() string { panic("web") }

// Title names the page in the browser tab; Crumb adds a step to the breadcrumb (no href: the current page).
func (v *Visit) Title(text string)       { panic("web") }
func (v *Visit) Crumb(text, href string) { panic("web") }

// Page answers 200 with the named template of the rune inside the shell.
func (v *Visit) Page(name string, data any) error { panic("web") }

// Bare answers with the template alone on an empty canvas: sign-in, set-up, device approval.
func (v *Visit) Bare(status int, name string, data any) error { panic("web") }

// Part answers with a named template without any frame, for a Turbo frame or a script.
func (v *Visit) Part(name string, data any) error { panic("web") }

// Again shows the form again after err: 422 with the problems at their fields when err is an Invalid fault (data must
// embed Problems), else err itself.
func (v *Visit) Again(name string, data Problematic, err error) error { panic("web") }

// Problems is embedded by page structs of forms; the part "field" reads it.
type Problems struct {
	Problems map[string]string // field → sentence in the person's language
	Summary  string
}

// Problematic is a page struct that embeds Problems.
type Problematic interface{ setProblems(map[string]string, string) }

func (p *Problems) setProblems(m map[string]string, summary string) { p.Problems, p.Summary = m, summary }

// Go redirects after a form (303) to a local path.
func (v *Visit) Go(path string) error { panic("web") }

// Flash shows a toast on the next page; undo, when not empty, is a POST address behind its Undo button.
func (v *Visit) Flash(text, undo string) { panic("web") }

// JSON answers with a value.
func (v *Visit) JSON(status int, value any) error { panic("web") }

// When, Date, Size and Number write values as the person's locale and zone have it. When is relative up to 7 days.
func (v *Visit) Size(bytes int64) string { panic("web") }

// Asker is this visit's side of a slot.
func (v *Visit) Asker() slot.Asker { return slot.Asker{Tenant: v.Tenant, Person: v.Person} }
