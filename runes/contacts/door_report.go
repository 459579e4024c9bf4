package contacts

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"runes.im/platform/dav"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/runes/contacts/vcard"
)

// bite is how many cards are read at once.
const bite = 100

// piece is how much of an answer is held back before it is sent: cards have pictures, and a book has many cards.
const piece = 256 << 10

func (c *cardCall) report() error {
	root, err := dav.ReadReport(c.Request.Body)
	if err != nil {
		return err
	}
	if root == nil || c.kind != atBook {
		return fault.New(fault.Forbidden, "contacts.card_report")
	}
	one, err := c.open(c.Context())
	if err != nil {
		return err
	}
	b := append([]byte(dav.Declaration), "<d:multistatus"+dav.Namespaces+">\n"...)
	switch root.Name {
	case davName("sync-collection"):
		b, err = c.syncCollection(b, one, root)
	case cardName("addressbook-multiget"):
		b, err = c.multiget(b, one, root)
	case cardName("addressbook-query"):
		b, err = c.search(b, one, root)
	default:
		err = fault.New(fault.Forbidden, "contacts.card_report")
	}
	if err != nil {
		return err
	}
	b = append(b, "</d:multistatus>\n"...)
	if c.begun {
		_, err = c.Writer.Write(b)
		return err
	}
	dav.Send(c.Visit, http.StatusMultiStatus, b)
	return nil
}

// flush sends what has come together, once it is a piece.
func (c *cardCall) flush(b []byte) ([]byte, error) {
	if len(b) < piece {
		return b, nil
	}
	if !c.begun {
		dav.Begin(c.Visit, http.StatusMultiStatus)
		c.begun = true
	}
	_, err := c.Writer.Write(b)
	return b[:0], err
}

// wanted is what a report asks of each card, and the version of its data.
func wanted(root *dav.Element) (dav.PropFind, string) {
	prop := root.Child("prop")
	if prop == nil {
		return dav.PropFind{Names: []dav.Name{davName("getetag")}}, ""
	}
	var find dav.PropFind
	version := ""
	for _, one := range prop.Children {
		if one.Local == "" {
			continue
		}
		find.Names = append(find.Names, one.Name)
		for _, a := range one.Attrs {
			if one.Name == cardName("address-data") && a.Name.Local == "version" {
				version = a.Value
			}
		}
	}
	if version != "3.0" && version != "4.0" {
		version = ""
	}
	return find, version
}

// syncCollection tells what changed since the token (RFC 6578).
func (c *cardCall) syncCollection(b []byte, one *book, root *dav.Element) ([]byte, error) {
	state, err := one.state(c.Context(), c.DB, c.Person)
	if err != nil {
		return nil, err
	}
	token := ""
	if e := root.Child("sync-token"); e != nil {
		token = strings.TrimSpace(e.Plain())
	}
	since, known := state.since(token)
	if !known {
		return nil, fault.New(fault.Forbidden, "contacts.card_token")
	}
	changed, err := remembered(c.Context(), c.DB, c.Person.ID, one.ID, since)
	if err != nil {
		return nil, err
	}
	if limit := limitOf(root); limit > 0 && len(changed) > limit {
		changed = changed[:limit]
		state.Seq = changed[limit-1].seq
		b = append(append(append(b, "<d:response>"...), href(c.bookHref(one.ID))...), dav.AppendStatus(nil, http.StatusInsufficientStorage)...)
		b = append(b, "<d:error><d:number-of-matches-within-limits/></d:error></d:response>\n"...)
	}
	find, version := wanted(root)
	var there []entry
	for _, e := range changed {
		if e.ETag != "" {
			there = append(there, e)
		} else if token != "" {
			b = dav.AppendGone(b, c.cardHref(one.ID, e.Name))
		}
	}
	if b, err = c.appendEntries(b, one, there, find, version); err != nil {
		return nil, err
	}
	return append(append(append(b, "<d:sync-token>"...), state.token()...), "</d:sync-token>"...), nil
}

func limitOf(root *dav.Element) int {
	for _, limit := range root.Children {
		if limit.Local != "limit" {
			continue
		}
		for _, n := range limit.Children {
			if count, err := strconv.Atoi(strings.TrimSpace(n.Plain())); n.Local == "nresults" && err == nil && count > 0 {
				return count
			}
		}
	}
	return 0
}

