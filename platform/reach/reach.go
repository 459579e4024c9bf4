// Package reach asks the outside world: names of a DNS server, and small files of web servers at public addresses alone.
package reach

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

const (
	patience = 10 * time.Second
	mostFile = 4 << 10
	mostHops = 3
)

// ErrNone says that there is no such record or file; every other error says that nobody could be asked.
var ErrNone = errors.New("there is none")

// Asker asks.
type Asker struct {
	resolver *net.Resolver
	client   *http.Client
	mayCall  func(netip.AddrPort) bool
}

// New asks the DNS server at that address; empty: those of the machine.
func New(dns string) *Asker {
	a := &Asker{resolver: net.DefaultResolver, mayCall: isPublic}
	if dns != "" {
		a.resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, dns)
		}}
	}
	// The address is looked at after the name was resolved and right before the call, so that no second answer of a name server
	// leads elsewhere.
	dialer := &net.Dialer{Timeout: patience, Resolver: a.resolver, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err == nil && !a.mayCall(to) {
			err = errors.New("the address is not public")
		}
		return err
	}}
	a.client = &http.Client{
		Timeout:   patience,
		Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, MaxResponseHeaderBytes: 32 << 10},
		CheckRedirect: func(to *http.Request, before []*http.Request) error {
			if len(before) >= mostHops || to.URL.Hostname() != before[0].URL.Hostname() {
				return errors.New("the answer leads elsewhere")
			}
			return nil
		},
	}
	return a
}

// TXT are the texts at a name.
func (a *Asker) TXT(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found, err := a.resolver.LookupTXT(ctx, name+".") // as it is, without the machine's own domain behind it
	var none *net.DNSError
	if errors.As(err, &none) && none.IsNotFound {
		return nil, ErrNone
	}
	return found, err
}

// File is the beginning of a file at a host, asked for over plain HTTP: who holds the name decides what answers there, and may
// lead to its own HTTPS.
func (a *Asker) File(ctx context.Context, host, path string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, (&url.URL{Scheme: "http", Host: host, Path: path}).String(), nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("User-Agent", "RUNES")
	res, err := a.client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return "", ErrNone
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, mostFile))
	return string(text), err
}

// inside are networks that look public and lead to machines next to us, or carry another address within.
var inside = func() (all []netip.Prefix) {
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}()

// isPublic reports whether the address is one of the open Internet, at a web server's port.
func isPublic(to netip.AddrPort) bool {
	address := to.Addr()
	if address.Is4In6() || !address.IsGlobalUnicast() || address.IsPrivate() || to.Port() != 80 && to.Port() != 443 {
		return false
	}
	for _, p := range inside {
		if p.Contains(address) {
			return false
		}
	}
	return true
}
