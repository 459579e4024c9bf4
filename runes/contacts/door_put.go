package contacts

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"runes.im/platform/dav"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/runes/contacts/vcard"
)

// change lets go on who may change contacts, at the address of a card.
func (c *cardCall) change() error {
	switch {
	case c.kind != atCard:
		return fault.New(fault.Forbidden, "contacts.card_place")
	case !c.Can("manage_contacts"):
		return fault.New(fault.Forbidden, "contacts.card_no_right")
	}
	return nil
}

// put keeps a card as it was sent and makes the person's record say the same.
func (c *cardCall) put() error {
	if err := c.change(); err != nil {
		return err
	}
	card, err := c.readCard()
	if err != nil {
		return err
	}
	var e entry
	var made bool
	err = c.DB.Write(c.Context(), func(ctx context.Context, tx *store.Tx) error {
		e, made, err = c.keep(ctx, tx, card)
		return err
	})
	if err != nil {
		return err
	}
	h, status := c.Writer.Header(), http.StatusNoContent
	if made {
		status = http.StatusCreated
	}
	h.Set("Content-Length", "0")
	if e.Name == c.name {
		h.Set("ETag", `"`+e.ETag+`"`)
	} else {
		h.Set("Location", c.cardHref(c.book, e.Name)) // the name was taken: programs find the card under its own
	}
	c.Writer.WriteHeader(status)
	return nil
}

