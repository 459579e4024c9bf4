// Package acmetest is a certificate authority for tests: it makes certificates, and gives them by ACME (RFC 8555) to whoever really
// answers at the name.
package acmetest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"
)

// T is what an authority needs of a test.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Cleanup(func())
}

// CA is a root with one certificate between it and those of servers, as real ones have it.
type CA struct {
	Root, Between *x509.Certificate
	rootKey, key  crypto.Signer
}

// NewCA makes one.
func NewCA(t T) *CA {
	t.Helper()
	ca := &CA{rootKey: newKey(t), key: newKey(t)}
	root := shape("Test Root")
	root.IsCA, root.BasicConstraintsValid, root.KeyUsage = true, true, x509.KeyUsageCertSign
	ca.Root = sign(t, root, root, ca.rootKey.Public(), ca.rootKey)
	between := shape("Test Authority 1")
	between.IsCA, between.BasicConstraintsValid, between.KeyUsage = true, true, x509.KeyUsageCertSign
	ca.Between = sign(t, between, ca.Root, ca.key.Public(), ca.rootKey)
	return ca
}

// Pool trusts the root alone.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.Root)
	return pool
}

// Issue makes a certificate for names and a key for it; change, where given, alters it before it is signed.
func (ca *CA) Issue(t T, names []string, change ...func(*x509.Certificate)) (chain, key string) {
	t.Helper()
	own := newKey(t)
	leaf := shape(names[0])
	leaf.DNSNames, leaf.ExtKeyUsage = names, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, c := range change {
		c(leaf)
	}
	made := sign(t, leaf, ca.Between, own.Public(), ca.key)
	return PEM(made, ca.Between), KeyPEM(t, own)
}

// PEM is certificates as text.
func PEM(certs ...*x509.Certificate) string {
	var text []byte
	for _, c := range certs {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return string(text)
}

// KeyPEM is a key as text.
func KeyPEM(t T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func shape(name string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		panic(err)
	}
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{"Acme Trust"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
	}
}

func newKey(t T) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return key
}

func sign(t T, shape, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, shape, parent, public, key)
	must(t, err)
	c, err := x509.ParseCertificate(der)
	must(t, err)
	return c
}

func must(t T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}
