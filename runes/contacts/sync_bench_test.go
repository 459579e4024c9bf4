package contacts

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
)

// A telephone asks every few minutes whether its book changed: nearly always it did not.
func BenchmarkSync(b *testing.B) {
	h := runetest.Start(b, []runekit.Rune{Rune})
	fill(b, h, 10_000)
	person := h.Person("view_contacts")
	p := person.Device("contacts")
	at := bookRoot + person.ID + "/all/"
	ask := func(b *testing.B) {
		body := strings.NewReader(`<d:propfind xmlns:d="DAV:" xmlns:cs="http://calendarserver.org/ns/"><d:prop><cs:getctag/><d:sync-token/></d:prop></d:propfind>`)
		if a := p.Do("PROPFIND", at, body, http.Header{"Depth": {"0"}}); a.StatusCode != http.StatusMultiStatus {
			b.Fatalf("%s %s", a.Status, a.Text)
		}
	}
	ask(b)
	b.Run("unchanged", func(b *testing.B) {
		for range b.N {
			ask(b)
		}
	})
	acme := h.Tenant("acme")
	b.Run("one changed", func(b *testing.B) {
		for n := range b.N {
			err := acme.DB.Write(h.Context(), func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE contacts_people SET version = version + 1 WHERE id = (SELECT id FROM contacts_people ORDER BY id LIMIT 1 OFFSET ?)`, n%1000)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
			ask(b)
		}
	})
}
