package contacts

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

// speaking are an owner who reads English, somebody who reads German and somebody who reads French.
func speaking(h *runetest.House) (en, de, fr *runetest.Person) {
	en, de, fr = h.Person("owner"), h.Person("manage_contacts"), h.Person("view_contacts")
	de.Post("/preferences/language", url.Values{"locale": {"de"}})
	fr.Post("/preferences/language", url.Values{"locale": {"fr"}})
	return en, de, fr
}

// reads looks at pages: each has the first words and not the second ones.
func reads(t *testing.T, p *runetest.Person, pages map[string][2]string) {
	t.Helper()
	p.Get("/contacts/people") // takes the message about the last deed away
	for path, words := range pages {
		text := p.Get(path).Text
		for word := range strings.SplitSeq(words[0], "|") {
			if !strings.Contains(text, word) {
				t.Errorf("%s lacks %q", path, word)
			}
		}
		for word := range strings.SplitSeq(words[1], "|") {
			if strings.Contains(text, word) {
				t.Errorf("%s has %q", path, word)
			}
		}
	}
}

// Everybody reads a field in their language wherever it shows; records, addresses and programs know one field.
func TestAFieldReadsInEverybodysLanguage(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	en, de, fr := speaking(h)
	addField(t, en, "Customer Number", "text", "help", "As on the invoice",
		"label_de", "Kundennummer", "help_de", "Wie auf der Rechnung", "section_de", "Vertragswesen", "label_fr", "Numéro de client")
	addField(t, en, "Segment", "choice", "choices", "Key account\nStandard", "label_de", "Kundenart", "choices_de", "Schlüsselkunde")
	id := made(t, en, "/contacts/new", "legal_name", "Acme AG", "x_customer_number", "K-4711", "x_segment", "Key account")
	made(t, en, "/contacts/new", "legal_name", "Ohne AG", "x_segment", "Standard")

	reads(t, de, map[string][2]string{
		"/contacts/new":                     {"Kundennummer|Wie auf der Rechnung|Vertragswesen|Kundenart|Schlüsselkunde|Standard", ">Customer Number|As on the invoice|>Key account|>Contract<"},
		"/contacts/" + id:                   {"Kundennummer|Vertragswesen|Schlüsselkunde", "Customer Number|>Key account"},
		"/contacts":                         {"Kundenart|Schlüsselkunde", ">Segment|>Key account"},
		"/contacts?f.x_segment=Key+account": {"Acme AG|Kundenart: Schlüsselkunde", "Ohne AG"},
		"/contacts?q=schlusselkunde":        {"Acme AG", "Ohne AG"},
		"/contacts/export?format=csv":       {"Kundennummer|Kundenart", "Customer Number"},
		"/palette?q=schlüsselkunde":         {"Acme AG", "Ohne AG"},
	})
	// What a language lacks reads as it was first written.
	reads(t, fr, map[string][2]string{
		"/contacts/" + id: {"Numéro de client|Contract|Key account", "Kundennummer|Schlüsselkunde"},
		"/contacts":       {">Segment", "Kundenart"},
	})
	reads(t, en, map[string][2]string{"/contacts/" + id: {"Customer Number|Key account", "Kundennummer"}})
	// A choice in words of any language is the one choice; the history tells it in the reader's.
	if a := de.Post("/contacts/"+id+"/edit", url.Values{"version": {"1"}, "legal_name": {"Acme AG"}, "x_segment": {"Standard"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("edit: %d %s", a.StatusCode, a.Text)
	}
	reads(t, de, map[string][2]string{"/contacts/" + id: {"Kundenart von Schlüsselkunde auf Standard", "Key account"}})
	reads(t, en, map[string][2]string{"/contacts/" + id: {"Segment from Key account to Standard", "Schlüsselkunde"}})

	// The API describes the field in the language of whoever asks, who reads German, and takes what they call a choice.
	p := newProgram(t, h, "manage_contacts")
	p.ask(422, "POST", root, `{"legal_name":"Bee AG","x_segment":"Nonsense"}`)
	made, _ := p.ask(201, "POST", root, `{"legal_name":"Bee AG","x_segment":"schlüsselkunde"}`)
	if made["x_segment"] != "Key account" {
		t.Errorf("the API has %v", made["x_segment"])
	}
	said, _ := p.ask(200, "GET", "/api/openapi.json", "")
	input := said["components"].(map[string]any)["schemas"].(map[string]any)["ContactsCompanyNew"].(map[string]any)
	if got := input["properties"].(map[string]any)["x_segment"].(map[string]any)["title"]; got != "Kundenart" {
		t.Errorf("the description calls the field %v", got)
	}
}

// A file finds the field by what it is called in any language, and its choices too.
func TestAFileFindsAFieldInAnyLanguage(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	en, de, _ := speaking(h)
	addField(t, en, "Segment", "choice", "choices", "Key account\nStandard", "label_de", "Kundenart", "label_it", "Tipo di cliente", "choices_de", "Schlüsselkunde")
	for n, head := range []string{"Kundenart", "tipo di cliente", "SEGMENT"} {
		name := string(rune('A'+n)) + "cme AG"
		href := upload(t, de, "/contacts/import", "new.csv", "Firma;"+head+"\r\n"+name+";Schlüsselkunde\r\n").Header.Get("Location")
		page := de.Get(href)
		if !strings.Contains(page.See(), "Kundenart") {
			t.Errorf("%s: the columns are not named in the reader's language: %s", head, page.See())
		}
		if got := mapped(page).Get("column_1"); got != "x_segment" {
			t.Errorf("%s is taken for %q", head, got)
		}
	}
	href := checked(t, en, "/contacts/import", "new.csv", "Company;Kundenart\r\nZed AG;schlüsselkunde\r\n")
	en.Post(href+"/start", nil)
	await(t, en, href, "The import ended")
	reads(t, en, map[string][2]string{"/contacts?f.x_segment=Key+account": {"Zed AG", "nothing of the sort"}})
}

// Who changes one language leaves the others alone, and moving a choice moves its translations along.
func TestARenameKeepsTheOtherLanguages(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	en, de, _ := speaking(h)
	addField(t, en, "Segment", "choice", "choices", "Gold\nSilver", "label_de", "Klasse", "section_de", "Vertrag", "choices_de", "Erste\nZweite")
	save := func(want int, more ...string) *runetest.Answer {
		t.Helper()
		form := url.Values{"label": {"Segment"}, "section": {"Contract"}, "seen": {"all"}, "choices": {"Gold\nSilver"}, "label_de": {"Klasse"}, "section_de": {"Vertrag"}, "choices_de": {"Erste\nZweite"}}
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		a := en.Post("/contacts/fields/x_segment", form)
		if a.StatusCode != want {
			t.Fatalf("%v: %d %s", more, a.StatusCode, a.See())
		}
		return a
	}
	save(http.StatusSeeOther, "label", "Tier", "section", "Contract")
	reads(t, de, map[string][2]string{"/contacts/new": {"Klasse|>Erste|>Zweite|>Vertrag", "Tier|Contract"}})
	reads(t, en, map[string][2]string{"/contacts/new": {"Tier|>Gold|>Contract", "Klasse"}})
	save(http.StatusSeeOther, "label", "Tier", "label_fr", "Niveau", "choices", "Bronze\nSilver\nGold")
	reads(t, de, map[string][2]string{"/contacts/new": {`value="Gold">Erste|value="Silver">Zweite|value="Bronze">Bronze`, "Niveau"}})
	// The pages of the fields themselves are in the reader's words, with those of all languages to change.
	en.Post("/preferences/language", url.Values{"locale": {"de"}})
	reads(t, en, map[string][2]string{
		"/contacts/fields":                  {">Klasse|>Vertrag", ">Tier|>Contract"},
		"/contacts/fields/x_segment":        {`Feld Klasse|value="Tier"|value="Niveau"|>English<|Deutsch, Français`, "nothing of the sort"},
		"/contacts/fields/x_segment/remove": {"Klasse", "Tier"},
	})
	en.Post("/preferences/language", url.Values{"locale": {"en"}})
	// Another field of the section is in it in every language; what the section is called is said once.
	addField(t, en, "Code", "text")
	reads(t, en, map[string][2]string{"/contacts/fields/x_code": {`value="Vertrag"`, "nothing of the sort"}})
	if a := en.Post("/contacts/fields/x_code", url.Values{"label": {"Code"}, "section": {"Contract"}, "seen": {"all"}, "section_de": {"Abmachung"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	reads(t, de, map[string][2]string{"/contacts/new": {">Abmachung", ">Vertrag"}})

	// What is wrong stands in its language, and what was typed is kept.
	for _, c := range []struct{ field, text, says string }{
		{"choices_de", "One\nTwo\nThree\nFour", "2 choices above"},
		{"label_de", strings.Repeat("x", 81), "80"},
		{"label_it", "Code", "There is a field Code already."},
	} {
		a := save(http.StatusUnprocessableEntity, "choices", "Gold\nSilver", c.field, c.text)
		if !strings.Contains(a.See(), c.says) || !strings.Contains(a.Text, c.text) || !strings.Contains(a.Text, `record-more" open`) {
			t.Errorf("%s: %s", c.field, a.See())
		}
	}
}
