package contacts

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

// Nobody comes out of the bin to a company that lies there itself.
func TestNobodyIsRestoredToACompanyInTheBin(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := h.Person("manage_contacts")
	company := made(t, p, "/contacts/new", "legal_name", "Acme AG")
	p.Post("/contacts/people/new", url.Values{"company": {company}, "first_name": {"Anna"}, "last_name": {"Muster"}})
	all, err := people.List(h.Context(), h.Tenant("acme").DB, nil, record.Query{Where: "company = ?", Args: []any{company}})
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	p.Post("/contacts/people/"+all[0].ID+"/remove", nil)
	if a := p.Post("/contacts/"+company+"/remove", url.Values{"typed": {"Acme AG"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	a := p.Post("/contacts/people/restore", url.Values{"id": {all[0].ID}})
	if a.StatusCode != http.StatusConflict || !strings.Contains(a.See(), "Acme AG") {
		t.Errorf("%s: %s", a.Status, a.See())
	}
	if page := p.Get("/contacts/people").See(); strings.Contains(page, "Anna Muster") {
		t.Errorf("somebody is at a company that is gone: %s", page)
	}
	p.Post("/contacts/restore", url.Values{"id": {company}})
	p.Post("/contacts/people/restore", url.Values{"id": {all[0].ID}})
	if page := p.Get("/contacts/people").See(); !strings.Contains(page, "Anna Muster") {
		t.Error("Anna does not come back")
	}
}

// One contact of a company gets its invoices, whoever comes back from the bin.
func TestARestoredContactLeavesTheInvoicesToTheirSuccessor(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := h.Person("manage_contacts")
	company := made(t, p, "/contacts/new", "legal_name", "Acme AG")
	add := func(name string) string {
		t.Helper()
		p.Post("/contacts/people/new", url.Values{"company": {company}, "first_name": {name}, "last_name": {"Muster"}, "billing": {"1"}})
		all, err := people.List(h.Context(), h.Tenant("acme").DB, nil, record.Query{Where: "first_name = ? AND billing = 1", Args: []any{name}})
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		return all[0].ID
	}
	anna := add("Anna")
	p.Post("/contacts/people/"+anna+"/remove", nil)
	bert := add("Bert")
	if a := p.Post("/contacts/people/restore", url.Values{"id": {anna}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("%s: %s", a.Status, a.See())
	}
	all, err := people.List(h.Context(), h.Tenant("acme").DB, nil, record.Query{Where: "billing = 1"})
	if err != nil || len(all) != 1 || all[0].ID != bert {
		t.Errorf("invoices go to %v, %v", all, err)
	}
}
