package contacts

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

// F7 for cards: of eight programs that change one version one wins, and the others are told.
func TestEightProgramsChangeOneCard(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	person := h.Person("manage_contacts")
	p := newPhone(t, person)
	etag := p.ask(201, "PUT", "all/x.vcf", cardText("u", "A", "B", "")).Header.Get("ETag")
	var all sync.WaitGroup
	var mu sync.Mutex
	counts := map[int]int{}
	for n := range 8 {
		all.Go(func() {
			a := p.Do("PUT", p.home+"all/x.vcf", strings.NewReader(cardText("u", fmt.Sprint("A", n), "B", "")), map[string][]string{"If-Match": {etag}})
			mu.Lock()
			defer mu.Unlock()
			counts[a.StatusCode]++
		})
	}
	all.Wait()
	if counts[204] != 1 || counts[412] != 7 {
		t.Errorf("answers %v", counts)
	}
	// And of eight that make one new card one makes it.
	counts = map[int]int{}
	for range 8 {
		all.Go(func() {
			a := p.Do("PUT", p.home+"all/y.vcf", strings.NewReader(cardText("v", "Y", "Z", "")), map[string][]string{"If-None-Match": {"*"}})
			mu.Lock()
			defer mu.Unlock()
			counts[a.StatusCode]++
		})
	}
	all.Wait()
	if counts[201] != 1 || counts[412] != 7 {
		t.Errorf("answers %v", counts)
	}
}

// Cards that are built to break something are kept or refused, in time, and come out of every door again.
func TestCardsBuiltToBreak(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	person := h.Person("manage_contacts")
	p := newPhone(t, person)
	for name, text := range map[string]string{
		"many":    cardText("m", "A", "B", strings.Repeat("TEL:1\r\n", 60_000)),
		"params":  cardText("p", "A", "B", "TEL"+strings.Repeat(";TYPE=x", 40_000)+":1\r\n"),
		"folded":  cardText("f", "A", "B", "NOTE:"+strings.Repeat("\r\n x", 100_000)+"\r\n"),
		"escapes": cardText("e", "A", "B", "NOTE:"+strings.Repeat(`\\`, 200_000)+"\r\n"),
		"parts":   cardText("n", "A", strings.Repeat(";", 200_000), ""),
		"groups":  cardText("g", "A", "B", strings.Repeat("a.", 50_000)+"TEL:1\r\n"),
		"uid":     cardText(strings.Repeat("u", 400_000), "A", "B", ""),
		"quotes":  cardText("q", "A", "B", `TEL;X="`+strings.Repeat("^n^'", 50_000)+"\":1\r\n"),
	} {
		begin := time.Now()
		a := p.Do("PUT", p.home+"all/"+name+".vcf", strings.NewReader(text), nil)
		if took := time.Since(begin); a.StatusCode >= 500 || took > time.Minute { // time that grows with the square would be hours
			t.Errorf("%s: %d after %s", name, a.StatusCode, took)
		}
	}
	for _, method := range []string{"PROPFIND", "REPORT"} {
		body := `<c:addressbook-query xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><prop><c:address-data version="4.0"/></prop></c:addressbook-query>`
		if method == "PROPFIND" {
			body = ""
		}
		p.ask(207, method, "all/", body)
	}
	for _, page := range []string{"/contacts/people", "/contacts", "/search?q=b", "/contacts/people/export?format=xlsx"} {
		if a := person.Get(page); a.StatusCode != 200 {
			t.Errorf("%s: %s", page, a.Status)
		}
	}
}
