package cert

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"time"

	"runes.im/platform/fault"
)

// Bundle is a certificate with its chain and its key.
type Bundle struct {
	Leaf  *x509.Certificate
	chain []*x509.Certificate // the leaf in front, each signed by the next
	key   crypto.Signer
}

// Limits of what is read.
const (
	MaxBytes   = 64 << 10 // of certificate and key each
	mostInside = 10       // certificates
	leastRSA   = 2048     // bits
)

// Fields of the form, for problems.
const (
	chainField = "chain"
	keyField   = "key"
)

func wrong(field, key string, args ...any) error {
	form := fault.Form{}
	form.Need(false, field, key, args...)
	return form.Err()
}

// Read understands a certificate chain and a key in PEM, in whatever order the blocks stand and also when both stand in one text. It
// puts the chain into order and leaves out what clients have anyway.
func Read(chain, key string) (*Bundle, error) {
	if len(chain) > MaxBytes || len(key) > MaxBytes {
		return nil, wrong(chainField, "cert.large", "max", MaxBytes>>10)
	}
	certs, keys, err := blocks([]byte(chain + "\n" + key))
	switch {
	case err != nil:
		return nil, err
	case len(certs) == 0:
		return nil, wrong(chainField, "cert.none")
	case len(certs) > mostInside:
		return nil, wrong(chainField, "cert.many", "max", mostInside)
	case len(keys) == 0:
		return nil, wrong(keyField, "cert.no_key")
	case len(keys) > 1:
		return nil, wrong(keyField, "cert.many_keys")
	}
	signer, err := parseKey(keys[0])
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(certs, func(c *x509.Certificate) bool { return belongs(signer, c) })
	if n < 0 {
		return nil, wrong(keyField, "cert.key_other", "names", strings.Join(namesOf(certs[0]), ", "))
	}
	b := &Bundle{Leaf: certs[n], key: signer}
	b.chain, err = inOrder(b.Leaf, slices.Delete(certs, n, n+1))
	return b, err
}

// blocks takes a PEM text apart. Parameters of curves, which some programs write in front of a key, say nothing that the key does not.
func blocks(text []byte) (certs []*x509.Certificate, keys [][]byte, err error) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return certs, keys, nil
		}
		switch {
		case block.Type == "CERTIFICATE":
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, nil, wrong(chainField, "cert.unreadable")
			}
			if !slices.ContainsFunc(certs, c.Equal) {
				certs = append(certs, c)
			}
		case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
			return nil, nil, wrong(keyField, "cert.key_locked")
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			if !slices.ContainsFunc(keys, func(k []byte) bool { return bytes.Equal(k, block.Bytes) }) {
				keys = append(keys, block.Bytes)
			}
		}
	}
}

func parseKey(der []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		if key, err = x509.ParsePKCS1PrivateKey(der); err != nil {
			key, err = x509.ParseECPrivateKey(der)
		}
	}
	if err != nil {
		return nil, wrong(keyField, "cert.key_unreadable")
	}
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < leastRSA {
			return nil, wrong(keyField, "cert.key_weak", "min", leastRSA)
		}
		return k, nil
	case *ecdsa.PrivateKey:
		return k, nil
	case ed25519.PrivateKey:
		return k, nil
	}
	return nil, wrong(keyField, "cert.key_unreadable")
}

func belongs(key crypto.Signer, c *x509.Certificate) bool {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(c.PublicKey)
}

// inOrder is the chain from the leaf upwards. A root at its end is left out, since whoever trusts it has it; one that signs nothing of
// the chain is a mistake, which whoever made it should hear of.
func inOrder(leaf *x509.Certificate, others []*x509.Certificate) ([]*x509.Certificate, error) {
	chain := []*x509.Certificate{leaf}
	for last := leaf; len(others) > 0 && !isRoot(last); {
		n := slices.IndexFunc(others, func(c *x509.Certificate) bool { return last.CheckSignatureFrom(c) == nil })
		if n < 0 {
			break
		}
		last = others[n]
		others = slices.Delete(others, n, n+1)
		if !isRoot(last) {
			chain = append(chain, last)
		}
	}
	if len(others) > 0 {
		return nil, wrong(chainField, "cert.chain", "name", titleOf(others[0]))
	}
	return chain, nil
}

func isRoot(c *x509.Certificate) bool {
	return bytes.Equal(c.RawIssuer, c.RawSubject) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// check says what speaks against using the bundle for a host, which may be *.DOMAIN.
func (b *Bundle) check(host string, now time.Time) error {
	switch {
	case !b.Covers(host):
		return wrong(chainField, "cert.other_host", "host", host, "names", strings.Join(namesOf(b.Leaf), ", "))
	case now.After(b.Leaf.NotAfter):
		return wrong(chainField, "cert.ended", "date", b.Leaf.NotAfter.UTC().Format(time.DateOnly))
	case now.Before(b.Leaf.NotBefore):
		return wrong(chainField, "cert.early", "date", b.Leaf.NotBefore.UTC().Format(time.DateOnly))
	case !forServers(b.Leaf):
		return wrong(chainField, "cert.not_servers")
	}
	return nil
}

func forServers(c *x509.Certificate) bool {
	return len(c.ExtKeyUsage) == 0 || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
}

// Covers reports whether the certificate is for the host.
func (b *Bundle) Covers(host string) bool {
	if strings.HasPrefix(host, "*.") {
		return slices.ContainsFunc(b.Leaf.DNSNames, func(name string) bool { return strings.EqualFold(name, host) })
	}
	return b.Leaf.VerifyHostname(host) == nil
}

// holds reports whether the certificate can be used at that time.
func (b *Bundle) holds(now time.Time) bool {
	return !now.Before(b.Leaf.NotBefore) && !now.After(b.Leaf.NotAfter)
}

func (b *Bundle) forTLS() *tls.Certificate {
	c := &tls.Certificate{PrivateKey: b.key, Leaf: b.Leaf}
	for _, one := range b.chain {
		c.Certificate = append(c.Certificate, one.Raw)
	}
	return c
}

// PEM is the chain as text.
func (b *Bundle) PEM() string {
	var text bytes.Buffer
	for _, c := range b.chain {
		text.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return text.String()
}

// restore is the bundle that was kept.
func restore(chain string, key []byte) (*Bundle, error) {
	certs, _, err := blocks([]byte(chain))
	if err != nil || len(certs) == 0 {
		return nil, errors.Join(errors.New("the chain is damaged"), err)
	}
	signer, err := parseKey(key)
	if err != nil {
		return nil, err
	}
	return &Bundle{Leaf: certs[0], chain: certs, key: signer}, nil
}

// Fingerprint is the SHA-256 sum of the certificate, as programs show it.
func (b *Bundle) Fingerprint() string {
	sum := sha256.Sum256(b.Leaf.Raw)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

func namesOf(c *x509.Certificate) []string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = append(names, titleOf(c))
	}
	return names
}

// titleOf is what people call a certificate.
func titleOf(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}

// issuerOf is what people call its maker.
func issuerOf(c *x509.Certificate) string {
	switch {
	case len(c.Issuer.Organization) > 0 && c.Issuer.CommonName != "":
		return c.Issuer.Organization[0] + ", " + c.Issuer.CommonName
	case c.Issuer.CommonName != "":
		return c.Issuer.CommonName
	}
	return c.Issuer.String()
}
