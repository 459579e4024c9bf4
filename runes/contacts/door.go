package contacts

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"runes.im/platform/dav"
	"runes.im/platform/fault"
	"runes.im/platform/web"
)

// cardScope is the scope of app passwords that opens address books; realm is what programs show beside the password field.
const (
	cardScope = "contacts"
	realm     = "RUNES"
)

// The addresses below which programs look for people (RFC 6352, RFC 5397).
const (
	davRoot       = "/remote.php/dav"
	principalRoot = davRoot + "/principals/users/"
	bookRoot      = davRoot + "/addressbooks/users/"
)

func doors(d *web.Doors) {
	d.Open("/.well-known/carddav", web.Door{Scope: web.Public, Handle: leadToBooks, Fail: failCard})
	card := web.Door{Scope: cardScope, Realm: realm, Permission: "view_contacts", Handle: answerCard, Fail: failCard}
	for _, at := range []string{davRoot, davRoot + "/", davRoot + "/principals/*", davRoot + "/addressbooks/*"} {
		d.Open(at, card)
	}
}

func leadToBooks(v *web.Visit) error {
	v.Writer.Header().Set("Location", davRoot+"/")
	v.Writer.WriteHeader(http.StatusMovedPermanently)
	return nil
}

// preconditions are the elements by which programs tell refusals apart (RFC 6352, RFC 6578).
var preconditions = map[string]dav.Name{
	"contacts.card_malformed": {Space: dav.CardDAV, Local: "valid-address-data"}, "contacts.card_other_type": {Space: dav.CardDAV, Local: "supported-address-data"},
	"contacts.card_too_large": {Space: dav.CardDAV, Local: "max-resource-size"}, "contacts.card_twice": {Space: dav.CardDAV, Local: "no-uid-conflict"},
	"contacts.card_token": {Space: dav.DAV, Local: "valid-sync-token"}, "contacts.card_filter": {Space: dav.CardDAV, Local: "supported-filter"},
	"contacts.card_report": {Space: dav.DAV, Local: "supported-report"}, "dav.depth_infinity": {Space: dav.DAV, Local: "propfind-finite-depth"},
	"contacts.card_no_right": {Space: dav.DAV, Local: "need-privileges"}, "web.door_forbidden": {Space: dav.DAV, Local: "need-privileges"},
}

func failCard(v *web.Visit, status int, f *fault.Fault, _ string) {
	dav.Send(v, status, dav.Refusal(preconditions[f.Key], dav.Exception(status), v.T(f.Key, f.Args...)))
}

// cardCall is one request of a program.
type cardCall struct {
	*web.Visit
	login string // as the address spells it
	book  string // id, empty above the books
	name  string // of the card, empty for the book itself
	kind  place
	begun bool // a piece of the answer is on its way
}

// place is what an address names.
type place int

const (
	atRoot place = iota
	atPrincipal
	atHome
	atBook
	atCard
)

var cardMethods = map[string]func(*cardCall) error{
	http.MethodOptions: (*cardCall).options, "PROPFIND": (*cardCall).propfind, "REPORT": (*cardCall).report, "PROPPATCH": (*cardCall).proppatch,
	http.MethodGet: (*cardCall).get, http.MethodHead: (*cardCall).get, http.MethodPut: (*cardCall).put, http.MethodDelete: (*cardCall).delete,
}

func answerCard(v *web.Visit) error {
	c := &cardCall{Visit: v}
	if err := c.locate(v.Request.URL.EscapedPath()); err != nil {
		return err
	}
	h := v.Writer.Header()
	h.Set("DAV", "1, 3, access-control, addressbook")
	method, known := cardMethods[v.Request.Method]
	if !known {
		h.Set("Allow", cardAllowed)
		dav.Send(v, http.StatusMethodNotAllowed, dav.Refusal(dav.Name{}, dav.Exception(http.StatusMethodNotAllowed), v.T("contacts.card_method")))
		return nil
	}
	return method(c)
}

const cardAllowed = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, REPORT"

func (c *cardCall) options() error {
	h := c.Writer.Header()
	h.Set("Allow", cardAllowed)
	h.Set("Content-Length", "0")
	return nil
}

