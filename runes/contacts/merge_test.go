package contacts

import (
	"context"
	"fmt"
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

// twinsOf makes two companies that are one: each with a person, an invoice address and a list of its own.
func twinsOf(t *testing.T, h *runetest.House, p *runetest.Person) (kept, gone, list string) {
	t.Helper()
	kept = made(t, p, "/contacts/new", "legal_name", "Alpine Robotics AG", "city", "Zürich", "phone", "+41 44 555 00 10")
	gone = made(t, p, "/contacts/new", "legal_name", "Alpine Robotcs", "website", "alpine.example", "city", "Bern", "phone", "044 555 00 10")
	for company, name := range map[string]string{kept: "Loïc", gone: "Mina"} {
		p.Post("/contacts/people/new", url.Values{"company": {company}, "first_name": {name}, "last_name": {"Frey"}, "billing": {"1"}})
	}
	list = made(t, p, "/contacts/lists/new", "name", "Cards", "holds", "companies")
	p.Post("/contacts/lists/put/companies", url.Values{"list": {list}, "id": {gone}})
	return kept, gone, list
}

func merge(p *runetest.Person, kept, gone string, pairs ...string) *runetest.Answer {
	form := url.Values{"id": {kept, gone}, "kept_version": {"1"}, "gone_version": {"1"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return p.Post("/contacts/merge", form)
}

// A6.21: a pair is found by a typing mistake and a telephone number, merged field by field, and is two again later.
func TestTwoCompaniesBecomeOneAndTwoAgain(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := h.Person("manage_contacts")
	kept, gone, list := twinsOf(t, h, p)
	p.Post("/contacts/"+kept+"/notes/new", url.Values{"text": {"Written about the kept one"}})
	page := p.Get("/contacts/duplicates").Text
	for _, want := range []string{"Alpine Robotics AG", "Alpine Robotcs", "Similar name", "Same phone", "77%"} {
		if !strings.Contains(page, want) {
			t.Errorf("the pair's page lacks %q", want)
		}
	}
	if a := merge(p, kept, gone, "take_city", "gone"); a.Header.Get("Location") != "/contacts/"+kept {
		t.Fatalf("merge: %d %s", a.StatusCode, a.Text)
	}
	page = p.Get("/contacts/" + kept).Text
	for _, want := range []string{"Alpine Robotics AG", "alpine.example", "Bern", "Loïc Frey", "Mina Frey", "Alpine Robotcs was merged into", "Undo Merge"} {
		if !strings.Contains(page, want) {
			t.Errorf("the merged company lacks %q", want)
		}
	}
	if n := strings.Count(page, "Primary billing"); n != 1 {
		t.Errorf("%d people get the invoices, want one", n)
	}
	if a := p.Get("/contacts/" + gone); a.Header.Get("Location") != "/contacts/"+kept {
		t.Errorf("the old address leads to %d %s", a.StatusCode, a.Header.Get("Location"))
	}
	for path, hidden := range map[string]string{"/contacts": "Robotcs", "/contacts/bin": "Robotcs", "/palette?q=robotcs": "Alpine Robotcs", "/contacts/duplicates": "77%"} {
		if a := p.Get(path); strings.Contains(a.Text, hidden) {
			t.Errorf("%s still shows %s", path, hidden)
		}
	}
	if a := p.Get("/contacts?list=" + list); !strings.Contains(a.Text, "Alpine Robotics AG") {
		t.Error("the kept company is not on the other's list")
	}

	// In between somebody changes the city: that stays.
	p.Post("/contacts/"+kept+"/edit", url.Values{"version": {"2"}, "legal_name": {"Alpine Robotics AG"}, "city": {"Thun"}, "website": {"alpine.example"}, "phone": {"+41 44 555 00 10"}})
	undo := undoOf(t, p, "/contacts/"+kept)
	if a := p.Post(undo, nil); a.Header.Get("Location") != "/contacts/"+gone {
		t.Fatalf("undo: %d %s", a.StatusCode, a.Text)
	}
	if notes := p.Get("/contacts/" + kept).Text; !strings.Contains(notes, "Written about the kept one") {
		t.Error("a note went with the company that it was not about")
	}
	one, other := p.Get("/contacts/"+kept).Text, p.Get("/contacts/"+gone).Text
	fields := p.Get("/contacts/export?format=csv&id=" + kept).Text
	if strings.Contains(fields, "alpine.example") || !strings.Contains(one, "Thun") || strings.Contains(one, "Mina Frey") || !strings.Contains(one, "Loïc Frey") {
		t.Errorf("the kept company is not what it was")
	}
	for _, want := range []string{"Alpine Robotcs", "alpine.example", "Bern", "Mina Frey", "Primary billing"} {
		if !strings.Contains(other, want) {
			t.Errorf("the company that came back lacks %q", want)
		}
	}
	if a := p.Get("/contacts?list=" + list); strings.Contains(a.Text, "Alpine Robotics AG") || !strings.Contains(a.Text, "Alpine Robotcs") {
		t.Error("the list is not what it was")
	}
	if a := p.Get("/contacts/duplicates"); strings.Contains(a.Text, "77%") {
		t.Error("who was taken apart is proposed again")
	}
	if a := p.Post(undo, nil); a.StatusCode != http.StatusNotFound {
		t.Errorf("a merge is undone twice: %d", a.StatusCode)
	}
}

func undoOf(t *testing.T, p *runetest.Person, page string) string {
	t.Helper()
	_, rest, found := strings.Cut(p.Get(page).Text, `action="/contacts/merges/`)
	id, _, _ := strings.Cut(rest, `"`)
	if !found {
		t.Fatalf("%s has no way to undo the merge", page)
	}
	return "/contacts/merges/" + id
}

// Whatever fails on the way, nothing of the merge is done: neither a field nor a person nor a list nor the news.
func TestAMergeThatFailsHalfWayHasDoneNothing(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := h.Person("manage_contacts")
	kept, gone, list := twinsOf(t, h, p)
	state := func() string {
		return p.Get("/contacts/export?format=csv").Text + p.Get("/contacts/people/export?format=csv").Text + p.Get("/contacts/export?format=csv&list="+list).Text
	}
	before := state()
	for name, trigger := range map[string]string{
		"the list":    `BEFORE INSERT ON contacts_list_members`,
		"the person":  `BEFORE UPDATE OF company ON contacts_people`,
		"the company": `BEFORE UPDATE OF website ON contacts_companies`,
		"the merge":   `BEFORE INSERT ON record_merges`,
		"the log":     `BEFORE INSERT ON audit_lines WHEN NEW.action = 'contacts.company_merged'`,
	} {
		write(t, h, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `CREATE TRIGGER broken `+trigger+` BEGIN SELECT RAISE(ABORT, 'broken on purpose'); END`)
			return err
		})
		if a := merge(p, kept, gone); a.StatusCode != http.StatusInternalServerError {
			t.Errorf("%s fails, and the merge answers %d", name, a.StatusCode)
		}
		if got := state(); got != before {
			t.Errorf("%s fails, and is left half done:\n%s\nwant\n%s", name, got, before)
		}
		for table, n := range map[string]int{"record_merges": 0, "store_outbox WHERE topic = 'contacts.companies_merged'": 0, "contacts_companies WHERE deleted_at IS NOT NULL": 0} {
			var got int
			if err := h.Tenant("acme").DB.QueryRow(h.Context(), `SELECT count(*) FROM `+table).Scan(&got); err != nil || got != n {
				t.Errorf("%s fails, and %s has %d rows %v", name, table, got, err)
			}
		}
		write(t, h, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `DROP TRIGGER broken`)
			return err
		})
	}
	if a := merge(p, kept, gone); a.StatusCode != http.StatusSeeOther {
		t.Errorf("the merge itself: %d %s", a.StatusCode, a.Text)
	}
}

