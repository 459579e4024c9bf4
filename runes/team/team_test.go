package team

import (
	"fmt"
	"testing"

	"runes.im/platform/identity"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

func TestStories(t *testing.T) { runetest.Stories(t, []runekit.Rune{Rune}) }

func BenchmarkMembers(b *testing.B) {
	h := runetest.Start(b, []runekit.Rune{Rune})
	org := h.Tenant("acme")
	for n := range 1000 {
		_, err := h.App.People.AddMember(h.Context(), org, identity.NewMember{Email: fmt.Sprintf("p%d@acme.example", n), Name: fmt.Sprintf("Person %d", n)})
		if err != nil {
			b.Fatal(err)
		}
	}
	p := h.Person("manage_users")
	for b.Loop() {
		if got := p.Get("/team"); got.StatusCode != 200 {
			b.Fatal(got.Status)
		}
	}
}
