package contacts

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// addField adds one on the page of the fields.
func addField(t *testing.T, p *runetest.Person, label, sort string, more ...string) {
	t.Helper()
	form := url.Values{"label": {label}, "sort": {sort}, "seen": {"all"}, "section": {"Contract"}, "listed": {"1"}, "filters": {"1"}, "searched": {"1"}}
	for i := 0; i < len(more); i += 2 {
		form[more[i]] = strings.Split(more[i+1], "|")
	}
	if a := p.Post("/contacts/fields/new", form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("field %s: %d %s", label, a.StatusCode, a.Text)
	}
}

// A6.24: every kind of field flows through the form, the page, the list, the filter, the file, the search, the API and
// the history.
func TestFieldsThatPeopleAddFlowEverywhere(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := h.Person("owner")
	for _, f := range [][2]string{
		{"Customer Number", "text"},
		{"Notes", "long"},
		{"Discount", "number"},
		{"Contract until", "date"},
		{"Partner", "bool"},
		{"Invoices to", "email"},
		{"Hotline", "phone"},
		{"Wiki", "url"},
		{"Budget", "money"},
	} {
		addField(t, p, f[0], f[1])
	}
	addField(t, p, "Segment", "choice", "choices", "Gold\nSilver\n\nGold")
	values := []string{
		"x_customer_number", "K-4711", "x_notes", "one\ntwo", "x_discount", "2,50", "x_contract_until", "2027-03-01", "x_partner", "1",
		"x_invoices_to", "Pay@Acme.example", "x_hotline", "+41 44 555 01 12", "x_wiki", "wiki.example", "x_budget", "1'250.5", "x_budget_currency", "CHF", "x_segment", "Gold",
	}
	id := made(t, p, "/contacts/new", append([]string{"legal_name", "Acme AG"}, values...)...)
	made(t, p, "/contacts/new", "legal_name", "Other AG", "x_segment", "Silver", "x_discount", "10", "x_budget", "EUR 99")

	page := p.Get("/contacts/" + id).Text
	for _, want := range []string{"Contract", "Customer Number", "K-4711", "2.5", "2027", "Partner", "Yes", "Pay@acme.example", "44 555 01 12", "https://wiki.example", "CHF 1,250.50", "Gold"} {
		if !strings.Contains(page, want) {
			t.Errorf("the profile lacks %q", want)
		}
	}
	for path, want := range map[string][2]string{
		"/contacts?q=k-4711":                       {"Acme AG", "Other AG"},
		"/contacts?f.x_segment=Silver":             {"Other AG", "Acme AG"},
		"/contacts?f.x_partner=1":                  {"Acme AG", "Other AG"},
		"/contacts?f.x_discount=2.5":               {"Acme AG", "Other AG"},
		"/palette?q=4711":                          {"Acme AG", "Other AG"},
		"/contacts/export?format=csv&f.x_budget=1": {"CHF 1250.50", "nothing of the sort"},
		"/contacts":                                {"Customer Number", "K-9999"},
	} {
		if a := p.Get(path); !strings.Contains(a.Text, want[0]) || strings.Contains(a.Text, want[1]) {
			t.Errorf("%s: want %s and not %s", path, want[0], want[1])
		}
	}
	for path, first := range map[string]string{"/contacts?sort=x_budget": "Other AG", "/contacts?sort=-x_budget": "Acme AG", "/contacts?sort=x_discount": "Acme AG", "/contacts?sort=-x_discount": "Other AG", "/contacts?sort=-x_segment": "Other AG"} {
		text := p.Get(path).Text
		at, other := strings.Index(text, ">Acme AG<"), strings.Index(text, ">Other AG<")
		if got := map[bool]string{true: "Acme AG", false: "Other AG"}[at < other]; got != first || at < 0 || other < 0 {
			t.Errorf("%s begins with %s, want %s", path, got, first)
		}
	}
	file := p.Get("/contacts/export?format=csv").Text
	for _, want := range []string{"Customer Number", "K-4711", "2.5", "2027-03-01", "CHF 1250.50", "EUR 99.00", "Gold"} {
		if !strings.Contains(file, want) {
			t.Errorf("the file lacks %q: %s", want, file)
		}
	}
	edit := url.Values{"version": {"1"}, "legal_name": {"Acme AG"}, "x_segment": {"Silver"}, "x_partner": {""}}
	if a := p.Post("/contacts/"+id+"/edit", edit); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("edit: %d %s", a.StatusCode, a.Text)
	}
	if page = p.Get("/contacts/" + id).Text; !strings.Contains(page, "changed Segment from Gold to Silver") || !strings.Contains(page, "K-4711") {
		t.Errorf("the history lacks the change, or the rest is gone")
	}
	// Wrong values stand at their field and are kept.
	for field, value := range map[string]string{"x_discount": "much", "x_contract_until": "1.3.2027", "x_segment": "Bronze", "x_invoices_to": "nobody", "x_budget": "a lot", "x_wiki": "javascript:alert(1)"} {
		a := p.Post("/contacts/new", url.Values{"legal_name": {"Wrong AG"}, field: {value}})
		if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text, value) {
			t.Errorf("%s=%s: %d", field, value, a.StatusCode)
		}
	}
}

