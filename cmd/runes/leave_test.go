package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"runes.im/platform/runetest"
)

// Somebody who leaves hands over what they are answerable for, in the write that shuts them out.
func TestALeaverHandsOver(t *testing.T) {
	t.Parallel()
	h := runetest.Start(t, installed())
	owner, leaver, heir, guest := h.Person("owner"), h.Person("view_contacts", "manage_contacts"), h.Person("view_contacts"), h.Person()
	made := leaver.Post("/contacts/new", url.Values{"legal_name": {"Nordlicht AG"}}).Header.Get("Location")
	page := "/team/members/" + leaver.ID
	asked := owner.Get(page + "/deactivate").Text
	field := match(t, `name="(heir\d+)"`, asked)
	if !strings.Contains(asked, heir.ID) || strings.Contains(asked, guest.ID) {
		t.Errorf("heirs are not those who may see the records: %s", asked)
	}
	for _, wrong := range []string{"", guest.ID, leaver.ID, "nobody"} {
		if a := owner.Post(page+"/deactivate", url.Values{field: {wrong}}); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("heir %q: %s", wrong, a.Status)
		}
	}
	if a := leaver.Get(made); a.StatusCode != http.StatusOK {
		t.Errorf("a refused deactivation shut them out: %s", a.Status)
	}
	if a := owner.Post(page+"/deactivate", url.Values{field: {heir.ID}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("leave: %s %s", a.Status, a.Text)
	}
	after := owner.Get(page).Text
	for _, want := range []string{"Deactivated", "handed over what this person was answerable for"} {
		if !strings.Contains(after, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if text := owner.Get(made).Text; !strings.Contains(text, ">view_contacts<") {
		t.Errorf("the company is with %s", text)
	}
	if !strings.Contains(owner.Get("/team/members/"+heir.ID+"/deactivate").Text, field) {
		t.Error("the heir has nothing to hand over")
	}
	if a := leaver.Get("/"); a.StatusCode == http.StatusOK {
		t.Errorf("the leaver is still in: %s", a.Status)
	}
}

// A rune suggests roles until somebody has made them, and to nobody who does not hold what they hold.
func TestARuneSuggestsRoles(t *testing.T) {
	t.Parallel()
	h := runetest.Start(t, installed())
	owner, few := h.Person("owner"), h.Person("manage_roles")
	if !strings.Contains(owner.Get("/team/roles").Text, "Sales Team") || strings.Contains(few.Get("/team/roles").Text, "Sales Team") {
		t.Error("the role is not suggested to those alone who could make it")
	}
	form := owner.Get("/team/roles/new?preset=contacts.sales").Text
	if !strings.Contains(form, `value="Sales Team"`) || !strings.Contains(form, `value="manage_contacts" checked`) {
		t.Errorf("the form is not filled: %s", form)
	}
	if form := few.Get("/team/roles/new?preset=contacts.sales").Text; strings.Contains(form, `value="manage_contacts" checked`) {
		t.Error("somebody is offered what they do not hold")
	}
	made := owner.Post("/team/roles/new", url.Values{"name": {"Sales Team"}, "category": {"contacts"}, "right": {"view_contacts", "manage_contacts"}})
	if made.StatusCode != http.StatusSeeOther || strings.Contains(owner.Get("/team/roles").Text, "preset=contacts.sales") {
		t.Errorf("%s, and it is still suggested", made.Status)
	}
}
