package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"runes.im/platform/config"
	"runes.im/platform/reach/reachtest"
	"runes.im/platform/runetest"
)

var proofOnPage = regexp.MustCompile(`runes-domain=[A-Za-z0-9_-]+`)

// A1.14: a domain works after its record was found at a real name server, for the organisation that proved it, until it is removed.
func TestADomainWorksAfterItsRecordWasFound(t *testing.T) {
	z := reachtest.NewZone(t, [4]byte{})
	h := runetest.Start(t, installed(), func(c *config.Config) { c.DNS = z.Address })
	h.Tenant("globex")
	p := h.Person("manage_network_governance")
	arrives := func(want int) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(h.URL("acme", "/login"), "acme.localhost", "127.0.0.1", 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "work.acme.example"
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("at the domain: %s, want %d", res.Status, want)
		}
	}
	host := url.Values{"host": {"work.acme.example"}}
	p.Get("/brand/network")
	p.Post("/brand/network/hosts", host)
	arrives(http.StatusMisdirectedRequest)
	p.Post("/brand/network/hosts/prove", host)
	page := p.Get("/brand/network").See()
	if !strings.Contains(page, "was found") {
		t.Errorf("without the record: %s", page)
	}
	arrives(http.StatusMisdirectedRequest)
	z.Put("_runes.work.acme.example", proofOnPage.FindString(page))
	h.Clock.Add(time.Minute)
	if a := p.Post("/brand/network/hosts/prove", host); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("proving: %s", a.Status)
	}
	arrives(http.StatusOK)
	if a := p.Get("/brand/network"); strings.Contains(a.See(), "Waits for proof") {
		t.Errorf("still waiting: %s", a.See())
	}
	p.Post("/brand/network/hosts/remove", host)
	arrives(http.StatusMisdirectedRequest)
}
