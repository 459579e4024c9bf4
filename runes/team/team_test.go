package team

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"runes.im/platform/identity"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

func TestStories(t *testing.T) { runetest.Stories(t, []runekit.Rune{Rune}) }

func BenchmarkMembers(b *testing.B) {
	h := runetest.Start(b, []runekit.Rune{Rune})
	org := h.Tenant("acme")
	for n := range 1000 {
		_, err := h.App.People.AddMember(h.Context(), org, identity.NewMember{Email: fmt.Sprintf("p%d@acme.example", n), Name: fmt.Sprintf("Person %d", n)})
		if err != nil {
			b.Fatal(err)
		}
	}
	p := h.Person("manage_users")
	for b.Loop() {
		if got := p.Get("/team"); got.StatusCode != 200 {
			b.Fatal(got.Status)
		}
	}
}

// The rows of a file are judged before anybody is invited.
func TestAListOfPeopleIsJudgedRowByRow(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	owner := h.Person("owner")
	owner.Post("/team/invite", url.Values{"email": {"ida@acme.example"}, "role": {"guest"}})
	list := "Name;E-Mail;Rolle\nNora Frey;nora@acme.example;Mitarbeitende\nOtto;otto@acme.example;Employee, Guest\nTwice;OTTO@acme.example;\n" +
		"Me;" + owner.Email + ";\nIda;ida@acme.example;\nWrong;nobody;\nPirate;pirate@acme.example;Captain\nMarkup;<b>@acme.example;\n"
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_, token, _ := strings.Cut(owner.Get("/team/import").Text, `name="csrf" value="`)
	token, _, _ = strings.Cut(token, `"`)
	form.WriteField("csrf", token)
	file, _ := form.CreateFormFile("file", "people.csv")
	file.Write([]byte(list))
	form.Close()
	a := owner.Do("POST", "/team/import", &body, http.Header{"Content-Type": {form.FormDataContentType()}})
	for _, want := range []string{"2 people would be invited", "Otto", "Employee, Guest", "Twice in the file", "Already a member", "Already invited", "Enter an e-mail address", "No role Captain", "Invite 2 People"} {
		if !strings.Contains(a.See(), want) {
			t.Errorf("%s: lacks %q in %s", a.Status, want, a.See())
		}
	}
	if strings.Contains(owner.Get("/team").Text, "nora@acme.example") {
		t.Error("somebody is invited before the list was confirmed")
	}
}

// Where a module charges by the seat, its widget gives and takes licences and says what that costs.
func TestALicenceSaysWhatItCosts(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	owner := h.Person("owner")
	if a := owner.Get("/team/licences"); !strings.Contains(a.See(), "No module charges by the seat") {
		t.Errorf("%s: %s", a.Status, a.See())
	}
	h.App.People.ChargeSeats([]identity.SeatPrice{{Rune: "team", Amount: 700, Currency: "CHF"}})
	other := h.Person("manage_users")
	page := "/team/members/" + other.ID
	see := func(path string, want ...string) {
		t.Helper()
		a := owner.Get(path)
		for _, text := range want {
			if !strings.Contains(a.See(), text) {
				t.Errorf("%s %s: lacks %q in %s", path, a.Status, text, a.See())
			}
		}
	}
	see(page, "follows the permissions")
	see("/team", "Licences")
	owner.Post("/team/licences/team", url.Values{"way": {"hand"}})
	see("/team/licences", "2 seats at", "14")
	see(page+"/licences/team", "Revoke the licence", "2 now, 1 afterwards")
	owner.Post(page+"/licences/team", url.Values{"value": {""}})
	if a := other.Get("/team"); a.StatusCode != 404 {
		t.Errorf("without the licence: %s", a.Status)
	}
	see(page+"/licences/team", "Grant", "1 now, 2 afterwards")
	see(page+"/why/manage_users", "The licence is missing")
	owner.Post(page+"/licences/team", url.Values{"value": {"on"}})
	if a := other.Get("/team"); a.StatusCode != 200 {
		t.Errorf("with the licence: %s", a.Status)
	}
}