func TestTheAPIAndImportsKnowAddedFields(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	boss := h.Person("owner")
	addField(t, boss, "Budget", "money", "currency", "CHF")
	addField(t, boss, "Discount", "number")
	addField(t, boss, "Segment", "choice", "choices", "Gold\nSilver", "need", "1")
	p := newProgram(t, h, "manage_contacts")
	p.ask(422, "POST", root, `{"legal_name":"Acme AG"}`)
	p.ask(422, "POST", root, `{"legal_name":"Acme AG","x_segment":"Gold","x_budget":"twelve"}`)
	made, _ := p.ask(201, "POST", root, `{"legal_name":"Acme AG","x_segment":"Gold","x_discount":2.5,"x_budget":{"amount":125050,"currency":"CHF"}}`)
	budget, _ := made["x_budget"].(map[string]any)
	if made["x_segment"] != "Gold" || made["x_discount"] != 2.5 || budget["amount"] != 125050.0 || budget["currency"] != "CHF" {
		t.Errorf("got %v", made)
	}
	for _, name := range []string{"Bee", "Cee", "Dee"} {
		p.ask(201, "POST", root, `{"legal_name":"`+name+` AG","x_segment":"Silver","x_discount":`+map[string]string{"Bee": "10", "Cee": "-1", "Dee": "3"}[name]+`}`)
	}
	var order []string
	for next := ""; ; {
		said, _ := p.ask(200, "GET", root+"?limit=1&sort=-x_discount"+next, "")
		order = append(order, said["data"].([]any)[0].(map[string]any)["legal_name"].(string))
		if said["next"] == nil {
			break
		}
		next = "&cursor=" + said["next"].(string)
	}
	if got := strings.Join(order, " "); got != "Bee AG Dee AG Acme AG Cee AG" {
		t.Errorf("sorted by a number with decimals: %s", got)
	}
	if said, _ := p.ask(200, "GET", root+"?filter[x_segment]=Gold", ""); len(said["data"].([]any)) != 1 {
		t.Errorf("filtered: %v", said)
	}
	said, _ := p.ask(200, "GET", "/api/openapi.json", "")
	input := said["components"].(map[string]any)["schemas"].(map[string]any)["ContactsCompanyNew"].(map[string]any)
	if props := input["properties"].(map[string]any); props["x_budget"] == nil || props["x_segment"].(map[string]any)["title"] != "Segment" {
		t.Errorf("the description lacks the fields: %v", props)
	}

	acme := h.Tenant("acme")
	target := record.TargetOf(companies)
	step, err := target.Plan(h.Context(), acme.DB, map[string]string{"legal_name": "Acme AG", "x_segment": "Silver", "x_budget": "EUR 7", "owner": boss.Email})
	if err != nil || step.Deed != record.Updates {
		t.Fatalf("plan: %+v %v", step, err)
	}
	write(t, h, func(ctx context.Context, tx *store.Tx) (err error) {
		_, err = target.Apply(ctx, tx, step)
		return err
	})
	got, _ := p.ask(200, "GET", root+"/"+made["id"].(string), "")
	if budget, _ := got["x_budget"].(map[string]any); got["x_segment"] != "Silver" || budget["currency"] != "EUR" || got["owner"] != boss.ID || got["x_discount"] != 2.5 {
		t.Errorf("imported: %v", got)
	}
}