// A merge is chosen by what somebody saw; after 30 days it is final, and the one that went has ended.
func TestAMergeKnowsWhatWasSeenAndEnds(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := h.Person("manage_contacts")
	kept, gone, _ := twinsOf(t, h, p)
	if a := merge(p, kept, gone, "gone_version", "7"); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a merge of what has changed since: %d", a.StatusCode)
	}
	if a := merge(p, kept, kept); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a company merged with itself: %d", a.StatusCode)
	}
	merge(p, kept, gone)
	undo := undoOf(t, p, "/contacts/"+kept)
	h.Clock.Add(31 * 24 * time.Hour)
	p = h.Person("manage_contacts", "view_contacts") // the first one's session has ended
	if a := p.Post(undo, nil); a.StatusCode != http.StatusNotFound {
		t.Errorf("a merge is undone after 31 days: %d", a.StatusCode)
	}
	acme := h.Tenant("acme")
	for _, job := range record.Jobs(companies) {
		if strings.Contains(job.Name, "empty_bin") {
			if err := job.Run(tenant.With(h.Context(), acme), nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	var left int
	if err := acme.DB.QueryRow(h.Context(), `SELECT (SELECT count(*) FROM contacts_companies WHERE id = ?) + (SELECT count(*) FROM record_merges)`, gone).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rows are left of the merge, %v", left, err)
	}
	if a := p.Get("/contacts/" + kept); !strings.Contains(a.Text, "Mina Frey") {
		t.Error("whoever had moved went with the company that ended")
	}
}

func TestNotADuplicateIsRemembered(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := h.Person("manage_contacts")
	kept, gone, _ := twinsOf(t, h, p)
	p.Post("/contacts/duplicates/apart", url.Values{"id": {gone, kept}})
	if a := p.Get("/contacts/duplicates"); strings.Contains(a.Text, "77%") {
		t.Error("the pair is proposed again")
	}
	first := made(t, p, "/contacts/people/new", "company", kept, "first_name", "Ida", "last_name", "Roth", "email", "ida@roth.example")
	if first != kept {
		t.Fatalf("a person leads to %s", first)
	}
	p.Post("/contacts/people/new", url.Values{"company": {kept}, "first_name": {"Ida"}, "last_name": {"Rohth"}, "email": {"IDA@roth.example"}})
	if a := p.Get("/contacts/people/duplicates"); !strings.Contains(a.Text, "Same e-mail") || !strings.Contains(a.Text, "Ida Rohth") {
		t.Errorf("two people of one address are not found")
	}
}

// Ten thousand companies are compared without comparing each with each.
func TestDuplicatesAmongManyAreFoundFast(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	write(t, h, func(ctx context.Context, tx *store.Tx) error {
		for n := range 3000 {
			c := &Company{LegalName: fmt.Sprintf("Schreinerei Nummer %d", n), City: "Olten"}
			if err := companies.Create(ctx, tx, c); err != nil {
				return err
			}
		}
		return nil
	})
	p := h.Person("manage_contacts")
	made(t, p, "/contacts/new", "legal_name", "Quittenbaum Zimmerei GmbH", "city", "Olten")
	made(t, p, "/contacts/new", "legal_name", "Zimmerei Quitenbaum", "city", "Aarau")
	begun := time.Now()
	a := p.Get("/contacts/duplicates")
	if took := time.Since(begun); took > time.Minute { // each with each would take many
		t.Errorf("it took %s", took)
	}
	if !strings.Contains(a.Text, "Quittenbaum Zimmerei GmbH") || !strings.Contains(a.Text, "Zimmerei Quitenbaum") {
		t.Errorf("the pair with a typing mistake is not found")
	}
}

// What was found is kept until a record changes, and not a moment longer.
func TestDuplicatesFollowEveryChange(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p, db := h.Person("manage_contacts"), h.Tenant("acme").DB
	made := map[string]*Company{}
	write := func(do func(ctx context.Context, tx *store.Tx) error) {
		t.Helper()
		if err := db.Write(h.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	create := func(names ...string) {
		t.Helper()
		write(func(ctx context.Context, tx *store.Tx) error {
			for _, name := range names {
				made[name] = &Company{LegalName: name}
				if err := companies.Create(ctx, tx, made[name]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	want := func(what string, pairs int) {
		t.Helper()
		for range 2 { // found, and kept
			if n := strings.Count(p.Get("/contacts/duplicates").Text, `/contacts/merge?`); n != pairs {
				t.Errorf("%s: %d pairs, want %d", what, n, pairs)
			}
		}
	}
	create("Alpine Robotics", "Alpine Robotcs", "Nordlicht")
	want("two alike", 1)
	create("Nordlichtt")
	want("one more", 2)
	write(func(ctx context.Context, tx *store.Tx) error {
		other := *made["Nordlichtt"]
		other.LegalName = "Something else"
		return companies.Change(ctx, tx, made["Nordlichtt"], &other)
	})
	want("one renamed", 1)
	write(func(ctx context.Context, tx *store.Tx) error {
		return companies.Remove(ctx, tx, made["Alpine Robotcs"], "")
	})
	want("one removed", 0)
	if a := p.Post("/contacts/restore", url.Values{"id": {made["Alpine Robotcs"].ID}}); a.StatusCode >= http.StatusBadRequest {
		t.Fatalf("restore: %s", a.Status)
	}
	want("one brought back", 1)
	if a := p.Post("/contacts/duplicates/apart", url.Values{"id": {made["Alpine Robotics"].ID, made["Alpine Robotcs"].ID}}); a.StatusCode >= http.StatusBadRequest {
		t.Fatalf("apart: %s", a.Status)
	}
	want("kept apart", 0)
}
