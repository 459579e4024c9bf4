package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"runes.im/platform/runetest"
)

// A2.54: an account ends on the appliance's own host, once it belongs to nothing, by its password and its address, typed.
func TestAnAccountEndsAtTheGate(t *testing.T) {
	t.Parallel()
	h := newTwoHomes(t)
	p := h.atGate(t)
	yes := url.Values{"password": {runetest.Password}, "typed": {" " + strings.ToUpper(h.email)}}
	if a := p.Get("/delete-account"); !strings.Contains(a.See(), "still belongs to an organisation") {
		t.Errorf("a member is asked: %s", a.See())
	}
	if a := p.Post("/delete-account", yes); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an account that belongs to an organisation: %s", a.Status)
	}
	for _, slug := range []string{"acme", "globex"} {
		v := h.Visitor(slug)
		v.SignIn(h.email, runetest.Password)
		v.Get("/account/leave")
		if a := v.Post("/account/leave", url.Values{"password": {runetest.Password}}); a.StatusCode != http.StatusOK {
			t.Fatalf("leave %s: %s %s", slug, a.Status, a.See())
		}
	}
	p = h.atGate(t)
	p.Get("/delete-account")
	for want, fields := range map[string]url.Values{
		"The text is not " + h.email:        {"password": {runetest.Password}, "typed": {"delete"}},
		"That is not your current password": {"password": {"wrong horse"}, "typed": {h.email}},
	} {
		if a := p.Post("/delete-account", fields); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.See(), want) {
			t.Errorf("%q: %s %s", want, a.Status, a.See())
		}
	}
	if a := p.Post("/delete-account", yes); a.StatusCode != http.StatusOK || !strings.Contains(a.See(), "Your account is deleted") {
		t.Fatalf("delete: %s %s", a.Status, a.See())
	}
	if a := p.Get("/delete-account"); a.StatusCode == http.StatusOK {
		t.Errorf("who has no account any more is still in: %s", a.Status)
	}
	if a := h.Visitor("").SignIn(h.email, runetest.Password); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("a deleted account signs in: %s", a.Status)
	}
}

// Whoever left by themselves leaves their things for the administrators to hand over.
func TestWhatAQuitterAnsweredForIsHandedOver(t *testing.T) {
	t.Parallel()
	h := runetest.Start(t, installed())
	owner, quitter, heir := h.Person("owner"), h.Person("view_contacts", "manage_contacts"), h.Person("view_contacts")
	made := quitter.Post("/contacts/new", url.Values{"legal_name": {"Nordlicht AG"}}).Header.Get("Location")
	quitter.Get("/account/leave")
	if a := quitter.Post("/account/leave", url.Values{"password": {runetest.Password}}); a.StatusCode != http.StatusOK {
		t.Fatalf("leave: %s %s", a.Status, a.See())
	}
	page := "/team/members/" + quitter.ID + "/deactivate"
	if a := owner.Get("/notifications"); !strings.Contains(a.See(), "can be handed to others") {
		t.Errorf("the owner is told: %s", a.See())
	}
	field := match(t, `name="(heir\d+)"`, owner.Get(page).Text)
	if a := owner.Post(page, url.Values{field: {heir.ID}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("hand over: %s %s", a.Status, a.See())
	}
	if text := owner.Get(made).Text; !strings.Contains(text, ">view_contacts<") {
		t.Errorf("the company is with %s", text)
	}

	// It was their own will: the switch of the list asks before it lets them in again. Of the suspended it asks nothing.
	at := "/team/members/" + quitter.ID
	on := url.Values{"active": {"1"}}
	if a := owner.Post(at+"/state", on); a.Header.Get("Location") != at+"/return" {
		t.Errorf("the switch: %s to %q", a.Status, a.Header.Get("Location"))
	}
	if a := h.Visitor("acme").SignIn(quitter.Email, runetest.Password); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("the switch let them in: %s", a.Status)
	}
	if text := owner.Get(at + "/return").See(); !strings.Contains(text, "by their own will") {
		t.Errorf("the question: %s", text)
	}
	if a := owner.Post(at+"/return", nil); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("the answer: %s", a.Status)
	}
	if a := h.Visitor("acme").SignIn(quitter.Email, runetest.Password); a.StatusCode != http.StatusSeeOther {
		t.Errorf("after the answer: %s", a.Status)
	}
	if a := owner.Get(at + "/return"); a.Header.Get("Location") != at {
		t.Errorf("who is in is asked about: %s", a.Status)
	}
	owner.Post(at+"/state", nil)
	if a := owner.Post(at+"/state", on); strings.HasSuffix(a.Header.Get("Location"), "/return") {
		t.Errorf("of the suspended it is asked, too")
	}
}
