package contacts

import (
	"bytes"
	"mime"
	"net/http"
	"strconv"

	"runes.im/platform/record"
	"runes.im/platform/web"
	"runes.im/runes/contacts/vcard"
)

// sendCard answers with a person as vCard.
func sendCard(v *web.Visit) error {
	p, err := people.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	return sendPeople(v, p.Name(), []*Person{p})
}

// sendListCards answers with everybody of a list in one file.
func sendListCards(v *web.Visit) error {
	l, err := lists.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	b := &book{ID: l.ID, Name: l.Name, List: l}
	if l.Holds == "people" {
		found, err := b.people(v.Context(), v.DB, v.Person)
		if err != nil {
			return err
		}
		return sendPeople(v, l.Name, found)
	}
	q := record.Query{Limit: maxCards}
	if q.Where, q.Args, _, err = narrow[Company]("companies")(v.Context(), v.DB, companies, l.ID); err != nil {
		return err
	}
	found, err := companies.List(v.Context(), v.DB, v.Person, q)
	if err != nil {
		return err
	}
	var made []*vcard.Card
	for _, c := range found {
		made = append(made, companyCard(c))
	}
	return send(v, l.Name, made)
}

// sendCompanyCard answers with a company as vCard.
func sendCompanyCard(v *web.Visit) error {
	c, err := companies.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	return send(v, c.LegalName, []*vcard.Card{companyCard(c)})
}

func companyCard(c *Company) *vcard.Card {
	card := vcard.New("4.0", "urn:uuid:"+c.ID)
	card.Set("KIND", "", "org")
	card.Set("X-ABSHOWAS", "", "COMPANY") // how telephones without KIND tell a company
	card.Set("FN", "", c.LegalName)
	card.Set("ORG", "", c.LegalName)
	card.Set("TEL", "TYPE=work", c.Phone)
	card.Set("URL", "", c.Website)
	address(card, c)
	card.Set("REV", "", c.UpdatedAt.UTC().Format("20060102T150405Z"))
	return card
}

func sendPeople(v *web.Visit, name string, all []*Person) error {
	var made []*vcard.Card
	for len(all) > 0 {
		part := all[:min(bite, len(all))]
		all = all[len(part):]
		some, err := cards(v.Context(), v.DB, part)
		if err != nil {
			return err
		}
		made = append(made, some...)
	}
	return send(v, name, made)
}

// send answers with cards as one file, of version 4 unless 3 is asked for.
func send(v *web.Visit, name string, all []*vcard.Card) error {
	version := "4.0"
	if v.Query("version") == "3" {
		version = "3.0"
	}
	var body bytes.Buffer
	for _, c := range all {
		body.Write(c.As(version).Bytes())
	}
	h := v.Writer.Header()
	h.Set("Content-Type", "text/vcard; charset=utf-8")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name + ".vcf"}))
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	v.Writer.WriteHeader(http.StatusOK)
	v.Writer.Write(body.Bytes()) // a reader who left has nobody to be told
	return nil
}
