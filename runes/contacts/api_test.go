package contacts

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"runes.im/platform/identity"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

const root = "/api/v1/contacts/companies"

// program is a client of the API with a token of somebody who holds manage_contacts.
type program struct {
	*runetest.Person
	t      *testing.T
	secret string
}

func newProgram(t *testing.T, h *runetest.House, scopes ...string) *program {
	t.Helper()
	owner := h.Person("manage_contacts")
	_, secret, err := h.App.People.MakeAPIToken(h.Context(), h.Tenant("acme"), owner.ID, identity.NewToken{Name: "test", Scopes: scopes, Lasts: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return &program{Person: h.Visitor("acme"), t: t, secret: secret}
}

// ask wants that status and reads the answer.
func (p *program) ask(want int, method, path, body string, header ...string) (map[string]any, *runetest.Answer) {
	p.t.Helper()
	h := http.Header{"Authorization": {"Bearer " + p.secret}}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	a := p.Do(method, path, strings.NewReader(body), h)
	if a.StatusCode != want {
		p.t.Fatalf("%s %s %s: status %d, want %d: %s", method, path, body, a.StatusCode, want, a.Text)
	}
	var said map[string]any
	if a.Text != "" {
		if err := json.Unmarshal([]byte(a.Text), &said); err != nil {
			p.t.Fatalf("%s %s: %v in %s", method, path, err, a.Text)
		}
	}
	if want >= 400 && a.Header.Get("Content-Type") != "application/problem+json" {
		p.t.Errorf("%s %s: content type %q of a refusal", method, path, a.Header.Get("Content-Type"))
	}
	return said, a
}

func TestAPIWritesWhatPagesShow(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := newProgram(t, h, "manage_contacts")
	made, a := p.ask(201, "POST", root, `{"legal_name":" Acme  AG ","website":"acme.example","country":"Schweiz","city":"Bern"}`)
	id := made["id"].(string)
	if made["legal_name"] != "Acme AG" || made["website"] != "https://acme.example" || made["country"] != "CH" {
		t.Errorf("got %v, want tidy values", made)
	}
	if got := a.Header.Get("Location"); got != root+"/"+id {
		t.Errorf("location %q, want that of the record", got)
	}
	if page := h.Person("view_contacts").Get("/contacts/" + id); !strings.Contains(page.Text, "Acme AG") {
		t.Error("the page does not show the company")
	}
	_, a = p.ask(200, "GET", root+"/"+id, "")
	if got := a.Header.Get("ETag"); got != `"1"` {
		t.Errorf("etag %q, want \"1\"", got)
	}
	p.ask(428, "PATCH", root+"/"+id, `{"city":"Thun"}`)
	p.ask(412, "PATCH", root+"/"+id, `{"city":"Thun"}`, "If-Match", `"7"`)
	changed, _ := p.ask(200, "PATCH", root+"/"+id, `{"city":"Thun","vat_id":null}`, "If-Match", `"1"`)
	if changed["city"] != "Thun" || changed["version"] != 2.0 {
		t.Errorf("got %v, want Thun in version 2", changed)
	}
	p.ask(428, "DELETE", root+"/"+id, "")
	p.ask(204, "DELETE", root+"/"+id, "", "If-Match", `"2"`)
	p.ask(404, "GET", root+"/"+id, "")
}

func TestAPIRefusesByName(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := newProgram(t, h, "manage_contacts")
	p.ask(201, "POST", root, `{"legal_name":"Acme AG","website":"acme.example"}`)
	for body, field := range map[string]string{
		`{}`:                                 "legal_name",
		`{"legal_name":"X"}`:                 "legal_name",
		`{"legal_name":7}`:                   "legal_name",
		`{"legal_name":"Be","owner":"me"}`:   "owner",
		`{"legal_name":"Be","id":"1"}`:       "id",
		`{"legal_name":"Be","name_key":"x"}`: "name_key",
		`{"legal_name":"Be","website":"javascript:alert(1)"}`: "website",
		`{"legal_name":"Be","country":"Atlantis"}`:            "country",
	} {
		said, _ := p.ask(422, "POST", root, body)
		if errors, _ := said["errors"].(map[string]any); errors[field] == nil {
			t.Errorf("%s: got %v, want a sentence about %s", body, said, field)
		}
	}
	p.ask(409, "POST", root, `{"legal_name":"ACME"}`)
	p.ask(201, "POST", root+"?confirm=true", `{"legal_name":"ACME"}`)
	p.ask(400, "POST", root, `{"legal_name":`)
	p.ask(400, "POST", root, `[]`)
	p.ask(400, "POST", root, `{"legal_name":"a\u0000b"}`)
	p.ask(400, "POST", root, strings.Repeat(`{"a":`, 70)+"1"+strings.Repeat("}", 70))
	p.ask(413, "POST", root, `{"legal_name":"`+strings.Repeat("a", 1<<20)+`"}`)
	p.ask(405, "PUT", root, `{}`)
	for _, query := range []string{"?filter[nothing]=x", "?sort=address", "?limit=0", "?limit=9999", "?cursor=!", "?size=5"} {
		p.ask(422, "GET", root+query, "")
	}
}

func TestAPIPagesSortsAndFilters(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := newProgram(t, h, "manage_contacts")
	p.ask(200, "POST", root+"/bulk", `{"operations":[
		{"op":"create","data":{"legal_name":"Çelik","city":"Bern","country":"CH"}},
		{"op":"create","data":{"legal_name":"Dora","city":"aarau","country":"CH"}},
		{"op":"create","data":{"legal_name":"adler","city":"Chur","country":"CH"}},
		{"op":"create","data":{"legal_name":"Bär","city":"Bonn","country":"DE"}}]}`)
	read := func(query string) (names []string) {
		for next := ""; ; {
			said, _ := p.ask(200, "GET", root+"?limit=2&"+query+next, "")
			for _, one := range said["data"].([]any) {
				names = append(names, one.(map[string]any)["legal_name"].(string))
			}
			if said["next"] == nil {
				return names
			}
			next = "&cursor=" + said["next"].(string)
		}
	}
	for query, want := range map[string]string{
		"":                               "adler Bär Çelik Dora",
		"sort=-title":                    "Dora Çelik Bär adler",
		"sort=city":                      "Dora Çelik Bär adler",
		"sort=-city&filter[country]=CH":  "adler Çelik Dora",
		"q=bar":                          "Bär",
		"filter[country]=DE,FR":          "Bär",
		"filter[country]=CH')+OR+1=1+--": "",
	} {
		if got := strings.Join(read(query), " "); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	// One refusal, and nothing of the whole was done.
	_, a := p.ask(422, "POST", root+"/bulk", `{"operations":[{"op":"create","data":{"legal_name":"Egli"}},{"op":"create","data":{"city":"Bern"}}]}`)
	if got := a.Header.Get("X-Operation"); got != "1" {
		t.Errorf("operation %q was named, want 1", got)
	}
	if got := read("q=egli"); len(got) != 0 {
		t.Errorf("got %v, want nothing of a refused bulk", got)
	}
}

func TestAPIOpensForTokensWithTheRightAlone(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := newProgram(t, h, "view_contacts")
	p.ask(200, "GET", root, "")
	p.ask(403, "POST", root, `{"legal_name":"Evil"}`)
	said, _ := p.ask(200, "GET", "/api/openapi.json", "")
	if said["openapi"] != "3.1.0" || said["paths"].(map[string]any)[root] == nil {
		t.Errorf("the description lacks %s", root)
	}
	cookie := h.Person("manage_contacts")
	if a := cookie.Get(root); a.StatusCode != 401 {
		t.Errorf("a session opened the API with %d, want 401", a.StatusCode)
	}
	device := h.Person("manage_contacts").Device("sync")
	if a := device.Get(root); a.StatusCode != 401 {
		t.Errorf("an app password opened the API with %d, want 401", a.StatusCode)
	}
	foreign := &program{Person: h.Visitor("beta"), t: t, secret: p.secret}
	h.Tenant("beta")
	foreign.ask(401, "GET", root, "")
	h.Clock.Add(25 * time.Hour)
	p.ask(401, "GET", root, "")
}

func TestATokenHasNoMoreRightsThanItsPerson(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	reader, acme := h.Person("view_contacts"), h.Tenant("acme")
	if _, _, err := h.App.People.MakeAPIToken(h.Context(), acme, reader.ID, identity.NewToken{Name: "test", Scopes: []string{"manage_contacts"}, Lasts: time.Hour}); err == nil {
		t.Error("a reader made a token that may write")
	}
	made, secret, err := h.App.People.MakeAPIToken(h.Context(), acme, reader.ID, identity.NewToken{Name: "test", Scopes: []string{"view_contacts"}, Lasts: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	p := &program{Person: h.Visitor("acme"), t: t, secret: secret}
	p.ask(200, "GET", root, "")
	if err := h.App.People.RevokeAPIToken(h.Context(), acme, reader.ID, made.ID); err != nil {
		t.Fatal(err)
	}
	p.ask(401, "GET", root, "")
}
