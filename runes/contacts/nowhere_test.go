package contacts

import (
	"strings"
	"testing"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

// A6.22, A6.23: cards without a company of people who see their own alone go where only they look, and neither get lost
// nor meet those of others.
func TestCardsWithoutACompanyKeepToTheirOwner(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	boss, ada, ben := h.Person("manage_contacts"), h.Person("manage_contacts", "view_contacts"), h.Person("view_contacts", "manage_contacts")
	limit(t, h, ada, "own")
	limit(t, h, ben, "own")
	phones := map[string]*phone{"boss": newPhone(t, boss), "ada": newPhone(t, ada), "ben": newPhone(t, ben)}
	for name, p := range phones {
		p.ask(201, "PUT", "all/"+name+".vcf", cardText("uid-"+name, "Nachbar", "Von "+name, ""))
		p.ask(204, "PUT", "all/"+name+".vcf", cardText("uid-"+name, "Nachbarin", "Von "+name, ""))
		p.ask(200, "GET", "all/"+name+".vcf", "")
	}
	for name, person := range map[string]*runetest.Person{"ada": ada, "ben": ben} {
		page := person.Get("/contacts/people").See()
		for other := range phones {
			if strings.Contains(page, "Von "+other) != (other == name) {
				t.Errorf("%s reads of %s: %v", name, other, other != name)
			}
		}
		if there, _, _ := phones[name].sync("all/", ""); len(there) != 1 {
			t.Errorf("the book of %s holds %v", name, there)
		}
	}
	// Whoever takes the company off a card keeps the contact, too.
	phones["ada"].ask(201, "PUT", "all/work.vcf", cardText("uid-work", "Kollege", "Von ada", "ORG:Adas Kundin\r\n"))
	phones["ada"].ask(204, "PUT", "all/work.vcf", cardText("uid-work", "Kollege", "Von ada", ""))
	if a := phones["ada"].ask(200, "GET", "all/work.vcf", ""); strings.Contains(a.Text, "ORG") {
		t.Errorf("the card says %s", a.Text)
	}
	// The boss sees everybody, and their cards name no company.
	if there, _, _ := phones["boss"].sync("all/", ""); len(there) != 4 {
		t.Errorf("the book of the boss holds %v", there)
	}
	if a := phones["boss"].ask(200, "GET", "all/ben.vcf", ""); strings.Contains(a.Text, "ORG") {
		t.Errorf("the card says %s", a.Text)
	}
	phones["boss"].ask(204, "PUT", "all/ben.vcf", cardText("uid-ben", "Nachbarin", "Von ben", "TITLE:Chef\r\n"))
	phones["ben"].ask(200, "GET", "all/ben.vcf", "")
}
