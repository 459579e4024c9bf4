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
	Map       string // where to look the address up
	People    []personRow
	History   []record.Happened
	Tabs      []record.Segment
	Tab       string
	CanManage bool
}

type personRow struct {
	*Person
	Face record.Face
	Call template.URL
}

// guestTabs are those that other runes fill; icon and text of the state without them.
var guestTabs = []struct{ key, icon string }{{"tickets", "life-buoy"}, {"invoices", "receipt"}, {"audit", "shield-check"}}

func showCompany(v *web.Visit) error {
	c, err := companies.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	p := &profilePage{Company: c, Face: record.FaceOf(c.LegalName, c.ID), Details: companies.Details(v, c), CanManage: v.Can("manage_contacts")}
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
	p.tabs(v)
	v.Title(c.LegalName)
	v.Crumb(v.T("contacts.name"), "/contacts")
	v.Crumb(v.T("contacts.company.list"), "/contacts")
	v.Crumb(c.LegalName, "")
	return v.Page("company", p)
}

func (p *profilePage) tabs(v *web.Visit) {
	p.Tab = "contacts"
	here := "/contacts/" + p.ID
	p.Tabs = []record.Segment{{Text: v.T("contacts.tab_contacts"), Icon: "users", Href: here, Count: len(p.People)}}
	for i, tab := range guestTabs {
		p.Tabs = append(p.Tabs, record.Segment{Text: v.T("contacts.tab_" + tab.key), Icon: tab.icon, Href: here + "?tab=" + tab.key})
		if v.Query("tab") == tab.key {
			p.Tab, p.Tabs[i+1].Current = tab.key, true
		}
	}
	p.Tabs[0].Current = p.Tab == "contacts"
}
