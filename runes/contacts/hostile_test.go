package contacts

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

// Questions that are far too long are answered or refused, and break nothing.
func TestEndlessQuestionsBreakNothing(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := h.Person("manage_contacts")
	made(t, p, "/contacts/new", "legal_name", "Acme AG")
	words := strings.Repeat("a+", 5000)
	values := strings.Repeat("CH,", 15000)
	for _, path := range []string{
		"/contacts?q=" + words, "/contacts/people?q=" + words, "/contacts/export?format=csv&q=" + words, "/palette?q=" + words, "/search?q=" + words,
		"/contacts?f.country=" + values, "/contacts?page=99999999999999999999", "/contacts?sort=%00", "/contacts/bin?q=" + words, "/contacts/lists?q=" + words,
		"/contacts/duplicates?page=-1", "/contacts/remove?" + strings.Repeat("id=x&", 900), "/contacts?list=" + strings.Repeat("x", 20000),
	} {
		if a := p.Get(path); a.StatusCode >= 500 {
			t.Errorf("%.60s: %d", path, a.StatusCode)
		}
	}
	list := p.Post("/contacts/lists/new", url.Values{"name": {"Endless"}, "holds": {"companies"}, "filter": {"q=" + strings.Repeat("a+", 900)}})
	if to := list.Header.Get("Location"); to != "" {
		if a := p.Get(to); a.StatusCode != http.StatusOK {
			t.Errorf("an endless list: %d", a.StatusCode)
		}
	}
}
