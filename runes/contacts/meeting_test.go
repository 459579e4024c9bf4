package contacts

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"runes.im/platform/notify"
	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/token"
)

// offered are the offers of the rune as the house has them.
func offered(t *testing.T) ([]slot.Offer, map[string]bool) {
	t.Helper()
	in, err := runekit.Load(Rune)
	if err != nil {
		t.Fatal(err)
	}
	return in.Offers, map[string]bool{"contacts": true}
}

// acmeWith makes a company of lena's with one person.
func acmeWith(t *testing.T, h *runetest.House, owner string) (c *Company, p *Person) {
	t.Helper()
	c = &Company{LegalName: "Acme & Söhne", City: "Bern", Country: "CH", Owner: owner}
	write(t, h, func(ctx context.Context, tx *store.Tx) error {
		if err := companies.Create(ctx, tx, c); err != nil {
			return err
		}
		p = &Person{Company: c.ID, FirstName: "Ada", LastName: "Meyer", Email: "Ada@acme.example", Phone: "+41 31 555 00 10", Billing: true}
		return people.Create(ctx, tx, p)
	})
	return c, p
}

func TestTokensSayWhatTheReaderMaySee(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	reader, stranger := h.Person("view_contacts"), h.Person()
	c, p := acmeWith(t, h, "")
	offers, active := offered(t)
	values := slot.TokenValues.Among(offers, active)
	text := "[[contact.first_name]] of [[customer.legal_name]], [[ CUSTOMER.Country ]]: [[customer.billing_contact.email]][[customer.vat]]"
	render := func(who *runetest.Person, about map[string]string) token.Result {
		t.Helper()
		acme := h.Tenant("acme")
		r, err := token.Render(tenant.With(h.Context(), acme), slot.Asker{Tenant: acme, Person: who.Person}, values, text, about, token.HTML)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	about := map[string]string{"contacts.person": p.ID}
	if got := render(reader, about); got.Text != "Ada of Acme &amp; Söhne, Switzerland: Ada@acme.example" || got.Unknown != nil {
		t.Errorf("got %q, unknown %q", got.Text, got.Unknown)
	}
	if got := render(reader, nil); got.Text != text || len(got.Unknown) != 5 {
		t.Errorf("about nobody: got %q, unknown %q", got.Text, got.Unknown)
	}
	if got := render(stranger, about); got.Text != text || len(got.Unknown) != 5 {
		t.Errorf("without the right: got %q, unknown %q", got.Text, got.Unknown)
	}
	write(t, h, func(ctx context.Context, tx *store.Tx) error { return companies.Remove(ctx, tx, c, "") })
	if got := render(reader, about); got.Text != text {
		t.Errorf("of a removed company: got %q", got.Text)
	}
}

func TestARemovedCompanyIsPlainTextForWhoPointsAtIt(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	reader := h.Person("view_contacts")
	c, _ := acmeWith(t, h, "")
	offers, active := offered(t)
	acme := h.Tenant("acme")
	titles := func() (found map[string]slot.Title) {
		for _, o := range slot.RefTitles.Among(offers, active) {
			if o.Kind != "contacts.company" {
				continue
			}
			var err error
			if found, err = o.Resolve(h.Context(), slot.Asker{Tenant: acme, Person: reader.Person}, []string{c.ID}); err != nil {
				t.Fatal(err)
			}
		}
		return found
	}
	if got := titles()[c.ID]; got.Text != c.LegalName || got.Href == "" {
		t.Errorf("got %+v", got)
	}
	write(t, h, func(ctx context.Context, tx *store.Tx) error { return companies.Remove(ctx, tx, c, "") })
	if got, there := titles()[c.ID]; there || got.Href != "" {
		t.Errorf("a removed company still leads to %+v", got)
	}
}

func TestWhatSomebodyOwnsIsHandedOverAtOnce(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	leaver, heir := h.Person("manage_contacts"), h.Person("manage_contacts", "view_contacts")
	c, _ := acmeWith(t, h, leaver.ID)
	offers, active := offered(t)
	owned := slot.OwnedThings.Among(offers, active)
	count := func(who string) int {
		sum := 0
		for _, o := range owned {
			n, err := o.Count(h.Context(), h.Tenant("acme").DB, who)
			if err != nil {
				t.Fatal(err)
			}
			sum += n
		}
		return sum
	}
	if count(leaver.ID) != 1 || count(heir.ID) != 0 {
		t.Fatalf("owned: %d and %d", count(leaver.ID), count(heir.ID))
	}
	write(t, h, func(ctx context.Context, tx *store.Tx) error {
		return slot.HandOver(ctx, tx, owned, leaver.ID, heir.ID)
	})
	if count(leaver.ID) != 0 || count(heir.ID) != 1 {
		t.Errorf("owned afterwards: %d and %d", count(leaver.ID), count(heir.ID))
	}
	now, err := companies.One(h.Context(), h.Tenant("acme").DB, nil, c.ID)
	if err != nil || now.Owner != heir.ID || now.Version != c.Version+1 {
		t.Errorf("got %+v, %v", now, err)
	}
	told, err := notify.Items(h.Context(), h.Tenant("acme").DB, heir.ID, notify.Which{Rune: "contacts", Limit: 5})
	if err != nil || len(told) != 1 || told[0].Kind != "contacts.company_assigned" || told[0].Object != "contacts.company:"+c.ID {
		t.Errorf("the heir was told %+v, %v", told, err)
	}
}

func TestWhatIsKnownAboutSomebodyIsCopiedAndEnds(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	_, p := acmeWith(t, h, "")
	offers, active := offered(t)
	personal := slot.PersonalData.Answers(offers, active)
	known := func() string {
		t.Helper()
		all, err := slot.KnownAbout(h.Context(), h.Tenant("acme").DB, personal, slot.Subject{Email: "ada@ACME.example"})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	for _, want := range []string{"Meyer", "+41 31 555 00 10", p.ID, `"rune":"contacts"`} {
		if !strings.Contains(known(), want) {
			t.Errorf("%q is missing in %s", want, known())
		}
	}
	if all, err := slot.KnownAbout(h.Context(), h.Tenant("acme").DB, personal, slot.Subject{Email: ""}); err != nil || len(all) != 0 {
		t.Errorf("about nobody is known: %+v, %v", all, err)
	}
	write(t, h, func(ctx context.Context, tx *store.Tx) error {
		return slot.Forget(ctx, tx, slot.Only(personal), slot.Subject{Email: "ada@acme.example"})
	})
	if got := known(); got != "[]" {
		t.Errorf("still known: %s", got)
	}
	for _, q := range []record.Query{everyone, binned} {
		if all, err := people.List(h.Context(), h.Tenant("acme").DB, nil, q); err != nil || len(all) != 0 {
			t.Errorf("still there: %+v, %v", all, err)
		}
	}
}

func TestAPickerFindsAndMakesWhatThePersonMay(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	maker, reader, stranger := h.Person("manage_contacts"), h.Person("view_contacts"), h.Person()
	acmeWith(t, h, "")
	offers, active := offered(t)
	at := slices.IndexFunc(slot.Pickers.Among(offers, active), func(p slot.Picker) bool { return p.Kind == "contacts.company" })
	picker := slot.Pickers.Among(offers, active)[at]
	as := func(p *runetest.Person) slot.Asker { return slot.Asker{Tenant: h.Tenant("acme"), Person: p.Person} }
	ctx := tenant.With(h.Context(), h.Tenant("acme"))
	for _, c := range []struct {
		who  *runetest.Person
		text string
		want int
	}{{reader, "", 1}, {reader, "sohne", 1}, {reader, "nobody", 0}, {stranger, "", 0}} {
		if found, err := picker.Find(ctx, as(c.who), c.text, 10); err != nil || len(found) != c.want {
			t.Errorf("%q finds %+v, %v, want %d", c.text, found, err, c.want)
		}
	}
	if made, err := picker.Create(ctx, as(maker), " New  Works AG "); err != nil || made.Title != "New Works AG" {
		t.Errorf("made %+v, %v", made, err)
	}
	for name, who := range map[string]*runetest.Person{"Acme & Söhne": maker, "X": maker, "": maker, "Other AG": reader} {
		if made, err := picker.Create(ctx, as(who), name); err == nil {
			t.Errorf("%q was made: %+v", name, made)
		}
	}
}