// multiget answers with the cards at the given addresses.
func (c *cardCall) multiget(b []byte, one *book, root *dav.Element) ([]byte, error) {
	var hrefs, names []string
	nameAt, seen := map[string]string{}, map[string]bool{}
	for _, child := range root.Children {
		at := strings.TrimSpace(child.Plain())
		if child.Name != davName("href") || seen[at] {
			continue
		}
		hrefs, seen[at] = append(hrefs, at), true
		asked := &cardCall{Visit: c.Visit}
		if u, err := url.Parse(at); err == nil && asked.locate(u.EscapedPath()) == nil && asked.kind == atCard && asked.book == one.ID {
			names, nameAt[at] = append(names, asked.name), asked.name
		}
	}
	found, err := one.named(c.Context(), c.DB, c.Person, names)
	if err != nil {
		return nil, err
	}
	var there []entry
	for _, at := range hrefs {
		if e, is := found[nameAt[at]]; is {
			there = append(there, e)
			delete(found, e.Name) // another spelling of the same address
		} else {
			b = dav.AppendGone(b, dav.EscapeText(at))
		}
	}
	find, version := wanted(root)
	return c.appendEntries(b, one, there, find, version)
}

// appendEntries writes cards of a book, with their data when it is asked for.
func (c *cardCall) appendEntries(b []byte, one *book, all []entry, find dav.PropFind, version string) ([]byte, error) {
	if !asks(find, cardName("address-data")) {
		for _, e := range all {
			var err error
			if b, err = c.flush(dav.AppendResponse(b, c.cardHref(one.ID, e.Name), find, c.cardProps(e), 3)); err != nil {
				return nil, err
			}
		}
		return b, nil
	}
	for len(all) > 0 {
		part := all[:min(bite, len(all))]
		all = all[len(part):]
		ids := make([]string, len(part))
		for i, e := range part {
			ids[i] = e.Person
		}
		found, err := people.List(c.Context(), c.DB, c.Person, record.Query{IDs: ids, Limit: len(ids)})
		if err != nil {
			return nil, err
		}
		byID := make(map[string]*Person, len(found))
		for _, p := range found {
			byID[p.ID] = p
		}
		var there []entry
		var who []*Person
		for _, e := range part {
			if p := byID[e.Person]; p != nil {
				there, who = append(there, e), append(who, p)
			}
		}
		if b, err = c.appendCards(b, one, there, who, find, version); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (c *cardCall) appendCards(b []byte, one *book, all []entry, who []*Person, find dav.PropFind, version string) ([]byte, error) {
	var made []*vcard.Card
	if asks(find, cardName("address-data")) {
		var err error
		if made, err = cards(c.Context(), c.DB, who); err != nil {
			return nil, err
		}
	}
	var err error
	for i, e := range all {
		have := c.cardProps(e)
		if made != nil {
			have = append(have, dav.Prop{Name: cardName("address-data"), Inside: dav.EscapeText(string(made[i].As(version).Bytes()))})
		}
		if b, err = c.flush(dav.AppendResponse(b, c.cardHref(one.ID, e.Name), find, have, 3)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// search answers with the cards that a filter fits (RFC 6352, section 8.6).
func (c *cardCall) search(b []byte, one *book, root *dav.Element) ([]byte, error) {
	f, err := readFilter(root)
	if err != nil {
		return nil, err
	}
	all, err := one.people(c.Context(), c.DB, c.Person)
	if err != nil {
		return nil, err
	}
	find, version := wanted(root)
	limit, found := limitOf(root), 0
	for len(all) > 0 {
		part := all[:min(bite, len(all))]
		all = all[len(part):]
		made, err := cards(c.Context(), c.DB, part)
		if err != nil {
			return nil, err
		}
		var fit []*Person
		for i, p := range part {
			if f.fits(made[i]) && (limit == 0 || found < limit) {
				fit = append(fit, p)
				found++
			}
		}
		entries, err := entriesOf(c.Context(), c.DB, fit)
		if err != nil {
			return nil, err
		}
		if b, err = c.appendCards(b, one, entries, fit, find, version); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// people are those of the book that the person may see.
func (b *book) people(ctx context.Context, r store.Reader, p *identity.Person) ([]*Person, error) {
	q, err := b.query(ctx, r)
	if err != nil {
		return nil, err
	}
	return people.List(ctx, r, p, q)
}
