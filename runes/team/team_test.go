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
