package cert

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/crypto/acme"

	"runes.im/platform/clock"
	"runes.im/platform/tenant"
)

// TLS is the configuration of the HTTPS door. The server's own files, where it has any, must be good when it starts.
func (k *Keeper) TLS() (*tls.Config, error) {
	if k.files.cert != "" {
		if _, err := k.files.read(); err != nil {
			return nil, err
		}
	}
	protocols := []string{"h2", "http/1.1"}
	if k.authority != nil {
		protocols = append(protocols, acme.ALPNProto)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: protocols, GetCertificate: k.handshake}, nil
}

// Bare reports whether there is no certificate for any name.
func (k *Keeper) Bare() bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return len(k.held) == 0 && k.files.cert == "" && k.authority == nil
}

// handshake finds the certificate for one connection.
func (k *Keeper) handshake(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	ctx, host := hello.Context(), strings.ToLower(hello.ServerName)
	if len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == acme.ALPNProto && k.authority != nil {
		return k.authority.greeting(host)
	}
	h, _ := k.choose(ctx, host)
	if (h == nil || !h.Covers(host) || !h.holds(clock.Now(ctx))) && k.asks(ctx, host) {
		if err := k.ask(ctx, host, false); err == nil {
			h, _ = k.choose(ctx, host)
		}
	}
	if h != nil {
		return h.cert, nil // perhaps it has ended: the browser says so, which helps more than a broken connection
	}
	return nil, fmt.Errorf("there is no certificate for %q: upload one with “runes tls set”", host)
}

// HTTP answers the authority at the plain door, whatever the host is called; everything else is next's.
func (k *Keeper) HTTP(next http.Handler) http.Handler {
	if k.authority == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, challengePath) {
			host, _ := tenant.HostName(r.Host)
			if text, ok := k.authority.file(host, r.URL.Path); ok {
				w.Header().Set("Content-Type", "text/plain")
				io.WriteString(w, text)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// choose is the best certificate for a host and where it comes from: what was uploaded for the host, for all names of the base domain,
// the server's own where it covers the host, the authority's. One that can be used goes before one that has ended. At last the server's
// own serves whoever asks for nothing that is known.
func (k *Keeper) choose(ctx context.Context, host string) (*held, string) {
	now := clock.Now(ctx)
	var ended *held
	var from string
	for _, c := range k.candidates(ctx, host) {
		switch {
		case c.held == nil || !c.held.Covers(host):
		case c.held.holds(now):
			return c.held, c.source
		case ended == nil:
			ended, from = c.held, c.source
		}
	}
	if ended != nil {
		return ended, from
	}
	if own := k.files.get(); own != nil {
		return own, File
	}
	return nil, ""
}

type candidate struct {
	held   *held
	source string
}

func (k *Keeper) candidates(ctx context.Context, host string) []candidate {
	all := []candidate{{k.own(ctx, host, Upload), Upload}}
	if _, above, below := strings.Cut(host, "."); below && above == k.o.Tenants.Base() {
		all = append(all, candidate{k.at(k.wildcard(), Upload), Upload})
	}
	return append(all, candidate{k.files.get(), File}, candidate{k.own(ctx, host, ACME), ACME})
}

// own is the certificate of exactly that host, as long as the name is whose it was when the certificate came.
func (k *Keeper) own(ctx context.Context, host, source string) *held {
	h := k.at(host, source)
	if h == nil || host == k.wildcard() {
		return h
	}
	if whose, ok := k.o.Tenants.Holder(ctx, host); !ok || whose.TenantID != h.tenantID {
		return nil
	}
	return h
}
