package main

import (
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"runes.im/platform/config"
	"runes.im/platform/runetest"
)

// zone is a name server on a socket of its own that knows what the test puts into it.
type zone struct {
	address string
	mu      sync.Mutex
	texts   map[string]string
}

func newZone(t *testing.T) *zone {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	z := &zone{address: conn.LocalAddr().String(), texts: map[string]string{}}
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buffer[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			if raw, err := z.answer(&m).Pack(); err == nil {
				conn.WriteTo(raw, from)
			}
		}
	}()
	return z
}

func (z *zone) answer(m *dnsmessage.Message) *dnsmessage.Message {
	z.mu.Lock()
	defer z.mu.Unlock()
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	text, known := z.texts[strings.TrimSuffix(q.Name.String(), ".")]
	if q.Type != dnsmessage.TypeTXT || !known {
		m.RCode = dnsmessage.RCodeNameError
		return m
	}
	m.Answers = []dnsmessage.Resource{{
		Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: &dnsmessage.TXTResource{TXT: []string{text}},
	}}
	return m
}

func (z *zone) put(name, text string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.texts[name] = text
}

var proofOnPage = regexp.MustCompile(`runes-domain=[A-Za-z0-9_-]+`)

// A1.14: a domain works after its record was found at a real name server, for the organisation that proved it, until it is removed.
func TestADomainWorksAfterItsRecordWasFound(t *testing.T) {
	z := newZone(t)
	h := runetest.Start(t, installed(), func(c *config.Config) { c.DNS = z.address })
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
	z.put("_runes.work.acme.example", proofOnPage.FindString(page))
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
