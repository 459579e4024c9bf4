package contacts

import (
	"context"
	"strings"

	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/runes/contacts/vcard"
)

// kept is a card as a program of somebody sent it. It is given back byte for byte as long as it says what the person's
// record says; what changed here meanwhile is written into it, and whatever only that program knows stays.
type kept struct {
	Name    string // of the resource: "8F2A-1.vcf"
	UID     string
	Body    string
	Version int64 // of the person whom it describes
	Rev     int64
}

// usualCard is the version of cards that nobody sent: every program reads it.
const usualCard = "3.0"

// cardOf is a person as a card. company is nil for people without one.
func cardOf(p *Person, company *Company, k *kept) *vcard.Card {
	if k != nil {
		if c, err := vcard.Read([]byte(k.Body)); err == nil {
			if k.Version != p.Version {
				update(c, p)
			}
			employ(c, company)
			return c
		}
	}
	c := vcard.New(usualCard, "urn:uuid:"+p.ID)
	update(c, p)
	employ(c, company)
	c.Set("REV", "", p.UpdatedAt.UTC().Format("20060102T150405Z"))
	if company != nil {
		address(c, company)
		c.Set("URL", "", company.Website)
	}
	return c
}

func address(c *vcard.Card, company *Company) {
	if company.Address+company.City+company.PostalCode != "" {
		c.Set("ADR", "TYPE=work", "", "", company.Address, company.City, "", company.PostalCode, record.CountryIn("en", company.Country))
	}
}

// update writes into a card what it says otherwise than the record.
func update(c *vcard.Card, p *Person) {
	says := readCard(c)
	if first, last := p.FirstName, familyName(p); says.First != first || says.Last != last {
		n := c.Parts("N", 5)
		n[0], n[1] = last, first
		c.Set("N", "", n...)
		c.Set("FN", "", strings.TrimSpace(first+" "+last))
	}
	if says.Role != p.JobRole {
		c.Set("TITLE", "", p.JobRole)
	}
	if says.Email != p.Email {
		c.Set("EMAIL", "TYPE=work", p.Email)
	}
	if says.Phone != p.Phone {
		c.Set("TEL", "TYPE=work", p.Phone)
	}
}

// employ writes where somebody works, unless the card says so in its own words.
func employ(c *vcard.Card, company *Company) {
	org := c.Parts("ORG", 1)
	if company == nil || company.isCalled(org[0]) {
		return
	}
	org[0] = company.LegalName
	c.Set("ORG", "", org...)
}

// noFamily stands for the family name of somebody whose card has none: a person here needs one.
const noFamily = "–"

func familyName(p *Person) string {
	if p.LastName == noFamily {
		return ""
	}
	return p.LastName
}

// said is what a card says in the terms of a person.
type said struct{ First, Last, Role, Email, Phone, Org string }

// readCard reads what a person's record can hold; what does not fit stays in the card alone.
func readCard(c *vcard.Card) said {
	n := c.Parts("N", 2)
	s := said{
		First: people.Fitting("first_name", n[1]), Last: people.Fitting("last_name", n[0]), Role: people.Fitting("job_role", c.Text("TITLE")),
		Email: people.Fitting("email", c.Text("EMAIL")), Phone: people.Fitting("phone", strings.TrimPrefix(c.Text("TEL"), "tel:")),
		Org: companies.Fitting("legal_name", c.Parts("ORG", 1)[0]),
	}
	if s.First == "" {
		// Some programs know only the whole name.
		whole := people.Fitting("first_name", c.Text("FN"))
		if s.Last != "" {
			whole = s.Last
		}
		s.First, s.Last = whole, ""
		if at := strings.LastIndexByte(whole, ' '); at > 0 {
			s.First, s.Last = whole[:at], whole[at+1:]
		}
	}
	if s.First == "" {
		s.First = s.Org
	}
	return s
}

// fill puts into a person what the card says, leaving what a field cannot hold as it was.
func (s said) fill(p *Person) {
	p.FirstName, p.LastName = s.First, s.Last
	if p.LastName == "" {
		p.LastName = noFamily
	}
	p.JobRole, p.Email, p.Phone = s.Role, s.Email, s.Phone
}

// keptCards are the cards that programs sent, by person.
func keptCards(ctx context.Context, r store.Reader, ids []string) (map[string]*kept, error) {
	found := map[string]*kept{}
	if len(ids) == 0 {
		return found, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	rows, err := r.Query(ctx, `SELECT person, name, uid, body, version, rev FROM contacts_cards WHERE `+record.In("person", len(ids)), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var person string
		k := new(kept)
		if err := rows.Scan(&person, &k.Name, &k.UID, &k.Body, &k.Version, &k.Rev); err != nil {
			return nil, err
		}
		found[person] = k
	}
	return found, rows.Err()
}

// employersOf are the companies of people, by id; that of people without a company is left out.
func employersOf(ctx context.Context, r store.Reader, all []*Person) (map[string]*Company, error) {
	nowhere, err := unattached(ctx, r)
	if err != nil {
		return nil, err
	}
	var ids []string
	seen := map[string]bool{}
	for _, company := range nowhere {
		seen[company] = true
	}
	for _, p := range all {
		if !seen[p.Company] {
			ids, seen[p.Company] = append(ids, p.Company), true
		}
	}
	found := map[string]*Company{}
	if len(ids) == 0 {
		return found, nil
	}
	// The house looks: who may see a person may know where that person works.
	list, err := companies.List(ctx, r, nil, record.Query{IDs: ids, Limit: len(ids)})
	for _, c := range list {
		found[c.ID] = c
	}
	return found, err
}

// unattached are the companies that hold people without one, by the member whose cards go there: a member who sees only
// a part of the companies has their own, and "" is everybody else's.
func unattached(ctx context.Context, r store.Reader) (map[string]string, error) {
	rows, err := r.Query(ctx, `SELECT u.member, u.company FROM contacts_unattached_of u JOIN contacts_companies c ON c.id = u.company
		WHERE c.deleted_at IS NULL`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]string{}
	for rows.Next() {
		var member, company string
		if err := rows.Scan(&member, &company); err != nil {
			return nil, err
		}
		found[member] = company
	}
	return found, rows.Err()
}

// cards are people as cards, in their order.
func cards(ctx context.Context, r store.Reader, all []*Person) ([]*vcard.Card, error) {
	ids := make([]string, len(all))
	for i, p := range all {
		ids[i] = p.ID
	}
	sent, err := keptCards(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	employers, err := employersOf(ctx, r, all)
	made := make([]*vcard.Card, len(all))
	for i, p := range all {
		made[i] = cardOf(p, employers[p.Company], sent[p.ID])
	}
	return made, err
}
