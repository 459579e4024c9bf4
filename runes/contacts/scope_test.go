package contacts

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"runes.im/platform/identity"
	"runes.im/platform/live"
	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// write does something in the organisation acme.
func write(t *testing.T, h *runetest.House, do func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	acme := h.Tenant("acme")
	if err := acme.DB.Write(tenant.With(h.Context(), acme), do); err != nil {
		t.Fatal(err)
	}
}

// limit says how far a person sees.
func limit(t *testing.T, h *runetest.House, p *runetest.Person, reach string, lists ...string) {
	t.Helper()
	write(t, h, func(ctx context.Context, tx *store.Tx) error {
		return companies.SetReach(ctx, tx, "member:"+p.ID, reach, lists...)
	})
}

// made posts a form and answers the id in the address it leads to.
func made(t *testing.T, p *runetest.Person, path string, pairs ...string) string {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	a := p.Post(path, form)
	to, err := url.Parse(a.Header.Get("Location"))
	if err != nil || a.StatusCode != http.StatusSeeOther {
		t.Fatalf("post %s %v: %d %s", path, form, a.StatusCode, a.Text)
	}
	if list := to.Query().Get("list"); list != "" {
		return list
	}
	return to.Path[strings.LastIndexByte(to.Path, '/')+1:]
}

// hidden is what somebody has whom nobody else may see, and what must not come out of any door.
type hidden struct {
	company, person, list, binned string
	words                         []string
}

func hide(t *testing.T, h *runetest.House, p *runetest.Person) hidden {
	t.Helper()
	write(t, h, func(ctx context.Context, tx *store.Tx) error {
		_, err := companies.AddField(ctx, tx, record.NewField{Sort: "text", Label: "Code"})
		return err
	})
	var s hidden
	s.company = made(t, p, "/contacts/new", "legal_name", "Geheimnis AG", "website", "geheim.example", "city", "Verstecken", "x_code", "Kryptonit")
	p.Post("/contacts/people/new", url.Values{"company": {s.company}, "first_name": {"Zora"}, "last_name": {"Verborgen"}, "email": {"zora@geheim.example"}})
	found, err := people.List(h.Context(), h.Tenant("acme").DB, nil, record.Query{Where: "company = ?", Args: []any{s.company}})
	if err != nil || len(found) != 1 {
		t.Fatalf("people %v %v", found, err)
	}
	s.person = found[0].ID
	s.list = made(t, p, "/contacts/lists/new", "name", "Tarnkappe", "holds", "companies")
	p.Post("/contacts/lists/put/companies", url.Values{"list": {s.list}, "id": {s.company}})
	s.binned = made(t, p, "/contacts/new", "legal_name", "Verschwunden AG")
	p.Post("/contacts/"+s.binned+"/remove", url.Values{"typed": {"Verschwunden AG"}})
	s.words = []string{"Geheimnis", "geheim.example", "Verstecken", "Kryptonit", "Zora", "Verborgen", "Tarnkappe", "Verschwunden", s.company, s.person, s.list, s.binned}
	return s
}

// silent fails when something hidden came out; asked is what the asker wrote themselves.
func (s hidden) silent(t *testing.T, door, said, asked string) {
	t.Helper()
	for _, word := range s.words {
		if strings.Contains(said, word) && !strings.Contains(asked, word) {
			t.Errorf("%s tells %q", door, word)
		}
	}
}

