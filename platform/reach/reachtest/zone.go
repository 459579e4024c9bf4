// Package reachtest is a name server for tests: on a socket of its own it knows what the test puts into it.
package reachtest

import (
	"net"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Zone is the name server.
type Zone struct {
	Address string // where it listens
	mu      sync.Mutex
	texts   map[string]string
	host    [4]byte
}

// NewZone starts one, that ends with the test. Every name leads to host; to nowhere when that is empty.
func NewZone(t testing.TB, host [4]byte) *Zone {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	z := &Zone{Address: conn.LocalAddr().String(), texts: map[string]string{}, host: host}
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
			z.answer(&m)
			if raw, err := m.Pack(); err == nil {
				conn.WriteTo(raw, from)
			}
		}
	}()
	return z
}

// Put gives a name its TXT record.
func (z *Zone) Put(name, text string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.texts[name] = text
}

func (z *Zone) answer(m *dnsmessage.Message) {
	z.mu.Lock()
	defer z.mu.Unlock()
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}
	text, known := z.texts[strings.TrimSuffix(q.Name.String(), ".")]
	switch {
	case q.Type == dnsmessage.TypeTXT && known:
		m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.TXTResource{TXT: []string{text}}}}
	case q.Type == dnsmessage.TypeA && z.host != [4]byte{}:
		m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: z.host}}}
	case q.Type == dnsmessage.TypeTXT:
		m.RCode = dnsmessage.RCodeNameError
	}
}
