package tenant

import (
	"net/netip"
	"strconv"
	"strings"
)

// host is a Host header, understood: a name in lower case without its port, or an address.
type host struct {
	name    string
	address bool
}

// parseHost understands a Host header or refuses it. It is strict, because everything behind it trusts the answer:
// only letters, digits and hyphens in ASCII (an international name arrives as xn--…), at most one port of digits, no
// dot at the end (a browser keeps name and "name." apart, so only one of them may be the tenant), no zone.
func parseHost(value string) (host, bool) {
	if len(value) == 0 || len(value) > 253+len(":65535") {
		return host{}, false
	}
	if value[0] == '[' {
		inside, port, closed := strings.Cut(value[1:], "]")
		address, err := netip.ParseAddr(inside)
		if !closed || err != nil || !address.Is6() || address.Zone() != "" || (port != "" && !isPort(port)) {
			return host{}, false
		}
		return host{name: address.String(), address: true}, true
	}
	name, port := value, ""
	if colon := strings.IndexByte(value, ':'); colon >= 0 {
		name, port = value[:colon], value[colon:]
	}
	if port != "" && !isPort(port) {
		return host{}, false
	}
	if address, err := netip.ParseAddr(name); err == nil {
		return host{name: address.String(), address: true}, true
	}
	name = lower(name)
	return host{name: name}, isName(name)
}

// HostName is the name or address of a Host header without its port; false when the header is not exactly one of
// name, name:port, 1.2.3.4, 1.2.3.4:port, [::1] and [::1]:port.
func HostName(value string) (string, bool) {
	h, ok := parseHost(value)
	return h.name, ok
}

func isPort(text string) bool {
	digits := strings.TrimPrefix(text, ":")
	if len(digits) == len(text) || len(digits) == 0 || len(digits) > 5 || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	port, err := strconv.Atoi(digits)
	return err == nil && port > 0 && port <= 65535
}

func isName(name string) bool {
	if len(name) > 253 {
		return false
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if !isLabel(label) {
			return false
		}
	}
	// Programs read a name whose last part is a number as an address (127.1, 0x7f.0x1); netip would have known a real one.
	last := labels[len(labels)-1]
	return strings.Trim(last, "0123456789") != "" && !strings.HasPrefix(last, "0x")
}

func isLabel(label string) bool {
	if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for i := range len(label) {
		c := label[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// lower folds ASCII alone: strings.ToLower would turn the Kelvin sign into a k.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