// What only some see is for nobody else in any door, and no search finds it.
func TestAFieldForSomeIsHiddenFromOthers(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	boss, editor, reader := h.Person("owner"), h.Person("manage_contacts"), h.Person("view_contacts")
	addField(t, boss, "Rating", "text", "seen", "editors")
	addField(t, boss, "Salary", "text", "seen", "roles", "role", editor.Roles[0])
	id := made(t, boss, "/contacts/new", "legal_name", "Acme AG", "x_rating", "Doubtful", "x_salary", "Princely")
	sees := func(p *runetest.Person, word string) bool {
		found := false
		for _, path := range []string{"/contacts/" + id, "/contacts", "/contacts?q=" + word, "/contacts/export?format=csv", "/palette?q=" + word, "/contacts/" + id + "/edit", "/contacts?f.x_rating=" + word, "/contacts?sort=x_salary"} {
			a := p.Get(path)
			found = found || strings.Contains(strings.ReplaceAll(a.Text, path[strings.LastIndexByte(path, '=')+1:], ""), word) || strings.Contains(a.Text, ">"+word) || strings.Contains(a.Text, "\""+word+"\"") && strings.HasSuffix(path, "/edit")
		}
		return found
	}
	for _, c := range []struct {
		who          *runetest.Person
		name         string
		rating, paid bool
	}{{boss, "the owner", true, true}, {editor, "an editor", true, true}, {reader, "a reader", false, false}} {
		if got := sees(c.who, "Doubtful"); got != c.rating {
			t.Errorf("%s sees the rating: %v", c.name, got)
		}
		if got := sees(c.who, "Princely"); got != c.paid {
			t.Errorf("%s sees the salary: %v", c.name, got)
		}
	}
	// A list that filters by it is empty for whoever does not see it, and for everybody once the field is gone.
	list := made(t, editor, "/contacts/lists/new", "name", "Doubt", "holds", "companies", "filter", "f.x_rating=Doubtful")
	if a := editor.Get("/contacts?list=" + list); !strings.Contains(a.Text, "Acme AG") {
		t.Error("a list by a field of one's own is empty")
	}
	if a := reader.Get("/contacts?list=" + list); strings.Contains(a.Text, "Acme AG") {
		t.Error("a list tells a reader what a hidden field has")
	}
	// Who does not see a field leaves what stands in it alone.
	limited := h.Person("manage_contacts", "view_contacts")
	if a := limited.Post("/contacts/"+id+"/edit", url.Values{"version": {"1"}, "legal_name": {"Acme Neu AG"}, "x_salary": {"Stolen"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("edit: %d", a.StatusCode)
	}
	if page := boss.Get("/contacts/" + id).Text; !strings.Contains(page, "Princely") {
		t.Error("somebody overwrote what they do not see")
	}
	boss.Post("/contacts/fields/x_rating/remove", nil)
	if a := editor.Get("/contacts?list=" + list); strings.Contains(a.Text, "Acme") {
		t.Error("a list by a field that is gone chooses everything")
	}
}

// A field that was removed comes back with its values for 30 days, and is gone with them after.
func TestARemovedFieldKeepsItsValuesForAMonth(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	boss := h.Person("owner")
	addField(t, boss, "Code", "text")
	id := made(t, boss, "/contacts/new", "legal_name", "Acme AG", "x_code", "Kryptonit")
	boss.Post("/contacts/fields/x_code/remove", nil)
	if page := boss.Get("/contacts/" + id).Text; strings.Contains(page, ">Kryptonit") {
		t.Error("a removed field is shown")
	}
	boss.Post("/contacts/"+id+"/edit", url.Values{"version": {"1"}, "legal_name": {"Acme Neu AG"}})
	addField(t, boss, "Code", "number")
	if a := boss.Get("/contacts/fields"); !strings.Contains(a.Text, "/contacts/fields/x_code_2") {
		t.Error("a new field took the name of a removed one")
	}
	boss.Post("/contacts/fields/x_code/restore", nil)
	if page := boss.Get("/contacts/" + id).Text; !strings.Contains(page, "Kryptonit") {
		t.Error("a restored field has lost its values")
	}
	boss.Post("/contacts/fields/x_code/remove", nil)
	h.Clock.Add(31 * 24 * time.Hour)
	acme := h.Tenant("acme")
	for _, job := range record.Jobs(companies) {
		if !strings.Contains(job.Name, "end_fields") && !strings.Contains(job.Name, "reindex") {
			continue
		}
		if err := job.Run(tenant.With(h.Context(), acme), nil); err != nil {
			t.Fatal(err)
		}
	}
	var left int
	err := acme.DB.QueryRow(h.Context(), `SELECT (SELECT count(*) FROM contacts_companies WHERE custom LIKE '%Kryptonit%' OR search_key LIKE '%kryptonit%')
		+ (SELECT count(*) FROM record_fields WHERE name = 'x_code') + (SELECT count(*) FROM sqlite_master WHERE name = 'contacts_companies_by_x_code')`).Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("%d traces of the field are left after 31 days, %v", left, err)
	}
}

func TestFieldsAreForAdministratorsAndAreAHundred(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	boss, editor := h.Person("owner"), h.Person("manage_contacts")
	for _, path := range []string{"/contacts/fields", "/contacts/fields/new", "/contacts/scope"} {
		if a := editor.Get(path); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s is open to an editor: %d", path, a.StatusCode)
		}
	}
	addField(t, boss, "Code", "text")
	if a := boss.Post("/contacts/fields/new", url.Values{"label": {"CODE"}, "sort": {"text"}, "seen": {"all"}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "already") {
		t.Errorf("a second field of one name: %d", a.StatusCode)
	}
	write(t, h, func(ctx context.Context, tx *store.Tx) error {
		for n := 1; n < 100; n++ {
			if _, err := companies.AddField(ctx, tx, record.NewField{Sort: "text", Label: "Field " + strings.Repeat("x", n)}); err != nil {
				return err
			}
		}
		return nil
	})
	if a := boss.Post("/contacts/fields/new", url.Values{"label": {"One more"}, "sort": {"text"}, "seen": {"all"}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "100") {
		t.Errorf("a field beyond the limit: %d", a.StatusCode)
	}
	if a := boss.Get("/contacts"); a.StatusCode != http.StatusOK {
		t.Errorf("a list with a hundred fields: %d", a.StatusCode)
	}
}

// Lists go through the index that a field brought along, to sort and to filter.
func TestAddedFieldsHaveAnIndex(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	write(t, h, func(ctx context.Context, tx *store.Tx) error {
		for label, sort := range map[string]string{"Code": "text", "Budget": "money", "Size": "number"} {
			if _, err := companies.AddField(ctx, tx, record.NewField{Sort: sort, Label: label}); err != nil {
				return err
			}
		}
		return nil
	})
	db := h.Tenant("acme").DB
	for q, index := range map[*record.Query]string{
		{Sort: "x_code", Limit: 25}:   "USING INDEX contacts_companies_by_x_code",
		{Sort: "x_budget", Limit: 25}: "USING INDEX contacts_companies_by_x_budget",
		{Sort: "x_size", Limit: 25}:   "USING INDEX contacts_companies_by_x_size",
		{Sort: "x_code", Filters: map[string][]string{"x_code": {"A1"}}, Limit: 25}: "USING INDEX contacts_companies_by_x_code (<expr>=?)",
	} {
		plan, err := companies.Plan(h.Context(), db, *q)
		if err != nil {
			t.Fatal(err)
		}
		if !contains(plan, index) {
			t.Errorf("%+v: plan %v, want %s", *q, plan, index)
		}
	}
}
