package app

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"runes.im/platform/config"
	"runes.im/platform/fault"
)

// settings are those of an empty directory.
func settings(t *testing.T) *config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.Data = filepath.Join(t.TempDir(), "data")
	cfg.Key, cfg.HTTP = cfg.Data+".key", "127.0.0.1:0"
	return cfg
}

// serving is a server until the test ends; stop ends it earlier and says how.
func serving(t *testing.T, cfg *config.Config, out io.Writer) (a *App, address string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- Serve(ctx, cfg, nil, Start{Out: out, Log: slog.New(slog.DiscardHandler), Ready: func(running *App, at string) {
			a, address = running, at
			close(ready)
		}})
	}()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatalf("does not start: %v", err)
	}
	over := false
	stop = func() error {
		if over {
			return nil
		}
		over = true
		cancel()
		return <-ended
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("does not stop well: %v", err)
		}
	})
	return a, address, stop
}

func TestTheTLSDoorUsesTheCertificateGiven(t *testing.T) {
	cfg := settings(t)
	cert := certificate(t, cfg)
	cfg.HTTP, cfg.HTTPS = "", "127.0.0.1:0"
	_, address, _ := serving(t, cfg, io.Discard)
	trust := x509.NewCertPool()
	trust.AddCert(cert)
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust, ServerName: "localhost"}, DisableKeepAlives: true}}
	res, err := client.Get(address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if !strings.HasPrefix(address, "https://localhost:") || res.StatusCode != http.StatusOK || res.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%s answered %s with HSTS %q", address, res.Status, res.Header.Get("Strict-Transport-Security"))
	}
}

func certificate(t *testing.T, cfg *config.Config) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	shape := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, shape, shape, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cfg.TLSCert, cfg.TLSKey = cfg.Data+".crt", cfg.Data+".pem"
	for file, block := range map[string]*pem.Block{cfg.TLSCert: {Type: "CERTIFICATE", Bytes: der}, cfg.TLSKey: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestASecondServerIsRefusedAndAThirdStartsAfterTheFirst(t *testing.T) {
	cfg := settings(t)
	_, _, stop := serving(t, cfg, io.Discard)
	begin := time.Now()
	err := Serve(t.Context(), cfg, nil, Start{Out: io.Discard, Log: slog.New(slog.DiscardHandler)})
	if f := fault.Of(err); f == nil || f.Key != "app.busy" {
		t.Errorf("the second server got %v, want app.busy", err)
	}
	if took := time.Since(begin); took >= patience { // a busy machine is slow, too, but never as slow as who waits for a silent one
		t.Errorf("refused after %v, want at once: the first one answers", took)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	serving(t, cfg, io.Discard)
}

func TestThePrintedCodeBelongsToTheWizardOnly(t *testing.T) {
	cfg := settings(t)
	var out bytes.Buffer
	a, _, stop := serving(t, cfg, &out)
	if !strings.Contains(out.String(), "/setup?code=") {
		t.Errorf("an empty appliance printed %q, want the wizard's address", out.String())
	}
	found(t, a)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	serving(t, cfg, &out)
	if out.Len() > 0 {
		t.Errorf("an appliance with an organisation printed %q, want nothing", out.String())
	}
}

// found makes the first organisation.
func found(t *testing.T, a *App) {
	t.Helper()
	first, _, err := a.setUp(t.Context(), Setup{Company: "Acme", Slug: "acme", Email: "ada@acme.example", Name: "Ada", Password: "a long enough password"})
	if err != nil {
		t.Fatal(err)
	}
	first.Leave()
}

// R6: a panic ends one command, never the server; N4: only the owner of the directory can open the socket.
func TestTheSocketOutlivesABrokenCommand(t *testing.T) {
	cfg := settings(t)
	serving(t, cfg, io.Discard)
	info, err := os.Stat(socket(cfg.Data))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket has mode %v (%v), want 0600", info.Mode().Perm(), err)
	}
	commands["test.panic"] = with(func(context.Context, *App, struct{}) (any, error) { panic("on purpose") })
	defer delete(commands, "test.panic")
	for name, want := range map[string]string{"test.panic": "on purpose", "nothing.such": "does not know the command"} {
		_, err := post(t.Context(), cfg.Data, name, json.RawMessage("{}"))
		var refused *Refusal
		if !errors.As(err, &refused) || !strings.Contains(refused.Sentence, want) {
			t.Errorf("%s: %v, want a refusal with %q", name, err, want)
		}
	}
	if _, err := post(t.Context(), cfg.Data, "tenant.list", json.RawMessage(`{"unknown": 1}`)); err == nil {
		t.Error("an unknown argument was accepted")
	}
	var list []TenantInfo
	if err := Call(t.Context(), cfg, nil, "tenant.list", struct{}{}, &list); err != nil || list == nil {
		t.Errorf("after a panic: %v, %v", list, err)
	}
}

func TestAStartThatFailsSaysWhy(t *testing.T) {
	cases := map[string]struct {
		change func(*config.Config)
		want   string
	}{
		"an address that cannot be used": {func(c *config.Config) { c.HTTP = "256.0.0.1:80" }, "app.address_taken"},
		"a path too long for a socket":   {func(c *config.Config) { c.Data += strings.Repeat("/long", 30) }, "app.long_path"},
		"a file instead of a directory":  {func(c *config.Config) { c.Data = os.Args[0] }, "app.no_dir"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cfg := settings(t)
			c.change(cfg)
			err := Serve(t.Context(), cfg, nil, Start{Out: io.Discard, Log: slog.New(slog.DiscardHandler)})
			if f := fault.Of(err); f == nil || f.Key != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// A deleted system.db beside tenants that are there must never become a new, empty appliance.
func TestALostSystemDatabaseIsNotMadeAnew(t *testing.T) {
	cfg := settings(t)
	a, err := Open(t.Context(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	found(t, a)
	a.Close()
	for _, name := range []string{"system.db", "system.db-wal", "system.db-shm"} {
		if err := os.Remove(filepath.Join(cfg.Data, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if a, err := Open(t.Context(), cfg, nil); err == nil {
		a.Close()
		t.Error("opened an appliance without its system database")
	}
	if exists(filepath.Join(cfg.Data, "system.db")) {
		t.Error("made a new system.db")
	}
}
