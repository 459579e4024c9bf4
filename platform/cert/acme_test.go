package cert_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"runes.im/platform/cert/acmetest"
	"runes.im/platform/config"
	"runes.im/platform/fault"
	"runes.im/platform/runetest"
	"runes.im/platform/tenant"
)

const (
	life = 90 * 24 * time.Hour
	host = "acme.files.example"
)

// house is an appliance with an HTTPS door alone, and the authority that it asks.
func house(t *testing.T, ways ...string) (*runetest.House, *acmetest.Server, string) {
	t.Helper()
	var h *runetest.House
	ca := acmetest.Start(t, func() time.Time { return h.Clock.Now() }, life, ways...)
	h = runetest.Start(t, nil, func(c *config.Config) {
		c.HTTP, c.HTTPS, c.BaseDomain, c.ACME, c.ACMEDirectory = "", "127.0.0.1:0", "files.example", "ops@files.example", ca.URL
	})
	door := doorOf(h)
	ca.Look("", door)
	return h, ca, door
}

func doorOf(h *runetest.House) string {
	address := h.URL("", "")
	return "127.0.0.1" + address[strings.LastIndexByte(address, ':'):]
}

// greeted is the certificate of a real handshake at the door, trusted by whoever trusts the authority; nil when there is none. A door
// waits for nobody forever, so on a slow machine the authority may be later than the first handshake.
func greeted(t *testing.T, ca *acmetest.Server, h *runetest.House, door, name string) *x509.Certificate {
	t.Helper()
	if c := once(ca, h, door, name); c != nil {
		return c
	}
	h.App.Certs.Wait()
	return once(ca, h, door, name)
}

func once(ca *acmetest.Server, h *runetest.House, door, name string) *x509.Certificate {
	conn, err := tls.Dial("tcp", door, &tls.Config{ServerName: name, RootCAs: ca.Pool(), Time: h.Clock.Now})
	if err != nil {
		return nil
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0]
}

func TestTheFirstHandshakeGetsACertificateFromTheAuthority(t *testing.T) {
	h, ca, door := house(t, acmetest.ByHandshake)
	first := greeted(t, ca, h, door, host)
	if first == nil {
		t.Fatalf("no certificate: %s", h.Log())
	}
	again := greeted(t, ca, h, door, host)
	if again == nil || !again.Equal(first) || len(ca.Asked()) != 1 {
		t.Errorf("asked for %v, want once", ca.Asked())
	}
	if i := h.App.Certs.Info(h.Context(), host); i.Source != "acme" || !i.Fits || i.Ends || i.Uploaded {
		t.Errorf("described as %+v", i)
	}
	// What somebody uploads goes before, and its removal leads back.
	chain, key := ca.Issue(t, []string{host})
	if _, err := h.App.Certs.Set(h.Context(), host, chain, key); err != nil {
		t.Fatal(err)
	}
	if c := greeted(t, ca, h, door, host); c == nil || c.Equal(first) {
		t.Error("the uploaded certificate does not go before")
	}
	if err := h.App.Certs.Remove(h.Context(), host); err != nil {
		t.Fatal(err)
	}
	if c := greeted(t, ca, h, door, host); c == nil || !c.Equal(first) || len(ca.Asked()) != 1 {
		t.Error("the authority's certificate does not come back")
	}
	open(t, h)
}

