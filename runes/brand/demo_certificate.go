package brand

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"

	"runes.im/platform/cert"
	"runes.im/platform/clock"
	"runes.im/platform/tenant"
)

// fillCertificate brings a certificate for the demo's address that nobody vouches for: its HTTPS works, after the browser's warning.
func fillCertificate(ctx context.Context, t *tenant.Tenant) error {
	keeper := cert.From(ctx)
	if keeper == nil {
		return nil // whoever fills an organisation beside the server has no door to show it at
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	now := clock.Now(ctx)
	shape := &x509.Certificate{
		SerialNumber: big.NewInt(now.Unix()), Subject: pkix.Name{CommonName: t.Address(), Organization: []string{"Halden & Fjord"}},
		DNSNames: []string{t.Address()}, NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(1, 0, 0), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	chain, err := x509.CreateCertificate(rand.Reader, shape, shape, key.Public(), key)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	_, err = keeper.SetFor(ctx, t, t.Address(), text("CERTIFICATE", chain), text("PRIVATE KEY", der))
	return err
}

func text(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
