package runekit

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"runes.im/platform/event"
	"runes.im/platform/job"
	"runes.im/platform/store"
)

const sound = `{
  "name": "contacts", "display_name": "Contact Hub", "version": "1.2.0", "author": "RUNES",
  "dependencies": [],
  "ui_hooks": {"icon": "book", "block": "runes", "order": 1, "sidebar": {
    "people": {"icon": "user", "label": "People", "route": "/contacts/people", "permission": "view_contacts"},
    "all": {"icon": "list", "label": "All", "route": "/contacts", "permission": "view_contacts"}}},
  "provided_permissions": {"view_contacts": "Can read contacts.", "manage_contacts": "Can change contacts."},
  "marketing": {"tagline": "Who is who.", "long_description": "", "features": [], "media": []},
  "author_contact": "hello@runes.example"
}`

func folder(manifest string) fstest.MapFS {
	return fstest.MapFS{"manifest.json": {Data: []byte(manifest)}, "words/en.json": {Data: []byte(`{}`)}}
}

func TestManifestKeepsSidebarOrder(t *testing.T) {
	in, err := Load(Rune{Files: folder(sound), Jobs: []job.Kind{{Name: "contacts.sweep"}}})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, s := range in.Manifest.UIHooks.Sidebar {
		keys = append(keys, s.Key)
	}
	if got := strings.Join(keys, " "); got != "people all" {
		t.Errorf("sidebar order %q, want the file's: people all", got)
	}
	if in.ID != "contacts" || in.Jobs[0].Rune != "contacts" {
		t.Errorf("id %q, job's rune %q, want contacts for both", in.ID, in.Jobs[0].Rune)
	}
	if in.Words() == nil || in.Templates() != nil {
		t.Error("want the words folder found and no templates folder")
	}
	if _, keeps := in.Schema(); keeps {
		t.Error("a rune without migrations has a schema")
	}
}

func TestManifestRefusals(t *testing.T) {
	cases := map[string][2]string{
		"an unknown field":             {`"author_contact"`, `"pricey": 1, "author_contact"`},
		"an unknown field of an entry": {`"icon": "user"`, `"icon": "user", "colour": "red"`},
		"a name with capitals":         {`"contacts", "display`, `"Contacts", "display`},
		"a version without patch":      {`"1.2.0"`, `"1.2"`},
		"a route elsewhere":            {`"/contacts/people"`, `"/storage"`},
		"a look-alike route":           {`"/contacts/people"`, `"/contactsevil"`},
		"a foreign permission":         {`"route": "/contacts", "permission": "view_contacts"`, `"route": "/contacts", "permission": "view_storage"`},
		"a permission without words":   {`"Can read contacts."`, `""`},
		"an entry given twice":         {`"all": {`, `"people": {`},
		"an unknown block":             {`"block": "runes"`, `"block": "top"`},
		"something behind the object":  {`"hello@runes.example"` + "\n}", `"hello@runes.example"} {}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			broken := strings.Replace(sound, c[0], c[1], 1)
			if broken == sound {
				t.Fatal("the case changes nothing")
			}
			if _, err := Load(Rune{Files: folder(broken)}); err == nil {
				t.Error("was accepted")
			}
		})
	}
}

type companyDeleted struct {
	ID   string `json:"id"`
	Rank int    `json:"rank"`
}

func (companyDeleted) Topic() string { return "contacts.company_deleted" }

func TestRunesFitTogether(t *testing.T) {
	type gone struct {
		ID string `json:"id"`
	}
	type wrongField struct {
		Number string `json:"number"`
	}
	type wrongType struct {
		Rank string `json:"rank"`
	}
	listener := func(topic string, zero any) event.Listener {
		return event.Listener{
			Topic: topic, Name: topic + " x", Zero: zero,
			Deliver: func(context.Context, *store.Tx, []byte) error { return nil },
		}
	}
	contacts := Rune{Files: folder(sound), Emits: []store.Event{companyDeleted{}}}
	hears := func(l ...event.Listener) Rune {
		return Rune{Listens: l, Files: folder(strings.ReplaceAll(sound, "contacts", "workflow"))}
	}
	needs := func(what string) Rune {
		return Rune{Files: folder(strings.Replace(strings.ReplaceAll(sound, "contacts", "workflow"), `"dependencies": []`, `"dependencies": ["`+what+`"]`, 1))}
	}
	cases := []struct {
		name  string
		runes []Rune
		want  string // part of the complaint, empty: none
	}{
		{"a listener that reads what is sent", []Rune{contacts, hears(listener("contacts.company_deleted", gone{}))}, ""},
		{"a topic nobody sends", []Rune{contacts, hears(listener("contacts.company_made", gone{}))}, "nobody emits"},
		{"a field the event lacks", []Rune{contacts, hears(listener("contacts.company_deleted", wrongField{}))}, "does not have"},
		{"a field of another type", []Rune{contacts, hears(listener("contacts.company_deleted", wrongType{}))}, "but it is int"},
		{"two listeners of one name", []Rune{contacts, hears(listener("contacts.company_deleted", gone{}), listener("contacts.company_deleted", gone{}))}, "two listeners"},
		{"the same rune twice", []Rune{contacts, contacts}, "two runes"},
		{"a permission given twice", []Rune{contacts, {Files: folder(strings.ReplaceAll(strings.Replace(sound, `"name": "contacts"`, `"name": "people"`, 1), `"/contacts`, `"/people`))}}, "already provided"},
		{"an event under a foreign name", []Rune{{Files: folder(strings.ReplaceAll(sound, "contacts", "workflow")), Emits: []store.Event{companyDeleted{}}}}, "does not begin"},
		{"a job under a foreign name", []Rune{{Files: folder(sound), Jobs: []job.Kind{{Name: "storage.sweep"}}}}, "does not begin"},
		{"a dependency that is there", []Rune{contacts, needs("contacts")}, ""},
		{"two that depend on each other", []Rune{
			{Files: folder(strings.Replace(sound, `"dependencies": []`, `"dependencies": ["workflow"]`, 1))}, needs("contacts"),
		}, "depends on itself"},
		{"a dependency that is missing", []Rune{contacts, needs("billing")}, "not installed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := LoadAll(c.runes, nil)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("got %v, want no complaint", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want a complaint with %q", err, c.want)
			}
		})
	}
}
