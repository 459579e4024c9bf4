package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"runes.im/platform/fault"
)

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

// port is what links carry behind the host, with its colon: the public port of the settings, else that of the door the
// request came in by. What stands in front of us has the usual one. The Host header has no say: anybody may write it.
func (s *Server) port(r *http.Request, secure bool) string {
	port := s.PublicPort
	if at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok && port == 0 && !s.trusted(remote(r.RemoteAddr)) {
		port = at.Port
	}
	if port == 0 || !secure && port == 80 || secure && port == 443 {
		return ""
	}
	return ":" + strconv.Itoa(port)
}

func remote(hostPort string) netip.Addr {
	if ap, err := netip.ParseAddrPort(hostPort); err == nil {
		return ap.Addr().Unmap()
	}
	host, _, _ := net.SplitHostPort(hostPort)
	address, _ := netip.ParseAddr(host) // a Unix socket has none
	return address.Unmap()
}

// forward leads from an address that the organisation left to the one of today. What people typed there is not sent on: no
// session of theirs holds here, and nothing may be posted to a place that nobody chose. Programs go on with the same method;
// nobody may remember the way, because the address will be another's.
func (s *Server) forward(v *Visit, to string) error {
	r := v.Request
	h := v.Writer.Header()
	h["Cache-Control"] = noStore
	door, _ := s.doors.find(http.MethodGet, r.URL)
	if door == nil && !isRead(r.Method) {
		return fault.New(fault.Misdirected, "web.moved", "host", to)
	}
	there := url.URL{Scheme: "http", Host: to, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	if v.secure {
		there.Scheme = "https"
	}
	h.Set("Location", there.String())
	v.Writer.WriteHeader(http.StatusPermanentRedirect)
	return nil
}
