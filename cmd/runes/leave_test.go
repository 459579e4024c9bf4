package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"runes.im/platform/runetest"
	"runes.im/platform/store"
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

// Files of a leaver go to an heir who has room for them; a refusal stands beside the choice and shuts nobody out.
func TestALeaverHandsOverFiles(t *testing.T) {
	t.Parallel()
	h := runetest.Start(t, installed())
	owner, leaver, heir := h.Person("owner"), h.Person("view_storage", "desktop_sync"), h.Person("view_storage", "desktop_sync", "view_contacts")
	disk := leaver.Device("sync")
	if a := disk.Do("PUT", "/remote.php/webdav/plan.txt", strings.NewReader("the plan"), nil); a.StatusCode != http.StatusCreated {
		t.Fatalf("put: %s", a.Status)
	}
	heir.Get("/storage")
	page := "/team/members/" + leaver.ID + "/deactivate"
	field := match(t, `name="(heir\d+)"`, owner.Get(page).Text)
	quota := func(bytes int) {
		t.Helper()
		err := h.Tenant("acme").DB.Write(h.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE storage_spaces SET quota = ? WHERE owner = ?`, bytes, heir.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	quota(3)
	if a := owner.Post(page, url.Values{field: {heir.ID}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.See(), "has no room for these files") {
		t.Errorf("an heir without room: %s %s", a.Status, a.See())
	}
	if a := disk.Get("/remote.php/webdav/plan.txt"); a.StatusCode != http.StatusOK {
		t.Errorf("a refused hand-over shut them out: %s", a.Status)
	}
	quota(1000)
	if a := owner.Post(page, url.Values{field: {heir.ID}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("leave: %s %s", a.Status, a.See())
	}
	if a := disk.Get("/remote.php/webdav/plan.txt"); a.StatusCode == http.StatusOK {
		t.Error("the leaver is still in")
	}
	if a := heir.Get("/storage"); !strings.Contains(a.See(), "view_storage") {
		t.Errorf("the heir sees no folder of the leaver: %s", a.See())
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