// A6.22: somebody who sees their own companies meets nothing of another's, whichever way they go.
func TestAnothersCompanyIsNowhere(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	other, me := h.Person("manage_contacts"), h.Person("manage_contacts", "view_contacts")
	s := hide(t, h, other)
	limit(t, h, me, "own")
	mine := made(t, me, "/contacts/new", "legal_name", "Meine AG")

	for _, path := range []string{
		"/contacts", "/contacts?q=geheim", "/contacts?q=kryptonit", "/contacts?f.owner=" + other.ID, "/contacts?sort=city", "/contacts?size=100",
		"/contacts/people", "/contacts/people?q=zora", "/contacts/lists", "/contacts/bin", "/contacts/people/bin", "/contacts/duplicates",
		"/contacts/people/duplicates", "/contacts/export?format=csv", "/contacts/export?format=csv&id=" + s.company, "/contacts/people/export?format=csv",
		"/contacts/remove?id=" + s.company, "/contacts/give?id=" + s.company, "/contacts/purge?id=" + s.binned, "/contacts/lists/put/companies?id=" + s.company,
		"/contacts/lists/remove?id=" + s.list, "/contacts/people/remove?id=" + s.person, "/contacts/new", "/contacts/people/new?company=" + s.company,
		"/palette?q=geheim", "/palette?q=zora", "/search?q=geheim", "/search?q=zora", "/search?q=kryptonit", "/", "/contacts/" + mine,
	} {
		a := me.Get(path)
		if a.StatusCode >= 500 {
			t.Errorf("%s: status %d: %s", path, a.StatusCode, a.Text)
		}
		s.silent(t, path, a.Text, path)
	}
	for _, path := range []string{
		"/contacts/" + s.company, "/contacts/" + s.company + "/edit", "/contacts/" + s.company + "/remove", "/contacts/people/" + s.person + "/edit",
		"/contacts/people/" + s.person + "/vcard", "/contacts/people/" + s.person + "/remove", "/contacts?list=" + s.list, "/contacts/lists/" + s.list + "/edit",
		"/contacts/export?format=csv&list=" + s.list, "/contacts/merge?id=" + mine + "&id=" + s.company, "/contacts/merge?id=" + s.company + "&id=" + mine,
	} {
		if a := me.Get(path); a.StatusCode != http.StatusNotFound {
			t.Errorf("get %s: status %d, want 404: %s", path, a.StatusCode, a.Text)
		}
	}
	// Nothing can be done to it either, and a twin of it is no reason to ask.
	for path, form := range map[string]url.Values{
		"/contacts/" + s.company + "/edit":       {"version": {"1"}, "legal_name": {"Stolen"}},
		"/contacts/" + s.company + "/remove":     {"typed": {"Geheimnis AG"}},
		"/contacts/people/" + s.person + "/edit": {"version": {"1"}, "first_name": {"Stolen"}, "last_name": {"X"}},
		"/contacts/merge":                        {"id": {mine, s.company}, "kept_version": {"1"}, "gone_version": {"1"}},
		"/contacts/duplicates/apart":             {"id": {mine, s.company}},
		"/contacts/lists/" + s.list + "/drop":    {"id": {s.company}},
	} {
		if a := me.Post(path, form); a.StatusCode != http.StatusNotFound {
			t.Errorf("post %s: status %d, want 404: %s", path, a.StatusCode, a.Text)
		}
	}
	me.Post("/contacts/remove", url.Values{"id": {s.company}})
	me.Post("/contacts/give", url.Values{"id": {s.company}, "owner": {me.ID}})
	me.Post("/contacts/restore", url.Values{"id": {s.binned}})
	me.Post("/contacts/purge", url.Values{"id": {s.binned}})
	me.Post("/contacts/people/new", url.Values{"company": {s.company}, "first_name": {"In"}, "last_name": {"Truder"}})
	own := made(t, me, "/contacts/lists/new", "name", "Mine", "holds", "companies")
	me.Post("/contacts/lists/put/companies", url.Values{"list": {own}, "id": {s.company}})
	if a := me.Post("/contacts/new", url.Values{"legal_name": {"Geheimnis"}, "website": {"geheim.example"}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("a twin out of sight is asked about: %d %s", a.StatusCode, a.Text)
	}
	for path, want := range map[string]string{"/contacts/" + s.company: "Zora Verborgen", "/contacts/bin": "Verschwunden AG", "/contacts?list=" + s.list: "Geheimnis AG"} {
		if a := other.Get(path); !strings.Contains(a.Text, want) || strings.Contains(a.Text, "Truder") {
			t.Errorf("%s lacks %s after what another tried: %s", path, want, a.Text)
		}
	}
	if a := other.Get("/contacts?list=" + own); strings.Contains(a.Text, "Geheimnis AG") {
		t.Error("somebody put a company into their list that they do not see")
	}
}

func TestAnothersCompanyIsNotInTheAPI(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	other, me := h.Person("manage_contacts"), h.Person("manage_contacts", "view_contacts")
	s := hide(t, h, other)
	limit(t, h, me, "own")
	_, secret, err := h.App.People.MakeAPIToken(h.Context(), h.Tenant("acme"), me.ID, identity.NewToken{Name: "test", Scopes: []string{"manage_contacts"}, Lasts: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	p := &program{Person: h.Visitor("acme"), t: t, secret: secret}
	folks, all := "/api/v1/contacts/people", "/api/v1/contacts/lists"
	for _, path := range []string{root, root + "?q=geheim", root + "?filter[owner]=" + other.ID, root + "?filter[city]=Verstecken", folks, folks + "?q=zora", folks + "?filter[company]=" + s.company, all} {
		_, a := p.ask(200, "GET", path, "")
		s.silent(t, path, a.Text, path)
	}
	p.ask(404, "GET", root+"/"+s.company, "")
	p.ask(404, "PATCH", root+"/"+s.company, `{"city":"Bern"}`, "If-Match", "*")
	p.ask(404, "DELETE", root+"/"+s.company, "", "If-Match", "*")
	p.ask(404, "GET", folks+"/"+s.person, "")
	p.ask(404, "POST", root+"/bulk", `{"operations":[{"op":"delete","id":"`+s.company+`","version":1}]}`)
	p.ask(422, "POST", folks, `{"company":"`+s.company+`","first_name":"In","last_name":"Truder"}`)
	p.ask(201, "POST", root, `{"legal_name":"Geheimnis"}`)
}

// Rooms and other runes ask in slots; open pages hear of changes.
func TestAnothersCompanyIsInNoSlotAndNoNews(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	other, me := h.Person("manage_contacts"), h.Person("manage_contacts", "view_contacts")
	s := hide(t, h, other)
	limit(t, h, me, "own")
	acme := h.Tenant("acme")
	a := slot.Asker{Tenant: acme, Person: me.Person}
	ctx := tenant.With(h.Context(), acme)
	active := map[string]bool{"contacts": true}
	for _, of := range Rune.Nouns {
		offers := record.Offers(of)
		for i := range offers {
			offers[i].Rune = "contacts"
		}
		for _, o := range slot.RefTitles.Among(offers, active) {
			found, err := o.Resolve(ctx, a, []string{s.company, s.person, s.list})
			s.quiet(t, "titles of "+o.Kind, found, err)
		}
		for _, o := range slot.Pickers.Among(offers, active) {
			for _, text := range []string{"", "geheim", "zora", "tarnkappe"} {
				found, err := o.Find(ctx, a, text, 50)
				s.quiet(t, "picker of "+o.Kind, found, err)
			}
		}
		for _, o := range slot.Statistics.Among(offers, active) {
			if n, err := o.Figure(ctx, a); n != 0 || err != nil {
				t.Errorf("%s counts %d %v", o.ID, n, err)
			}
		}
		for _, o := range slot.Bins.Among(offers, active) {
			if n, err := o.Count(ctx, a); n != 0 || err != nil {
				t.Errorf("the bin of %s counts %d %v", o.Kind, n, err)
			}
		}
	}
	for _, o := range slot.TokenValues.Among(offersOfTheRune(), active) {
		var paths []string
		for _, p := range o.Paths {
			paths = append(paths, p.Path)
		}
		found, err := o.Values(ctx, a, map[string]string{"contacts.company": s.company, "contacts.person": s.person}, paths)
		s.quiet(t, "tokens of "+o.Namespace, found, err)
	}

	lines, theirs := listen(t, h, me), listen(t, h, other)
	until(t, lines, "unread")
	until(t, theirs, "unread")
	other.Post("/contacts/people/new", url.Values{"company": {s.company}, "first_name": {"Zora"}, "last_name": {"Zwei"}})
	until(t, theirs, "contacts.person")
	h.App.Hub.Send(acme.ID, "", live.Message{Name: "toast", Data: map[string]string{"text": "the end"}})
	s.silent(t, "the stream", until(t, lines, "the end"), "")
}

func offersOfTheRune() []slot.Offer {
	all := append([]slot.Offer{}, Rune.Offers...)
	for i := range all {
		all[i].Rune = "contacts"
	}
	return all
}

func (s hidden) quiet(t *testing.T, door string, found any, err error) {
	t.Helper()
	raw, broken := json.Marshal(found)
	if err != nil || broken != nil {
		t.Errorf("%s: %v %v", door, err, broken)
	}
	s.silent(t, door, string(raw), "")
}

// The owner's own line decides, then the widest of the roles; lists come on top of what is one's own.
func TestScopeFollowsRolesListsAndOwners(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	other, me := h.Person("manage_contacts"), h.Person("manage_contacts", "view_contacts")
	s := hide(t, h, other)
	mine := made(t, me, "/contacts/new", "legal_name", "Meine AG")
	role := "role:" + me.Roles[0]
	sees := func(id string) bool { return me.Get("/contacts/"+id).StatusCode == http.StatusOK }
	say := func(holder, reach string, lists ...string) {
		t.Helper()
		write(t, h, func(ctx context.Context, tx *store.Tx) error {
			return companies.SetReach(ctx, tx, holder, reach, lists...)
		})
	}
	if !sees(s.company) {
		t.Error("nobody said anything, and a company is hidden")
	}
	say(role, "own")
	if sees(s.company) || !sees(mine) {
		t.Error("a role with its own records sees others, or not its own")
	}
	say("member:"+me.ID, "all")
	if !sees(s.company) {
		t.Error("a person's own line does not go before the role's")
	}
	say("member:"+me.ID, "lists", s.list)
	if !sees(s.company) || !sees(mine) || me.Get("/contacts?list="+s.list).StatusCode != 200 {
		t.Error("a list that was given is not seen, or what is one's own is not")
	}
	other.Post("/contacts/lists/"+s.list+"/drop", url.Values{"id": {s.company}})
	if sees(s.company) {
		t.Error("a company that left the list is still seen")
	}
	other.Post("/contacts/give", url.Values{"id": {s.company}, "owner": {me.ID}})
	if !sees(s.company) {
		t.Error("who was made the owner does not see the company")
	}
	if a := me.Get("/palette?q=zora"); !strings.Contains(a.Text, "Zora") {
		t.Errorf("the new owner does not find the company's people: %s", a.Text)
	}
	other.Post("/contacts/give", url.Values{"id": {s.company}, "owner": {other.ID}})
	if sees(s.company) {
		t.Error("a company that was given away is still seen")
	}
	if a := me.Post("/contacts/give", url.Values{"id": {mine}, "owner": {other.ID}}); a.StatusCode != http.StatusSeeOther || sees(mine) {
		t.Errorf("a company of one's own cannot be given away: %d", a.StatusCode)
	}
}
