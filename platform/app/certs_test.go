package app

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"runes.im/platform/cert/acmetest"
	"runes.im/platform/config"
	"runes.im/platform/fault"
)

// greeted is the certificate that a real handshake for that name gets; nil when there is none.
func greeted(t *testing.T, address, name string) *x509.Certificate {
	t.Helper()
	_, port, _ := strings.Cut(strings.TrimPrefix(address, "https://"), ":")
	conn, err := tls.Dial("tcp", "127.0.0.1:"+port, &tls.Config{ServerName: name, InsecureSkipVerify: true})
	if err != nil {
		return nil
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0]
}

// atOnce runs a command as the command line does, beside a server or without one.
func atOnce(t *testing.T, cfg *config.Config, name string, args any) (i CertInfo, err error) {
	t.Helper()
	own := *cfg
	return i, Call(context.Background(), &own, nil, name, args, &i)
}

func TestAnUploadedCertificateServesFromTheNextHandshakeOn(t *testing.T) {
	const host = "acme.files.example"
	cfg := settings(t)
	cfg.HTTP, cfg.HTTPS, cfg.BaseDomain = "", "127.0.0.1:0", "files.example"
	ca := acmetest.NewCA(t)
	first, firstKey := ca.Issue(t, []string{host})
	second, secondKey := ca.Issue(t, []string{host})
	serial := func(chain string) string {
		block, _ := pem.Decode([]byte(chain))
		c, err := x509.ParseCertificate(block.Bytes)
		must(t, err)
		return c.SerialNumber.String()
	}
	a, address, stop := serving(t, cfg, io.Discard)
	found(t, a)
	shows := func(name, chain string) {
		t.Helper()
		switch c := greeted(t, address, name); {
		case chain == "" && c != nil:
			t.Errorf("%s got the certificate of %v, want none", name, c.DNSNames)
		case chain != "" && (c == nil || c.SerialNumber.String() != serial(chain)):
			t.Errorf("%s got %v, want another certificate", name, c)
		}
	}
	shows(host, "")
	_, err := atOnce(t, cfg, "tls.set", CertArgs{Host: host, Chain: first, Key: firstKey})
	must(t, err)
	shows(host, first)
	shows("ACME.files.example", first)
	shows("other.files.example", "")
	shows("", "")
	_, err = atOnce(t, cfg, "tls.set", CertArgs{Host: host, Chain: second, Key: firstKey})
	if err == nil || !strings.Contains(err.Error(), "does not belong") {
		t.Errorf("a key of another certificate: %v, want a clear no", err)
	}
	shows(host, first)
	_, err = atOnce(t, cfg, "tls.set", CertArgs{Host: host, Chain: second, Key: secondKey})
	must(t, err)
	shows(host, second)
	conn, err := tls.Dial("tcp", strings.Replace(strings.TrimPrefix(address, "https://"), "localhost", "127.0.0.1", 1), &tls.Config{ServerName: host, RootCAs: ca.Pool(), NextProtos: []string{"h2"}})
	must(t, err)
	if got := conn.ConnectionState(); got.NegotiatedProtocol != "h2" || got.Version < tls.VersionTLS12 {
		t.Errorf("the door speaks %q in %x, want h2 in TLS 1.2 or later", got.NegotiatedProtocol, got.Version)
	}
	conn.Close()
	must(t, stop())

	nowhereIn(t, cfg.Data, secondKey)
	third, thirdKey := ca.Issue(t, []string{"*.files.example"})
	_, err = atOnce(t, cfg, "tls.set", CertArgs{Host: "*.files.example", Chain: third, Key: thirdKey})
	must(t, err)
	_, address, _ = serving(t, cfg, io.Discard)
	shows(host, second)
	shows("other.files.example", third)
	shows("a.b.files.example", "")
	_, err = atOnce(t, cfg, "tls.remove", HostNameArgs{Host: host})
	must(t, err)
	shows(host, third)
	if _, err = atOnce(t, cfg, "tls.remove", HostNameArgs{Host: host}); err == nil {
		t.Error("what is not there was removed")
	}
}

