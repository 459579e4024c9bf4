package contacts

import (
	"net/url"
	"strings"
	"testing"

	"runes.im/platform/notify"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

// Who is mentioned hears of it once: not the writer, not who may not see contacts, not again when the text is mended.
func TestAMentionReachesThoseWhoMaySee(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	writer, reader, nobody := h.Person("manage_contacts"), h.Person("view_contacts"), h.Person()
	made := writer.Post("/contacts/new", url.Values{"legal_name": {"Acme"}})
	company := made.Header.Get("Location")
	at := company + "/notes/new"
	heard := func(p *runetest.Person) (n int) {
		t.Helper()
		all, err := notify.Items(h.Context(), h.Tenant("acme").DB, p.ID, notify.Which{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			if one.Kind == "record.mention" {
				n++
				if !strings.HasPrefix(one.Link, company+"#note-") || strings.Join(one.Args, "=") != "name=Acme" {
					t.Errorf("the notification is %+v", one)
				}
			}
		}
		return n
	}
	text := "@" + reader.Name + " @" + nobody.Name + " @" + writer.Name + " have a look"
	if reader.Name == writer.Name || reader.Name == nobody.Name {
		t.Fatal("the test needs members with different names")
	}
	a := writer.Post(at, url.Values{"text": {text}})
	if a.StatusCode != 303 {
		t.Fatal(a.StatusCode, a.Text)
	}
	if got := [3]int{heard(reader), heard(nobody), heard(writer)}; got != [3]int{1, 0, 0} {
		t.Errorf("reader, nobody and writer heard %v times", got)
	}
	_, id, _ := strings.Cut(a.Header.Get("Location"), "#note-")
	writer.Post(company+"/notes/"+id+"/edit", url.Values{"text": {text + " soon"}})
	if heard(reader) != 1 {
		t.Error("the reader heard twice of one note")
	}
}

// Notes move to the company that is kept, and back when the two are two again.
func TestNotesFollowAMerge(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := h.Person("manage_contacts")
	company := func(name string) string {
		a := p.Post("/contacts/new", url.Values{"legal_name": {name}})
		p.Post(a.Header.Get("Location")+"/notes/new", url.Values{"text": {"note on " + name}})
		return strings.TrimPrefix(a.Header.Get("Location"), "/contacts/")
	}
	kept, gone := company("Acme"), company("Other Works")
	a := p.Post("/contacts/merge", url.Values{"id": {kept, gone}, "kept_version": {"1"}, "gone_version": {"1"}})
	if a.StatusCode != 303 {
		t.Fatal(a.StatusCode, a.See())
	}
	page := p.Get("/contacts/" + kept).See()
	if !strings.Contains(page, "note on Acme") || !strings.Contains(page, "note on Other Works") {
		t.Errorf("the kept company shows %s", page)
	}
	var merge string
	if err := h.Tenant("acme").DB.QueryRow(h.Context(), `SELECT id FROM record_merges`).Scan(&merge); err != nil {
		t.Fatal(err)
	}
	p.Post("/contacts/merges/"+merge+"/undo", nil)
	if page := p.Get("/contacts/" + gone).See(); !strings.Contains(page, "note on Other Works") || strings.Contains(page, "note on Acme") {
		t.Errorf("the other company shows %s", page)
	}
	var n int
	if err := h.Tenant("acme").DB.QueryRow(h.Context(), `SELECT count(*) FROM note_notes`).Scan(&n); err != nil || n != 2 {
		t.Errorf("there are %d notes, %v", n, err)
	}
}