// locate reads the address: what is somebody else's does not exist.
func (c *cardCall) locate(escaped string) error {
	rest, found := strings.CutPrefix(strings.TrimSuffix(escaped, "/"), davRoot)
	if !found {
		return noCard()
	}
	if rest == "" || rest == "/principals" || rest == "/principals/users" || rest == "/addressbooks" || rest == "/addressbooks/users" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(rest, "/"), "/")
	for i, part := range parts {
		text, err := url.PathUnescape(part)
		if err != nil || text == "" || strings.ContainsAny(text, "/\x00") || len(text) > 255 {
			return noCard()
		}
		parts[i] = text
	}
	if len(parts) < 3 || parts[1] != "users" || parts[2] != c.Person.ID && !strings.EqualFold(parts[2], c.Person.Email) {
		return noCard()
	}
	c.login = parts[2]
	switch {
	case parts[0] == "principals" && len(parts) == 3:
		c.kind = atPrincipal
	case parts[0] != "addressbooks" || len(parts) > 5:
		return noCard()
	default:
		c.kind = atHome + place(len(parts)-3)
		c.book, c.name = append(parts, "")[min(3, len(parts))], append(parts, "", "")[min(4, len(parts))]
	}
	return nil
}

// The addresses of this person's things, encoded.

func (c *cardCall) principal() string { return string(c.segment([]byte(principalRoot), c.self())) }
func (c *cardCall) home() string      { return string(c.segment([]byte(bookRoot), c.self())) }

func (c *cardCall) bookHref(id string) string { return string(c.segment([]byte(c.home()), id)) }

func (c *cardCall) cardHref(book, name string) string {
	return string(dav.AppendSegment([]byte(c.bookHref(book)), name))
}

func (c *cardCall) segment(b []byte, name string) []byte {
	return append(dav.AppendSegment(b, name), '/')
}

// self is how the program calls the person: answers stay at the address it asked.
func (c *cardCall) self() string {
	if c.login == "" {
		return c.Person.ID
	}
	return c.login
}

func (c *cardCall) open(ctx context.Context) (*book, error) {
	return oneBook(ctx, c.DB, c.Person, c.book, c.T("contacts.book_all"))
}

// get answers with one card.
func (c *cardCall) get() error {
	if c.kind != atCard {
		return noCard()
	}
	b, err := c.open(c.Context())
	if err != nil {
		return err
	}
	e, p, err := b.find(c.Context(), c.DB, c.Person, c.name)
	if err != nil {
		return err
	}
	if e == nil {
		return noCard()
	}
	made, err := cards(c.Context(), c.DB, []*Person{p})
	if err != nil {
		return err
	}
	body := made[0].As(accepted(c.Request.Header.Get("Accept"))).Bytes()
	h := c.Writer.Header()
	h.Set("ETag", `"`+e.ETag+`"`)
	h.Set("Vary", "Accept")
	if not := c.Request.Header.Get("If-None-Match"); not != "" && dav.ETagMatches(not, e.ETag, true) {
		c.Writer.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "text/vcard; charset=utf-8")
	h.Set("Content-Disposition", "attachment")
	h.Set("Last-Modified", p.UpdatedAt.UTC().Format(http.TimeFormat))
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if c.Request.Method != http.MethodHead {
		c.Writer.Write(body) //nolint:errcheck // the client may be gone
	}
	return nil
}

// accepted is the version that an Accept header names, empty when any will do.
func accepted(header string) string {
	for _, part := range strings.Split(header, ",") {
		kind, params, _ := strings.Cut(part, ";")
		if strings.TrimSpace(kind) != "text/vcard" {
			continue
		}
		for _, p := range strings.Split(params, ";") {
			key, value, _ := strings.Cut(strings.TrimSpace(p), "=")
			if value = strings.Trim(value, `"`); strings.EqualFold(key, "version") && (value == "3.0" || value == "4.0") {
				return value
			}
		}
	}
	return ""
}

// proppatch changes nothing: names of books are those of the lists, and what programs keep beside them is theirs.
func (c *cardCall) proppatch() error {
	changes, err := dav.ReadPropPatch(c.Request.Body)
	if err != nil {
		return err
	}
	b := append([]byte(dav.Declaration), "<d:multistatus"+dav.Namespaces+"><d:response><d:href>"...)
	b = append(append(b, dav.EscapeText(c.Request.URL.EscapedPath())...), "</d:href><d:propstat><d:prop>"...)
	for _, change := range changes {
		b = dav.AppendName(b, change.Name)
	}
	b = dav.AppendStatus(append(b, "</d:prop>"...), http.StatusForbidden)
	dav.Send(c.Visit, http.StatusMultiStatus, append(b, "</d:propstat></d:response></d:multistatus>\n"...))
	return nil
}
