package brand

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"html"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/cert/acmetest"
	"runes.im/platform/config"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

// shake is the certificate that a handshake for the name gets; nil when it fails.
func shake(t *testing.T, h *runetest.House, name string) *x509.Certificate {
	t.Helper()
	config, err := h.App.Certs.TLS()
	if err != nil {
		t.Fatal(err)
	}
	here, there := net.Pipe()
	server := tls.Server(there, config)
	client := tls.Client(here, &tls.Config{ServerName: name, InsecureSkipVerify: true})
	defer here.Close() // not that of TLS: nobody reads a goodbye
	go func() {
		if server.Handshake() != nil {
			there.Close()
		}
	}()
	if client.Handshake() != nil {
		return nil
	}
	return client.ConnectionState().PeerCertificates[0]
}

// bring sends the form of a certificate: the chain and the key as files.
func bring(t *testing.T, p *runetest.Person, host, chain, key string) *runetest.Answer {
	t.Helper()
	page := p.Get("/brand/network")
	_, rest, _ := strings.Cut(page.Text, `name="csrf" value="`)
	token, _, _ := strings.Cut(rest, `"`)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := form.WriteField("csrf", token)
	for name, text := range map[string]string{"chain_file": chain, "key_file": key} {
		part, making := form.CreateFormFile(name, name+".pem")
		if making == nil {
			_, making = part.Write([]byte(text))
		}
		if making != nil {
			err = making
		}
	}
	if closing := form.Close(); err != nil || closing != nil {
		t.Fatal(err, closing)
	}
	return p.Do(http.MethodPost, "/brand/network/certificate/"+host, &body, http.Header{"Content-Type": {form.FormDataContentType()}})
}

func TestACertificateIsBroughtByThoseWhoseDomainItIs(t *testing.T) {
	const host = "work.acme.example"
	h := runetest.Start(t, []runekit.Rune{Rune})
	h.Tenant("beta")
	if err := h.App.Tenants.AddHost(h.Context(), "acme", host); err != nil {
		t.Fatal(err)
	}
	p := h.Person("manage_network_governance")
	ca := acmetest.NewCA(t)
	chain, key := ca.Issue(t, []string{host})
	other, otherKey := ca.Issue(t, []string{host})
	at := "/brand/network/certificate/" + host

	for name, stranger := range map[string]*runetest.Person{
		"another organisation": h.PersonOf("beta", "manage_network_governance"), "somebody without the right": h.Person("manage_tenant_identity"),
	} {
		if a := stranger.Get(at); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s sees the page: %s", name, a.Status)
		}
		if a := stranger.Post(at, url.Values{"chain": {chain}, "key": {key}}); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s sets a certificate: %s", name, a.Status)
		}
	}
	if shake(t, h, host) != nil {
		t.Fatal("there is a certificate before anybody brought one")
	}
	if a := bring(t, p, host, chain, otherKey); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.See(), "does not belong to the certificate") {
		t.Errorf("a key of another certificate: %s", a.Status)
	}
	if a := p.Post(at, url.Values{"chain": {chain}, "key": {otherKey}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(a.Text), strings.Split(chain, "\n")[1]) || strings.Contains(a.Text, strings.Split(otherKey, "\n")[1]) {
		t.Errorf("a refused form keeps the certificate and never the key: %s", a.Status)
	}
	if a := bring(t, p, host, chain+strings.Repeat("\n", 1<<17), key); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.See(), "KB") {
		t.Errorf("a file that is too large: %s", a.Status)
	}
	if a := bring(t, p, host, chain+strings.Repeat("\n", 3<<20), key); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.See(), "KB") {
		t.Errorf("a file that is far too large: %s", a.Status)
	}
	if a := bring(t, p, host, chain, key); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("uploading: %s", a.Status)
	}
	if c := shake(t, h, host); c == nil || !strings.HasPrefix(chain, acmetest.PEM(c)) {
		t.Error("the handshake does not have the certificate that was uploaded")
	}
	if a := p.Get(at); !strings.Contains(a.See(), "Uploaded") || !strings.Contains(a.See(), "Acme Trust") || strings.Contains(a.Text, strings.Split(key, "\n")[1]) {
		t.Errorf("the page says: %s", a.See())
	}
	if a := p.Post(at, url.Values{"chain": {other}, "key": {otherKey}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("replacing with pasted text: %s", a.Status)
	}
	if c := shake(t, h, host); c == nil || !strings.HasPrefix(other, acmetest.PEM(c)) {
		t.Error("the handshake does not have the new certificate")
	}
	if a := h.PersonOf("beta", "manage_network_governance").Post(at+"/remove", nil); a.StatusCode != http.StatusNotFound || shake(t, h, host) == nil {
		t.Errorf("another organisation removes it: %s", a.Status)
	}
	lines, err := audit.Lines(h.Context(), h.Tenant("acme").DB, 0, 20)
	if err != nil || !slices.ContainsFunc(lines, func(l audit.Line) bool { return l.Action == "brand.certificate_set" && l.Title == host }) {
		t.Errorf("the log does not know it (%v)", err)
	}
	if strings.Contains(h.Log(), "PRIVATE KEY") {
		t.Error("the server logs keys")
	}

	// Whoever gets the name later gets nothing of those who had it before.
	if err := h.App.Tenants.RemoveHost(h.Context(), "acme", host); err != nil {
		t.Fatal(err)
	}
	if err := h.App.Tenants.AddHost(h.Context(), "beta", host); err != nil {
		t.Fatal(err)
	}
	if shake(t, h, host) != nil {
		t.Error("the certificate serves others")
	}
	if a := h.PersonOf("beta", "manage_network_governance").Get(at); a.StatusCode != http.StatusOK || strings.Contains(a.See(), "Remove Certificate") {
		t.Errorf("the new holder sees it: %s", a.Status)
	}
}

