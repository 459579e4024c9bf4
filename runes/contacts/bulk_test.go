package contacts

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
)

// crowd makes one company with n people and answers the ids of the people.
func crowd(tb testing.TB, h *runetest.House, n int) []string {
	tb.Helper()
	ids := make([]string, 0, n)
	company := &Company{LegalName: "Alle AG"}
	for at := 0; at < n; at += 1000 {
		err := h.Tenant("acme").DB.Write(h.Context(), func(ctx context.Context, tx *store.Tx) error {
			if company.ID == "" {
				if err := companies.Create(ctx, tx, company); err != nil {
					return err
				}
			}
			for i := at; i < min(at+1000, n); i++ {
				p := &Person{Company: company.ID, FirstName: "Ida", LastName: fmt.Sprintf("Frey%d", i)}
				if err := people.Create(ctx, tx, p); err != nil {
					return err
				}
				ids = append(ids, p.ID)
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return ids
}

// multiget is the question for the cards of those names.
func (p *phone) multiget(names []string) string {
	var b strings.Builder
	b.WriteString(`<c:addressbook-multiget xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><prop><getetag/><c:address-data/></prop>`)
	for _, name := range names {
		b.WriteString("<href>" + p.home + "all/" + name + ".vcf</href>")
	}
	return b.String() + "</c:addressbook-multiget>"
}

// Programs ask for all cards of a new book at once.
func TestAProgramAsksForAWholeBookAtOnce(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := newPhone(t, h.Person("manage_contacts"))
	ids := crowd(t, h, 5000)
	a := p.ask(207, "REPORT", "all/", p.multiget(ids))
	if n := strings.Count(a.Text, "BEGIN:VCARD"); n != len(ids) || !strings.HasSuffix(a.Text, "</d:multistatus>\n") {
		t.Errorf("%d cards came, want %d", n, len(ids))
	}
	// A card that is named a thousand times comes once: a small question has no huge answer.
	a = p.ask(207, "REPORT", "all/", p.multiget(strings.Split(strings.Repeat(ids[0]+" ", 1000)+ids[1], " ")))
	if n := strings.Count(a.Text, "BEGIN:VCARD"); n != 2 {
		t.Errorf("%d cards came, want 2", n)
	}
	p.ask(400, "REPORT", "all/", p.multiget(make([]string, 11_000)))
}

// Asking for one card, or whether anything is new, must not read the whole book again and again.
func BenchmarkBooks(b *testing.B) {
	h := runetest.Start(b, []runekit.Rune{Rune})
	p := h.Person("manage_contacts")
	home := "/remote.php/dav/addressbooks/users/" + p.ID + "/"
	ids := crowd(b, h, 10_000)
	device := p.Device("contacts")
	token := `<propfind xmlns="DAV:"><prop><sync-token/></prop></propfind>`
	sync := `<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>`
	for _, one := range []struct{ name, method, path, body string }{
		{"card", "GET", "all/" + ids[5000] + ".vcf", ""}, {"token", "PROPFIND", "all/", token}, {"home", "PROPFIND", "", token}, {"sync", "REPORT", "all/", sync},
	} {
		b.Run(one.name, func(b *testing.B) {
			begin := time.Now()
			for range b.N {
				if a := device.Do(one.method, home+one.path, strings.NewReader(one.body), nil); a.StatusCode >= 300 {
					b.Fatal(a.StatusCode, a.Text)
				}
			}
			b.ReportMetric(float64(time.Since(begin).Milliseconds())/float64(b.N), "ms/request")
		})
	}
}
