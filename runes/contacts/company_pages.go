package contacts

import (
	"html/template"
	"net/url"

	"runes.im/platform/record"
	"runes.im/platform/web"
)

// profilePage is a company with its people, and what other runes would show beside them.
type profilePage struct {
	*Company
	Face      record.Face
	Since     string
	Details   []record.Detail
	Stamps    []record.Detail // who made and changed it
	Merges    []record.Merged // what became part of it lately
	Map       string          // where to look the address up
	People    []personRow
	History   []record.Happened
	Notes     *record.Notes
	Files     *record.Files
	Tabs      *record.Tabs
	Trail     *record.Trail // when the tab with all changes is open
	CanManage bool
}

type personRow struct {
	*Person
	Face record.Face
	Call template.URL
}

// promised are the tabs that two more runes would bring.
var promised = []record.Promise{
	{Rune: "servicedesk", ID: "servicedesk.tickets", Title: "contacts.tab_tickets", Icon: "life-buoy", Headline: "contacts.more_tickets", Benefit: "contacts.more_tickets_text"},
	{Rune: "ledger", ID: "ledger.invoices", Title: "contacts.tab_invoices", Icon: "receipt", Headline: "contacts.more_invoices", Benefit: "contacts.more_invoices_text"},
}

func showCompany(v *web.Visit) error {
	c, err := companies.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return showSuccessor(v, err)
	}
	p := &profilePage{Company: c, Face: record.FaceOf(c.LegalName, c.ID), CanManage: v.Can("manage_contacts"), Stamps: companies.Stamps(v, c)}
	if p.Merges, err = companies.Merges(v, c.ID); err != nil {
		return err
	}
	if p.Details, err = companies.Details(v, c); err != nil {
		return err
	}
	p.Since = v.T("contacts.company.since", "date", v.Date(c.CreatedAt), "changed", v.When(c.UpdatedAt))
	if c.City != "" {
		p.Map = "https://www.openstreetmap.org/search?query=" + url.QueryEscape(c.Address+", "+c.PostalCode+" "+c.City+", "+record.CountryName(v, c.Country))
	}
	found, err := peopleOf(v, c.ID)
	if err != nil {
		return err
	}
	for _, one := range found {
		p.People = append(p.People, personRow{Person: one, Face: record.FaceOf(one.Name(), one.ID), Call: record.Call(one.Phone)})
	}
	if p.History, err = companies.History(v, c.ID, 6); err != nil {
		return err
	}
	if p.Notes, err = companies.NotesOn(v, c); err != nil {
		return err
	}
	if p.Files, err = companies.FilesOf(v, c); err != nil {
		return err
	}
	if err := p.tabs(v); err != nil {
		return err
	}
	v.Title(c.LegalName)
	v.Crumb(v.T("contacts.name"), "/contacts")
	v.Crumb(v.T("contacts.company.list"), "/contacts")
	v.Crumb(c.LegalName, "")
	return v.Page("company", p)
}

// showSuccessor leads on to the company that this one was merged into.
func showSuccessor(v *web.Visit, err error) error {
	id, broken := companies.BecameOf(v.Context(), v.DB, v.Param("id"))
	if broken != nil || id == "" {
		return err
	}
	if _, unseen := companies.One(v.Context(), v.DB, v.Person, id); unseen != nil {
		return err
	}
	return v.Go("/contacts/" + id)
}

func (p *profilePage) tabs(v *web.Visit) (err error) {
	here := "/contacts/" + p.ID
	own := []record.OwnTab{
		{ID: "contacts", Title: "contacts.tab_contacts", Icon: "users", Count: len(p.People)},
		{ID: "audit", Title: "contacts.tab_audit", Icon: "shield-check"},
	}
	if p.Tabs, err = companies.Tabs(v, p.ID, here, own, promised); err != nil || p.Tabs.Open != "audit" {
		return err
	}
	// People who were removed have left their changes behind.
	all, err := people.List(v.Context(), v.DB, v.Person, record.Query{Where: "company = ?", Args: []any{p.ID}, Limit: 5000})
	if err != nil {
		return err
	}
	gone, err := people.List(v.Context(), v.DB, v.Person, record.Query{Bin: true, Where: "company = ?", Args: []any{p.ID}, Limit: 5000})
	if err != nil {
		return err
	}
	theirs := record.Traced{Kind: people, Named: true}
	for _, one := range append(all, gone...) {
		theirs.IDs = append(theirs.IDs, one.ID)
	}
	p.History = nil // all of it stands in the tab
	p.Trail, err = record.TrailOf(v, here+"?tab=audit", record.Traced{Kind: companies, IDs: []string{p.ID}}, theirs)
	return err
}