func TestACertificateIsFetchedAtTheTouchOfAButton(t *testing.T) {
	const host = "work.acme.example"
	ca := acmetest.Start(t, time.Now, 90*24*time.Hour, acmetest.ByFile)
	h := runetest.Start(t, []runekit.Rune{Rune}, func(c *config.Config) {
		c.HTTPS, c.ACME, c.ACMEDirectory = "127.0.0.1:0", "ops@acme.example", ca.URL
	})
	if err := h.App.Tenants.AddHost(h.Context(), "acme", host); err != nil {
		t.Fatal(err)
	}
	p, at := h.Person("manage_network_governance"), "/brand/network/certificate/"+host
	fetch := func() {
		p.Post(at+"/fetch", nil)
		h.App.Certs.Wait() // the page does not wait forever
	}
	ca.Look("127.0.0.1:1", "") // where nobody answers
	if a := p.Get(at); !strings.Contains(a.See(), "Fetched at the first visit") {
		t.Errorf("before: %s", a.See())
	}
	fetch()
	if a := p.Get(at); !strings.Contains(a.See(), "refused") || !strings.Contains(a.See(), "Next try") || !strings.Contains(a.See(), "No certificate") {
		t.Errorf("after a refusal: %s", a.See())
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(h.URL("", ""), "http://"), ":")
	ca.Look("127.0.0.1:"+port, "")
	fetch()
	if n := len(ca.Asked()); n != 1 {
		t.Errorf("asked %d times at once, want 1", n)
	}
	h.Clock.Add(time.Hour)
	fetch()
	if a := p.Get(at); !strings.Contains(a.See(), "Fetched by the server (ACME)") || strings.Contains(a.See(), "Fetch Certificate") || strings.Contains(a.See(), "refused") {
		t.Errorf("afterwards: %s", a.See())
	}
	fetch()
	if n := len(ca.Asked()); n != 2 {
		t.Errorf("asked %d times with a good certificate, want 2", n)
	}
	h.Tenant("beta")
	if a := h.PersonOf("beta", "manage_network_governance").Post(at+"/fetch", nil); a.StatusCode != http.StatusNotFound {
		t.Errorf("another organisation: %s", a.Status)
	}
	if a := p.Post("/brand/network/certificate/acme.localhost/fetch", nil); a.StatusCode != http.StatusNotFound || len(ca.Asked()) != 2 {
		t.Errorf("a name that no authority knows: %s", a.Status)
	}
}
