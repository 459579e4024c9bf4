package tenant

import (
	"strings"
	"testing"
)

func TestHostHeaders(t *testing.T) {
	cases := []struct{ what, header, want string }{
		{"a plain name", "acme.example.com", "acme.example.com"},
		{"a name with a port", "acme.example.com:8080", "acme.example.com"},
		{"capital letters", "ACME.Example.COM", "acme.example.com"},
		{"an international name in ASCII", "xn--bcher-kva.example", "xn--bcher-kva.example"},
		{"an IPv4 address", "192.0.2.7:80", "192.0.2.7"},
		{"an IPv6 address", "[2001:DB8::1]:443", "2001:db8::1"},
		{"an IPv6 address without a port", "[::1]", "::1"},
		{"nothing", "", ""},
		{"a port and then more", "name:8080.evil.test", ""},
		{"two ports", "name:80:80", ""},
		{"an empty port", "name:", ""},
		{"a port of letters", "name:http", ""},
		{"a port with a sign", "name:+80", ""},
		{"port zero", "name:0", ""},
		{"a port beyond the last one", "name:65536", ""},
		{"a person before the name", "user@host", ""},
		{"a path behind the name", "name/evil", ""},
		{"a backslash", `name\evil`, ""},
		{"a blank in front", " name", ""},
		{"a line break", "name\r\nX: y", ""},
		{"a NUL", "name\x00.evil", ""},
		{"a dot at the end", "acme.example.com.", ""},
		{"a dot in front", ".example.com", ""},
		{"two dots", "acme..com", ""},
		{"a hyphen in front", "-acme.com", ""},
		{"an underscore", "ac_me.com", ""},
		{"an international name as it is written", "bücher.example", ""},
		{"the Kelvin sign, which lower case would make a k", "acme.\u212Aom", ""},
		{"percent-encoding", "acme%2eexample.com", ""},
		{"an IPv6 address without brackets", "2001:db8::1", ""},
		{"an IPv6 zone", "[fe80::1%25eth0]", ""},
		{"brackets that stay open", "[::1", ""},
		{"something between bracket and port", "[::1]x:80", ""},
		{"IPv4 in brackets", "[192.0.2.7]", ""},
		{"a number that programs read as an address", "2130706433", ""},
		{"a short address", "127.1", ""},
		{"a hexadecimal address", "0x7f.0x1", ""},
		{"two names", "acme.com,evil.com", ""},
		{"a name too long", strings.Repeat("a.", 130) + "com", ""},
		{"a part too long", strings.Repeat("a", 64) + ".com", ""},
	}
	for _, c := range cases {
		t.Run(c.what, func(t *testing.T) {
			got, ok := parseHost(c.header)
			if ok != (c.want != "") || ok && got.name != c.want {
				t.Errorf("parseHost(%q) = %q, %v, want %q", c.header, got.name, ok, c.want)
			}
		})
	}
}

func FuzzHost(f *testing.F) {
	for _, seed := range []string{"acme.example.com:8080", "[::1]:443", "name:8080.evil.test", "user@host", "1.2.3.4", "", "a:", "x\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		h, ok := parseHost(header)
		if !ok {
			return
		}
		again, ok := parseHost(h.name)
		if h.address && strings.Contains(h.name, ":") {
			again, ok = parseHost("[" + h.name + "]")
		}
		if !ok || again != h {
			t.Errorf("%q became %+v, which reads as %+v", header, h, again)
		}
		if strings.ContainsAny(h.name, "/\\@ \x00%") || !h.address && strings.Contains(h.name, ":") {
			t.Errorf("%q became %q", header, h.name)
		}
		if rest := strings.ToLower(header); !h.address && !strings.HasPrefix(rest, h.name) {
			t.Errorf("%q became %q", header, h.name)
		}
	})
}
