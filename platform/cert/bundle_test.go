package cert

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"runes.im/platform/cert/acmetest"
	"runes.im/platform/fault"
)

func TestABundleIsReadInWhateverOrderItComes(t *testing.T) {
	ca := acmetest.NewCA(t)
	chain, key := ca.Issue(t, []string{"work.acme.example"})
	leaf, between, _ := strings.Cut(chain, "-----END CERTIFICATE-----\n")
	leaf += "-----END CERTIFICATE-----\n"
	root := acmetest.PEM(ca.Root)
	for name, in := range map[string][2]string{
		"as it should be":     {chain, key},
		"both in one text":    {chain + key, ""},
		"both under the key":  {"", key + chain},
		"the two exchanged":   {key, chain},
		"from the root down":  {root + between + leaf, key},
		"twice the same":      {chain + chain, key + key},
		"words between":       {"Bag Attributes\n" + leaf + "\nissuer=Test\n" + between, "some words\n" + key},
		"with Windows breaks": {strings.ReplaceAll(chain, "\n", "\r\n"), strings.ReplaceAll(key, "\n", "\r\n")},
	} {
		b, err := Read(in[0], in[1])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if b.PEM() != chain {
			t.Errorf("%s: the chain is not leaf and authority alone", name)
		}
		if err := b.check("work.acme.example", time.Now()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABundleThatWouldNotWorkIsRefusedWithItsReason(t *testing.T) {
	const host = "work.acme.example"
	ca := acmetest.NewCA(t)
	chain, key := ca.Issue(t, []string{host})
	_, otherKey := ca.Issue(t, []string{host})
	otherHost, itsKey := ca.Issue(t, []string{"other.example", "www.other.example"})
	ended, endedKey := ca.Issue(t, []string{host}, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	early, earlyKey := ca.Issue(t, []string{host}, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) })
	mail, mailKey := ca.Issue(t, []string{host}, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection} })
	locked := string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")}))
	broken := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}))
	cases := []struct{ name, chain, key, field, want string }{
		{"nothing", "", "", "chain", "cert.none"},
		{"only a key", "", key, "chain", "cert.none"},
		{"no key", chain, "", "key", "cert.no_key"},
		{"another key", chain, otherKey, "key", "cert.key_other"},
		{"two keys", chain, key + otherKey, "key", "cert.many_keys"},
		{"a key with a passphrase", chain, locked, "key", "cert.key_locked"},
		{"a damaged certificate", broken, key, "chain", "cert.unreadable"},
		{"a damaged key", chain, strings.Replace(locked, "ENCRYPTED ", "", 2), "key", "cert.key_unreadable"},
		{"a weak key", weak(t, host), "", "key", "cert.key_weak"},
		{"another host", otherHost, itsKey, "chain", "cert.other_host"},
		{"ended", ended, endedKey, "chain", "cert.ended"},
		{"too early", early, earlyKey, "chain", "cert.early"},
		{"for mail", mail, mailKey, "chain", "cert.not_servers"},
		{"a stranger in the chain", chain + acmetest.PEM(acmetest.NewCA(t).Between), key, "chain", "cert.chain"},
		{"far too many", chain + many(t), key, "chain", "cert.many"},
		{"far too large", strings.Repeat("x", MaxBytes+1), key, "chain", "cert.large"},
	}
	for _, c := range cases {
		b, err := Read(c.chain, c.key)
		if err == nil {
			err = b.check(host, time.Now())
		}
		if f := fault.Of(err); f == nil || f.Problems[c.field].Key != c.want {
			t.Errorf("%s: %v, want %s at %s", c.name, err, c.want, c.field)
		}
	}
}

func TestAWildcardCoversOneLabelAlone(t *testing.T) {
	chain, key := acmetest.NewCA(t).Issue(t, []string{"*.files.example"})
	b, err := Read(chain, key)
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{"*.files.example": true, "acme.files.example": true, "files.example": false, "a.b.files.example": false, "*.example": false} {
		if b.Covers(host) != want {
			t.Errorf("%s: covered %v, want %v", host, !want, want)
		}
	}
}

// weak is a certificate with its short RSA key. Go makes such keys for tests alone.
func weak(t *testing.T, host string) string {
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	shape := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, shape, shape, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})) + acmetest.KeyPEM(t, key)
}

func many(t *testing.T) string {
	var all strings.Builder
	for range mostInside {
		all.WriteString(acmetest.PEM(acmetest.NewCA(t).Between))
	}
	return all.String()
}