func TestARestartAsksForNothingAgain(t *testing.T) {
	ca := acmetest.Start(t, time.Now, 90*24*time.Hour, acmetest.ByHandshake)
	cfg := settings(t)
	cfg.HTTP, cfg.HTTPS, cfg.BaseDomain, cfg.ACME, cfg.ACMEDirectory = "", "127.0.0.1:0", "files.example", "ops@files.example", ca.URL
	var before *x509.Certificate
	for n := range 2 {
		a, address, stop := serving(t, cfg, io.Discard)
		if n == 0 {
			found(t, a)
		}
		ca.Look("", strings.Replace(strings.TrimPrefix(address, "https://"), "localhost", "127.0.0.1", 1))
		greeted(t, address, "acme.files.example")
		a.Certs.Wait() // a door waits for nobody forever
		now := greeted(t, address, "acme.files.example")
		if now == nil || before != nil && !now.Equal(before) {
			t.Fatalf("start %d: %v", n, now)
		}
		before = now
		if n == 1 {
			greeted(t, address, "files.example")
			a.Certs.Wait()
			if greeted(t, address, "files.example") == nil {
				t.Error("the account is not found again")
			}
		}
		must(t, stop())
	}
	if asked := ca.Asked(); len(asked) != 2 || ca.Accounts() != 1 {
		t.Errorf("asked for %v with %d accounts, want each once with one", asked, ca.Accounts())
	}
}

// nowhereIn looks for a private key in every file of the directory, as text and as bytes.
func nowhereIn(t *testing.T, dir, key string) {
	t.Helper()
	block, _ := pem.Decode([]byte(key))
	text := base64.StdEncoding.EncodeToString(block.Bytes)[:40]
	looked := 0
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		looked++
		if bytes.Contains(raw, []byte("PRIVATE KEY")) || bytes.Contains(raw, []byte(text)) || bytes.Contains(raw, block.Bytes[30:70]) {
			t.Errorf("%s holds a private key in the open", path)
		}
		return err
	}))
	if looked < 2 {
		t.Errorf("looked into %d files", looked)
	}
}

func TestTheServersOwnFilesAreReadAnewWhenTheyChange(t *testing.T) {
	cfg := settings(t)
	cfg.HTTP, cfg.HTTPS = "", "127.0.0.1:0"
	before := certificate(t, cfg)
	_, address, _ := serving(t, cfg, io.Discard)
	if c := greeted(t, address, "whatever.example"); c == nil || !c.Equal(before) {
		t.Fatalf("got %v, want the certificate of the files", c)
	}
	chain, key := acmetest.NewCA(t).Issue(t, []string{"localhost"})
	must(t, os.WriteFile(cfg.TLSCert, []byte("half writ"), 0o600))
	if c := greeted(t, address, "localhost"); c == nil || !c.Equal(before) {
		t.Errorf("while the files are written: %v, want what they held before", c)
	}
	must(t, os.WriteFile(cfg.TLSCert, []byte(chain), 0o600))
	must(t, os.WriteFile(cfg.TLSKey, []byte(key), 0o600))
	if c := greeted(t, address, "localhost"); c == nil || c.Equal(before) {
		t.Error("the files changed and the door did not notice")
	}
}

func TestADoorDoesNotOpenWithFilesThatDoNotFit(t *testing.T) {
	cfg := settings(t)
	cfg.HTTPS = "127.0.0.1:0"
	certificate(t, cfg)
	_, key := acmetest.NewCA(t).Issue(t, []string{"localhost"})
	must(t, os.WriteFile(cfg.TLSKey, []byte(key), 0o600))
	err := Serve(t.Context(), cfg, nil, Start{Out: io.Discard, Log: slog.New(slog.DiscardHandler)})
	if f := fault.Of(err); f == nil || f.Problems["key"].Key != "cert.key_other" {
		t.Errorf("started with %v, want cert.key_other", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
