package web

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// hostName is the name or address of a Host header without its port; false when the header is not exactly one of
// name, name:port, 1.2.3.4, 1.2.3.4:port, [::1] and [::1]:port.
func hostName(host string) (string, bool) {
	if host == "" || len(host) > 260 {
		return "", false
	}
	name := host
	if strings.HasPrefix(host, "[") {
		inner, rest, closed := strings.Cut(host[1:], "]")
		address, err := netip.ParseAddr(inner)
		if !closed || err != nil || !address.Is6() || address.Zone() != "" || !isPort(rest) {
			return "", false
		}
		return address.String(), true
	}
	if colon := strings.IndexByte(host, ':'); colon >= 0 {
		if !isPort(host[colon:]) {
			return "", false
		}
		name = host[:colon]
	}
	if address, err := netip.ParseAddr(name); err == nil {
		return address.String(), address.Is4()
	}
	return strings.ToLower(name), isName(name)
}

// isPort accepts nothing, or a colon and a number from 1 to 65535.
func isPort(text string) bool {
	if text == "" {
		return true
	}
	if len(text) < 2 || len(text) > 6 || text[0] != ':' || text[1] < '1' || text[1] > '9' {
		return false
	}
	n, err := strconv.Atoi(text[1:])
	return err == nil && n <= 65535
}

// isName accepts a DNS name of letters, digits and hyphens; a final dot is another spelling and not accepted.
func isName(name string) bool {
	if name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			c := label[i]
			if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
				return false
			}
		}
	}
	return true
}

// isLocal reports names that every browser treats as its own machine.
func isLocal(host string) bool { return host == "localhost" || strings.HasSuffix(host, ".localhost") }

// origin is the network address a request comes from and whether its way to us was encrypted. What a proxy says
// about it counts only when the proxy is one of ours.
func (s *Server) origin(r *http.Request) (netip.Addr, bool) {
	address, secure := remote(r.RemoteAddr), r.TLS != nil
	if !s.trusted(address) {
		return address, secure
	}
	if proto := r.Header.Values("X-Forwarded-Proto"); len(proto) == 1 {
		secure = proto[0] == "https"
	}
	if host := r.Header.Values("X-Forwarded-Host"); len(host) == 1 {
		r.Host = host[0]
	}
	// The last address that is not one of our proxies: everything before it is what the client chose to say.
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		if address = hop.Unmap(); !s.trusted(address) {
			break
		}
	}
	return address, secure
}

func (s *Server) trusted(address netip.Addr) bool {
	for _, p := range s.Proxies {
		if p.Contains(address) {
			return true
		}
	}
	return false
}

func remote(hostPort string) netip.Addr {
	if ap, err := netip.ParseAddrPort(hostPort); err == nil {
		return ap.Addr().Unmap()
	}
	host, _, _ := net.SplitHostPort(hostPort)
	address, _ := netip.ParseAddr(host) // a Unix socket has none
	return address.Unmap()
}
