package contacts

import (
	"net/http"
	"strconv"

	"runes.im/platform/dav"
	"runes.im/platform/fault"
	"runes.im/runes/contacts/vcard"
)

func davName(local string) dav.Name  { return dav.Name{Space: dav.DAV, Local: local} }
func cardName(local string) dav.Name { return dav.Name{Space: dav.CardDAV, Local: local} }

func (c *cardCall) propfind() error {
	depth, err := dav.ReadDepth(c.Request.Header.Get("Depth"), 1)
	if err == nil && depth == dav.Infinity {
		err = fault.New(fault.Forbidden, "dav.depth_infinity")
	}
	if err != nil {
		return err
	}
	find, err := dav.ReadPropFind(c.Request.Body)
	if err != nil {
		return err
	}
	b := append([]byte(dav.Declaration), "<d:multistatus"+dav.Namespaces+">\n"...)
	switch c.kind {
	case atHome:
		b, err = c.listHome(b, find, depth)
	case atBook, atCard:
		b, err = c.listBook(b, find, depth)
	default:
		have := c.shared("<d:collection/>")
		href := davRoot + "/"
		if c.kind == atPrincipal {
			have, href = c.shared("<d:principal/>"), c.principal()
		}
		b = dav.AppendResponse(b, href, find, have, 3)
	}
	if err != nil {
		return err
	}
	dav.Send(c.Visit, http.StatusMultiStatus, append(b, "</d:multistatus>\n"...))
	return nil
}

func href(to string) string { return "<d:href>" + to + "</d:href>" }

// shared are the properties that programs ask everywhere, to find their way from any address.
func (c *cardCall) shared(kind string) []dav.Prop {
	return []dav.Prop{
		{Name: davName("resourcetype"), Inside: kind},
		{Name: davName("displayname"), Inside: dav.EscapeText(c.Person.Name)},
		{Name: davName("current-user-principal"), Inside: href(c.principal())},
		{Name: davName("principal-URL"), Inside: href(c.principal())},
		{Name: davName("owner"), Inside: href(c.principal())},
		{Name: davName("principal-collection-set"), Inside: href(principalRoot)},
		{Name: cardName("addressbook-home-set"), Inside: href(c.home())},
		{Name: dav.Name{Space: dav.CalendarServer, Local: "email-address-set"}, Inside: "<cs:email-address>" + dav.EscapeText(c.Person.Email) + "</cs:email-address>"},
		{Name: davName("supported-report-set"), Inside: ""},
		{Name: davName("current-user-privilege-set"), Inside: privileges("read")},
	}
}

func (c *cardCall) listHome(b []byte, find dav.PropFind, depth int) ([]byte, error) {
	b = dav.AppendResponse(b, c.home(), find, c.shared("<d:collection/>"), 3)
	if depth == 0 {
		return b, nil
	}
	all, err := books(c.Context(), c.DB, c.Person, c.T("contacts.book_all"))
	for _, one := range all {
		if err != nil {
			return nil, err
		}
		var have []dav.Prop
		if have, err = c.bookProps(one, find, nil); err == nil {
			b = dav.AppendResponse(b, c.bookHref(one.ID), find, have, usualOfBook)
		}
	}
	return b, err
}

// usualOfBook is how many of a book's properties a question for everything means.
const usualOfBook = 6

// bookProps are the properties of a book. Its state is worked out where one of them tells it.
func (c *cardCall) bookProps(one *book, find dav.PropFind, state *bookState) ([]dav.Prop, error) {
	if state == nil && (find.All || asks(find, davName("sync-token")) || asks(find, dav.Name{Space: dav.CalendarServer, Local: "getctag"})) {
		var err error
		if state, err = one.state(c.Context(), c.DB, c.Person); err != nil {
			return nil, err
		}
	}
	token := ""
	if state != nil {
		token = state.token()
	}
	may := []string{"read", "read-current-user-privilege-set"}
	if c.Can("manage_contacts") {
		may = append(may, "write-content")
		if !one.fills() {
			may = append(may, "write", "bind", "unbind")
		}
	}
	about := c.T("contacts.book_all_text")
	if one.List != nil {
		about = c.T("contacts.book_list_text", "name", one.Name)
	}
	return []dav.Prop{
		{Name: davName("resourcetype"), Inside: "<d:collection/><card:addressbook/>"},
		{Name: davName("displayname"), Inside: dav.EscapeText(one.Name)},
		{Name: dav.Name{Space: dav.CalendarServer, Local: "getctag"}, Inside: token},
		{Name: davName("sync-token"), Inside: token},
		{Name: davName("current-user-privilege-set"), Inside: privileges(may...)},
		{Name: davName("owner"), Inside: href(c.principal())},
		{Name: davName("current-user-principal"), Inside: href(c.principal())},
		{Name: davName("supported-report-set"), Inside: reports},
		{Name: cardName("addressbook-description"), Inside: dav.EscapeText(about)},
		{Name: cardName("max-resource-size"), Inside: strconv.Itoa(vcard.MaxBytes)},
		{
			Name:   cardName("supported-address-data"),
			Inside: `<card:address-data-type content-type="text/vcard" version="3.0"/><card:address-data-type content-type="text/vcard" version="4.0"/>`,
		},
		{Name: cardName("supported-collation-set"), Inside: "<card:supported-collation>i;unicode-casemap</card:supported-collation><card:supported-collation>i;ascii-casemap</card:supported-collation>"},
		{Name: cardName("addressbook-home-set"), Inside: href(c.home())},
	}, nil
}

const reports = "<d:supported-report><d:report><d:sync-collection/></d:report></d:supported-report>" +
	"<d:supported-report><d:report><card:addressbook-multiget/></d:report></d:supported-report>" +
	"<d:supported-report><d:report><card:addressbook-query/></d:report></d:supported-report>"

func privileges(names ...string) string {
	all := ""
	for _, name := range names {
		all += "<d:privilege><d:" + name + "/></d:privilege>"
	}
	return all
}

func asks(find dav.PropFind, name dav.Name) bool {
	for _, one := range find.Names {
		if one == name {
			return true
		}
	}
	return false
}

// listBook lists a book, with its cards when depth is 1, or one card.
func (c *cardCall) listBook(b []byte, find dav.PropFind, depth int) ([]byte, error) {
	one, err := c.open(c.Context())
	if err != nil {
		return nil, err
	}
	if c.kind == atCard {
		e, p, err := one.find(c.Context(), c.DB, c.Person, c.name)
		if err == nil && e == nil {
			err = noCard()
		}
		if err != nil {
			return nil, err
		}
		return c.appendCards(b, one, []entry{*e}, []*Person{p}, find, "")
	}
	have, err := c.bookProps(one, find, nil)
	if err != nil {
		return nil, err
	}
	b = dav.AppendResponse(b, c.bookHref(one.ID), find, have, usualOfBook)
	if depth == 0 {
		return b, nil
	}
	all, err := one.entries(c.Context(), c.DB, c.Person)
	for _, e := range all {
		b = dav.AppendResponse(b, c.cardHref(one.ID, e.Name), find, c.cardProps(e), 3)
	}
	return b, err
}

func (c *cardCall) cardProps(e entry) []dav.Prop {
	return []dav.Prop{
		{Name: davName("resourcetype")},
		{Name: davName("getetag"), Inside: "&quot;" + e.ETag + "&quot;"},
		{Name: davName("getcontenttype"), Inside: "text/vcard; charset=utf-8"},
		{Name: davName("current-user-principal"), Inside: href(c.principal())},
	}
}