func TestWhoIsGoneLeavesNoKeyBehind(t *testing.T) {
	h := runetest.Start(t, nil, func(c *config.Config) { c.BaseDomain = "files.example" })
	ctx, gone := h.Context(), "gone.files.example"
	left, err := h.App.Create(ctx, tenant.New{Slug: "gone", Name: "Gone", Locale: "en", Zone: "UTC"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	left.Leave()
	ca := acmetest.NewCA(t)
	for _, name := range []string{gone, host} {
		chain, key := ca.Issue(t, []string{name})
		if _, err := h.App.Certs.Set(ctx, name, chain, key); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.App.Certs.ForgetTenant(ctx, left.ID); err != nil {
		t.Fatal(err)
	}
	var kept string
	if err := h.App.System.QueryRow(ctx, `SELECT group_concat(host) FROM cert_certs`).Scan(&kept); err != nil || kept != host {
		t.Errorf("kept %q (%v), want %s alone", kept, err, host)
	}
}

// open looks for anything of a private key in the files of the house.
func open(t *testing.T, h *runetest.House) {
	t.Helper()
	for _, file := range []string{"system.db", "system.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(h.Dir, file))
		if err != nil {
			t.Fatal(err)
		}
		// PKCS #8 and SEC 1 keys of P-256 begin with these bytes.
		for _, sign := range []string{"PRIVATE KEY", "\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", "\x30\x77\x02\x01\x01\x04\x20"} {
			if bytes.Contains(raw, []byte(sign)) {
				t.Errorf("%s holds a key in the open", file)
			}
		}
	}
}

func TestNobodyMakesTheApplianceAsk(t *testing.T) {
	h, ca, door := house(t, acmetest.ByHandshake)
	h.Tenant("closed")
	if err := h.App.Tenants.Suspend(h.Context(), "closed"); err != nil {
		t.Fatal(err)
	}
	if err := h.Tenant("acme").Claim(h.Context(), "unproven.example"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"nobody.files.example", "unproven.example", "closed.files.example", "www.acme.files.example", "localhost", "files", "acme", "127.0.0.1", ""} {
		if c := greeted(t, ca, h, door, name); c != nil {
			t.Errorf("%s got a certificate", name)
		}
	}
	conn, err := tls.Dial("tcp", door, &tls.Config{ServerName: host, NextProtos: []string{"acme-tls/1"}, InsecureSkipVerify: true})
	if err == nil {
		conn.Close()
		t.Error("a proof is shown that nobody asked for")
	}
	if asked := ca.Asked(); len(asked) != 0 {
		t.Errorf("asked for %v", asked)
	}
	if err := h.App.Tenants.AddHost(h.Context(), "acme", "work.acme.example"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"work.acme.example", "files.example"} {
		if greeted(t, ca, h, door, name) == nil {
			t.Errorf("%s gets no certificate: %s", name, h.Log())
		}
	}
	if err := h.Tenant("acme").Move(h.Context(), "moved", 30); err != nil {
		t.Fatal(err)
	}
	if greeted(t, ca, h, door, host) == nil || greeted(t, ca, h, door, "moved.files.example") == nil {
		t.Error("an address that was left, or the new one, gets none")
	}
	h.Clock.Add(31 * 24 * time.Hour)
	if h.App.Tenants.MayCertify(h.Context(), host) {
		t.Error("an address that leads nowhere any more may be asked for")
	}
}

func TestAFileProvesTheNameAtThePlainDoor(t *testing.T) {
	var h *runetest.House
	ca := acmetest.Start(t, time.Now, life, acmetest.ByFile)
	h = runetest.Start(t, nil, func(c *config.Config) {
		c.HTTPS, c.BaseDomain, c.ACME, c.ACMEDirectory = "127.0.0.1:0", "files.example", "ops@files.example", ca.URL
	})
	ca.Look(doorOf(h), "")
	if err := h.App.Certs.AskFor(h.Context(), h.Tenant("acme"), host); err != nil {
		t.Fatal(err)
	}
	if i := h.App.Certs.Info(h.Context(), host); i.Source != "acme" || !i.Fits {
		t.Errorf("described as %+v", i)
	}
	if err := h.App.Certs.AskFor(h.Context(), h.Tenant("acme"), "other.files.example"); err == nil {
		t.Error("asked for the name of others")
	}
	// Anything else at that address is the site's business, also for hosts that are nobody's.
	req, err := http.NewRequest(http.MethodGet, "http://"+doorOf(h)+"/.well-known/acme-challenge/nothing", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		t.Errorf("an unknown proof: %s, want the way to the sign-in page", res.Status)
	}
}

func TestTheOtherWayIsTriedWhereOneIsClosed(t *testing.T) {
	ca := acmetest.Start(t, time.Now, life, acmetest.ByFile, acmetest.ByHandshake)
	h := runetest.Start(t, nil, func(c *config.Config) {
		c.HTTPS, c.BaseDomain, c.ACME, c.ACMEDirectory = "127.0.0.1:0", "files.example", "ops@files.example", ca.URL
	})
	ca.Look(doorOf(h), "127.0.0.1:1")
	for _, name := range []string{host, "beta.files.example"} {
		if err := h.App.Certs.AskFor(h.Context(), h.Tenant(name[:strings.IndexByte(name, '.')]), name); err != nil {
			t.Fatal(err)
		}
	}
	if asked := ca.Asked(); !slices.Equal(asked, []string{host, host, "beta.files.example"}) {
		t.Errorf("asked for %v, want what worked to come first the second time", asked)
	}
}

func TestARefusalIsNotRepeatedSoon(t *testing.T) {
	h, ca, door := house(t, acmetest.ByHandshake)
	ca.Look("", "127.0.0.1:1") // where nobody answers: the name leads elsewhere
	for range 3 {
		if greeted(t, ca, h, door, host) != nil {
			t.Fatal("a certificate without a proof")
		}
	}
	if asked := ca.Asked(); len(asked) != 1 {
		t.Errorf("asked for %v, want once", asked)
	}
	i := h.App.Certs.Info(h.Context(), host)
	if !strings.Contains(i.Problem, host) || !strings.Contains(i.Problem, "refused") || !i.NextTry.After(h.Clock.Now()) {
		t.Errorf("the page would say %q, next try %v", i.Problem, i.NextTry)
	}
	if err := h.App.Certs.AskFor(h.Context(), h.Tenant("acme"), host); err == nil || len(ca.Asked()) != 1 {
		t.Errorf("asked again by hand at once: %v", err)
	}
	ca.Look("", door)
	h.Clock.Add(11 * time.Minute)
	if greeted(t, ca, h, door, host) != nil {
		t.Error("a handshake may not ask before its time")
	}
	if err := h.App.Certs.AskFor(h.Context(), h.Tenant("acme"), host); err != nil {
		t.Errorf("by hand after the pause: %v", err)
	}
	if i := h.App.Certs.Info(h.Context(), host); i.Problem != "" || i.Source != "acme" {
		t.Errorf("described as %+v", i)
	}
}

func TestAnAuthorityThatIsOutRefusesNothing(t *testing.T) {
	h := runetest.Start(t, nil, func(c *config.Config) {
		c.HTTPS, c.BaseDomain, c.ACME, c.ACMEDirectory = "127.0.0.1:0", "files.example", "ops@files.example", "http://127.0.0.1:1/directory"
	})
	for n := range 4 {
		err := h.App.Certs.AskFor(h.Context(), h.Tenant("acme"), host)
		if f := fault.Of(err); f == nil || f.Key != "cert.unreachable" {
			t.Fatalf("try %d: %v, want cert.unreachable", n, err)
		}
		i := h.App.Certs.Info(h.Context(), host)
		if pause := i.NextTry.Sub(h.Clock.Now()); i.Problem != "cert.unreachable" || pause <= 0 || pause > 5*time.Minute {
			t.Errorf("try %d: %q, the next one in %v", n, i.Problem, pause)
		}
		h.Clock.Add(5 * time.Minute)
	}
}

func TestACertificateIsRenewedBeforeItEnds(t *testing.T) {
	h, ca, door := house(t, acmetest.ByHandshake)
	first := greeted(t, ca, h, door, host)
	round := func(ahead time.Duration) {
		t.Helper()
		h.Clock.Add(ahead)
		if err := h.App.Certs.Round(h.Context()); err != nil {
			t.Fatal(err)
		}
		h.App.Certs.Wait()
	}
	round(life/2 - time.Hour)
	if asked := ca.Asked(); len(asked) != 1 {
		t.Errorf("asked for %v half way, want once", asked)
	}
	ca.Look("", "127.0.0.1:1")
	round(life / 4)
	if asked := ca.Asked(); len(asked) != 2 || h.App.Certs.Info(h.Context(), host).Problem == "" {
		t.Fatalf("asked for %v when it was due", asked)
	}
	if c := greeted(t, ca, h, door, host); c == nil || !c.Equal(first) {
		t.Error("a renewal that fails takes the certificate away")
	}
	ca.Look("", door)
	round(time.Hour)
	if c := greeted(t, ca, h, door, host); c == nil || c.Equal(first) {
		t.Errorf("not renewed: %v", ca.Asked())
	}
	if i := h.App.Certs.Info(h.Context(), host); i.Ends || i.Until.Before(h.Clock.Now().Add(life-2*time.Hour)) {
		t.Errorf("described as %+v", i)
	}
	// Nobody renews for those whom people cannot reach.
	if err := h.App.Tenants.Suspend(h.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	before := len(ca.Asked())
	round(life)
	if len(ca.Asked()) != before {
		t.Error("renewed for a suspended organisation")
	}
}

func TestOneOrganisationDoesNotUseUpWhatTheAuthorityAllows(t *testing.T) {
	h, ca, door := house(t, acmetest.ByHandshake)
	for n := range 12 {
		name := string(rune('a'+n)) + ".acme.example"
		if err := h.App.Tenants.AddHost(h.Context(), "acme", name); err != nil {
			t.Fatal(err)
		}
		greeted(t, ca, h, door, name)
	}
	if n := len(ca.Asked()); n != 10 {
		t.Errorf("asked %d times within the hour, want 10", n)
	}
	h.Tenant("beta")
	if greeted(t, ca, h, door, "beta.files.example") == nil {
		t.Error("another organisation suffers from it")
	}
	h.Clock.Add(time.Hour)
	if greeted(t, ca, h, door, "l.acme.example") == nil {
		t.Error("the next hour is no new one")
	}
	if asked := ca.Asked(); !slices.Contains(asked, "l.acme.example") {
		t.Errorf("asked for %v", asked)
	}
}