func (c *cardCall) readCard() (*vcard.Card, error) {
	if sent := c.Request.Header.Get("Content-Type"); sent != "" {
		if kind, _, err := mime.ParseMediaType(sent); err != nil || kind != "text/vcard" && kind != "text/x-vcard" && kind != "text/directory" {
			return nil, fault.New(fault.Forbidden, "contacts.card_other_type")
		}
	}
	body, err := io.ReadAll(io.LimitReader(c.Request.Body, vcard.MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(body) > vcard.MaxBytes {
		return nil, fault.New(fault.TooLarge, "contacts.card_too_large")
	}
	card, err := vcard.Read(body)
	switch {
	case err != nil:
		return nil, fault.New(fault.Forbidden, "contacts.card_malformed")
	case isGroup(card.Text("KIND")) || isGroup(card.Text("X-ADDRESSBOOKSERVER-KIND")):
		return nil, fault.New(fault.Forbidden, "contacts.card_group")
	case readCard(card).First == "":
		return nil, fault.New(fault.Forbidden, "contacts.card_nameless")
	}
	return card, nil
}

func isGroup(kind string) bool { return strings.EqualFold(strings.TrimSpace(kind), "group") }

// keep does the work of put: within one write nobody comes between the look and the change.
func (c *cardCall) keep(ctx context.Context, tx *store.Tx, card *vcard.Card) (e entry, made bool, err error) {
	b, there, p, err := c.there(ctx, tx)
	if err != nil {
		return e, false, err
	}
	uid := strings.TrimSpace(card.Text("UID"))
	twin, err := personOfUID(ctx, tx, c.Person, uid)
	if err != nil {
		return e, false, err
	}
	if p == nil {
		if b.fills() {
			return e, false, fault.New(fault.Forbidden, "contacts.card_fills", "name", b.Name)
		}
		p, twin, made = twin, nil, true
	}
	if twin != nil && twin.ID != p.ID {
		return e, false, fault.New(fault.Conflict, "contacts.card_twice")
	}
	if p != nil && there == nil {
		if other, err := b.holds(ctx, tx, c.Person, p.ID); err != nil || other {
			return e, false, errors.Join(err, fault.New(fault.Conflict, "contacts.card_twice"))
		}
	}
	if p, err = savePerson(ctx, tx, p, readCard(card)); err != nil {
		return e, false, err
	}
	if b.List != nil && !b.fills() {
		if _, err := tx.Exec(ctx, `INSERT OR IGNORE INTO contacts_list_members (list, record) VALUES (?, ?)`, b.ID, p.ID); err != nil {
			return e, false, err
		}
		lists.Touch(ctx, tx, b.ID)
	}
	if err := keepCard(ctx, tx, p, c.name, uid, card); err != nil {
		return e, false, err
	}
	all, err := entriesOf(ctx, tx, []*Person{p})
	if err != nil {
		return e, false, err
	}
	return all[0], made, nil
}

// there is what stands at the address, after the conditions of the request held for it.
func (c *cardCall) there(ctx context.Context, tx *store.Tx) (*book, *entry, *Person, error) {
	b, err := oneBook(ctx, tx, c.Person, c.book, "")
	if err != nil {
		return nil, nil, nil, err
	}
	e, p, err := b.find(ctx, tx, c.Person, c.name)
	if err != nil {
		return nil, nil, nil, err
	}
	etag, h := "", c.Request.Header
	if e != nil {
		etag = e.ETag
	}
	if want := h.Get("If-Match"); want != "" && !dav.ETagMatches(want, etag, e != nil) {
		return nil, nil, nil, fault.New(fault.Precondition, "contacts.card_changed")
	}
	if not := h.Get("If-None-Match"); not != "" && dav.ETagMatches(not, etag, e != nil) {
		return nil, nil, nil, fault.New(fault.Precondition, "contacts.card_changed")
	}
	return b, e, p, nil
}

// delete puts a person into the bin; out of the book of a list the person only leaves the list.
func (c *cardCall) delete() error {
	if err := c.change(); err != nil {
		return err
	}
	err := c.DB.Write(c.Context(), func(ctx context.Context, tx *store.Tx) error {
		b, e, p, err := c.there(ctx, tx)
		switch {
		case err != nil:
			return err
		case e == nil:
			return noCard()
		case b.fills():
			return fault.New(fault.Forbidden, "contacts.card_fills", "name", b.Name)
		case b.List == nil:
			return people.Remove(ctx, tx, p, "")
		}
		lists.Touch(ctx, tx, b.ID)
		_, err = tx.Exec(ctx, `DELETE FROM contacts_list_members WHERE list = ? AND record = ?`, b.ID, p.ID)
		return err
	})
	if err != nil {
		return err
	}
	c.Writer.WriteHeader(http.StatusNoContent)
	return nil
}

// find is the card of that name in the book, nil when there is none that the person may see.
func (b *book) find(ctx context.Context, r store.Reader, who *identity.Person, name string) (*entry, *Person, error) {
	var id string
	err := r.QueryRow(ctx, `SELECT person FROM contacts_cards WHERE name = ?`, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		id, err = strings.TrimSuffix(name, ".vcf"), nil
	}
	if err != nil {
		return nil, nil, err
	}
	p, err := b.member(ctx, r, who, id)
	if err != nil || p == nil {
		return nil, nil, err
	}
	all, err := entriesOf(ctx, r, []*Person{p})
	if err != nil || all[0].Name != name {
		return nil, nil, err // their card goes by another name
	}
	return &all[0], p, nil
}

// member is the person with that id, nil when not in the book.
func (b *book) member(ctx context.Context, r store.Reader, who *identity.Person, id string) (*Person, error) {
	q, err := b.query(ctx, r)
	if err != nil {
		return nil, err
	}
	q.IDs = []string{id}
	found, err := people.List(ctx, r, who, q)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

func (b *book) holds(ctx context.Context, r store.Reader, who *identity.Person, id string) (bool, error) {
	p, err := b.member(ctx, r, who, id)
	return p != nil, err
}

// personOfUID is whom a card with that id describes, nil when it is nobody that this person may see.
func personOfUID(ctx context.Context, r store.Reader, who *identity.Person, uid string) (*Person, error) {
	if uid == "" {
		return nil, nil
	}
	found, err := people.List(ctx, r, who, record.Query{
		Where: `id IN (SELECT person FROM contacts_cards WHERE uid = ?) OR id = ? AND NOT EXISTS (SELECT 1 FROM contacts_cards WHERE person = ?)`,
		Args:  []any{uid, strings.TrimPrefix(uid, "urn:uuid:"), strings.TrimPrefix(uid, "urn:uuid:")}, Limit: 1,
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// savePerson makes a person of what a card says, or changes the one it describes.
func savePerson(ctx context.Context, tx *store.Tx, p *Person, s said) (*Person, error) {
	company, err := companyFor(ctx, tx, p, s.Org)
	if err != nil {
		return nil, err
	}
	if p == nil {
		p = &Person{Company: company}
		s.fill(p)
		return p, people.Create(ctx, tx, p)
	}
	changed := *p
	s.fill(&changed)
	if changed.Company != company {
		changed.Company, changed.Billing = company, false // invoices stay with somebody of the company
	}
	if err := people.Change(ctx, tx, p, &changed); err != nil {
		return nil, err
	}
	return people.One(ctx, tx, nil, p.ID)
}

// companyFor is where somebody works whose card names that organisation: the company called so, or a new one. People
// without one are kept together.
func companyFor(ctx context.Context, tx *store.Tx, p *Person, org string) (string, error) {
	if org == "" {
		return attachNowhere(ctx, tx, p)
	}
	if p != nil {
		now, err := companies.One(ctx, tx, nil, p.Company)
		if err == nil && now.isCalled(org) {
			return p.Company, nil
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return "", err
		}
	}
	key := &Company{LegalName: org}
	key.derive()
	found, err := companies.List(ctx, tx, identity.From(ctx), record.Query{
		Where: "title_key = ? OR name_key = ? AND name_key <> ''", Args: []any{record.Fold(org), key.NameKey}, Limit: 2,
	})
	if err != nil {
		return "", err
	}
	for _, c := range found {
		if len(found) == 1 || record.Fold(c.LegalName) == record.Fold(org) {
			return c.ID, nil
		}
	}
	c := &Company{LegalName: org}
	err = companies.Create(ctx, tx, c)
	return c.ID, err
}

// isCalled reports whether a card's organisation is this company, however its legal form is written.
func (c *Company) isCalled(org string) bool {
	key := &Company{LegalName: org}
	key.derive()
	return record.Fold(org) == record.Fold(c.LegalName) || key.NameKey != "" && key.NameKey == c.NameKey
}

// attachNowhere is the company for somebody without one: where p is already without one p stays. Who sees only a part of
// the companies has one of their own, else the card would be out of their sight, or in the sight of others.
func attachNowhere(ctx context.Context, tx *store.Tx, p *Person) (string, error) {
	all, err := unattached(ctx, tx)
	if err != nil {
		return "", err
	}
	for _, company := range all {
		if p != nil && p.Company == company {
			return company, nil
		}
	}
	who, member := identity.From(ctx), ""
	part, _, err := companies.Within(ctx, tx, who)
	if err != nil {
		return "", err
	}
	if part != "" {
		member = who.ID
	}
	if all[member] != "" {
		seen, err := companies.List(ctx, tx, who, record.Query{IDs: []string{all[member]}, Limit: 1})
		if err != nil || len(seen) > 0 {
			return all[member], err
		}
	}
	c := &Company{LegalName: nowhere}
	if err := companies.Create(ctx, tx, c); err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `INSERT INTO contacts_unattached_of (member, company) VALUES (?, ?)
		ON CONFLICT (member) DO UPDATE SET company = excluded.company`, member, c.ID)
	return c.ID, err
}

// nowhere is what the company of people without one is called at first; anybody may call it otherwise.
const nowhere = "Private contacts"

// keepCard keeps the card's own bytes. The name stays the one it had; where it is somebody else's the card gets ours.
func keepCard(ctx context.Context, tx *store.Tx, p *Person, name, uid string, card *vcard.Card) error {
	var taken bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM contacts_cards WHERE name = ? AND person <> ?)`, name, p.ID).Scan(&taken)
	if err != nil {
		return err
	}
	if taken {
		name = p.ID + ".vcf"
	}
	_, err = tx.Exec(ctx, `INSERT INTO contacts_cards (person, name, uid, body, version, rev) VALUES (?, ?, ?, ?, ?, 1)
		ON CONFLICT (person) DO UPDATE SET uid = excluded.uid, body = excluded.body, version = excluded.version, rev = rev + 1`,
		p.ID, name, uid, string(card.Bytes()), p.Version)
	return err
}
