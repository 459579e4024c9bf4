package contacts

import (
	"context"
	"net/url"
	"strings"

	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// Company is an organisation that ours has to do with.
type Company struct {
	record.Base
	record.Custom
	LegalName  string `record:"legal_name,need,min=2,max=200,title,search,match"`
	VATID      string `record:"vat_id,max=40,sub,search"`
	Website    string `record:"website,url,max=300,list,search,sort,match"`
	Phone      string `record:"phone,phone,search"`
	Address    string `record:"address,max=300,search"`
	City       string `record:"city,max=100,half,search,sort"`
	PostalCode string `record:"postal_code,max=20,half,search"`
	Country    string `record:"country,country,filter"`
	Owner      string `record:"owner,member,maker,filter"`

	NameKey string `record:"name_key,derived"`
	Domain  string `record:"domain,derived"`
	VATKey  string `record:"vat_key,derived,match"`
}

var companies = record.Declare(record.Noun[Company]{
	Words: "contacts.company.", Plural: "companies", Icon: "building-2",
	View: "view_contacts", Manage: "manage_contacts",
	Derive: (*Company).derive, Ask: askTwin, Typed: true, Notes: true, Archive: "Contacts", Losses: peopleLost,
	Removed: removePeople, Back: restorePeople, Purged: purgePeople,
	Columns: []record.Column[Company]{
		{Name: "location", Before: "website", SortBy: "city", Cells: locations},
		{Name: "people", Cells: faces},
	},
	Reach:  &record.Reach{Owner: "owner", Lists: companyLists},
	Saved:  ownerChanged,
	Traits: (*Company).traits, Merged: mergeCompanies, Apart: splitCompanies,
	BecameOne: func(m record.Merging) store.Event { return CompaniesMerged{m} },
	AreApart:  func(m record.Merging) store.Event { return CompaniesUnmerged{m} },
	Narrow:    narrow[Company]("companies"), Doings: saveAsList("companies"), Bulk: gather("companies"),
	Beside:  []record.Place{{Text: "contacts.company.list_short", Path: ""}, {Text: "contacts.person.list_short", Path: "/people"}},
	Created: func(c record.Change) store.Event { return CompanyCreated{c} },
	Updated: func(c record.Change) store.Event { return CompanyUpdated{c} },
	Deleted: func(c record.Change) store.Event { return CompanyDeleted{c} },
})

// legalForms say how a company is organised, not what it is called.
var legalForms = map[string]bool{
	"ag": true, "sa": true, "gmbh": true, "sarl": true, "sagl": true, "srl": true, "spa": true, "ltd": true,
	"limited": true, "inc": true, "llc": true, "plc": true, "co": true, "kg": true, "ohg": true, "se": true, "sas": true, "bv": true, "nv": true, "ab": true, "as": true,
}

// derive makes what duplicates are found by.
func (c *Company) derive() {
	var name []string
	for _, word := range strings.FieldsFunc(record.Fold(strings.ReplaceAll(c.LegalName, ".", "")), func(r rune) bool { return strings.ContainsRune(" ,-&+/()", r) }) {
		if !legalForms[word] {
			name = append(name, word)
		}
	}
	c.NameKey, c.Domain, c.VATKey = strings.Join(name, " "), "", ""
	if site, err := url.Parse(c.Website); err == nil {
		c.Domain = strings.TrimPrefix(site.Hostname(), "www.")
	}
	for _, r := range strings.ToUpper(c.VATID) {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			c.VATKey += string(r)
		}
	}
}

// askTwin asks before a second company of the same name, website or VAT id is made.
func askTwin(ctx context.Context, r store.Reader, n *record.Noun[Company], before, c *Company) (*record.Question, error) {
	if before != nil {
		return nil, nil
	}
	c.derive()
	twins, err := n.List(ctx, r, identity.From(ctx), record.Query{
		Limit: 1, Where: `name_key = ? AND name_key <> '' OR domain = ? AND domain <> '' OR vat_key = ? AND vat_key <> ''`,
		Args: []any{c.NameKey, c.Domain, c.VATKey},
	})
	if err != nil || len(twins) == 0 {
		return nil, err
	}
	return &record.Question{Key: "contacts.company.twin", Args: []any{"name", twins[0].LegalName}}, nil
}

func locations(v *web.Visit, all []*Company) (map[string]record.Cell, error) {
	cells := map[string]record.Cell{}
	for _, c := range all {
		cells[c.ID] = record.Cell{Text: c.City, Muted: c.Country}
	}
	return cells, nil
}
