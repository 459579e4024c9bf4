package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "runes.toml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFlagsGoOverTheEnvironmentOverTheFile(t *testing.T) {
	name := file(t, `
http = ":1"
base_domain = "from-file.example"
data = "/from/file"
host = ["a.example", "b.example"]
storage_quota = "10GB"
max_connections = 7
organisations = "self-service"
registration = ["halden.example", "Fjord.example"]
dev = true
`)
	c, err := Load(name, []string{"RUNES_HTTP=:2", "RUNES_DATA=/from/environment", "RUNES_OF_ANOTHER_PROGRAM=x", "HOME=/root"},
		map[string]string{"http": ":3"})
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Data: "/from/environment", HTTP: ":3", BaseDomain: "from-file.example", Hosts: []string{"a.example", "b.example"},
		StorageQuota: 10_000_000_000, MaxConnections: 7, Dev: true, Organisations: "self-service", Registration: []string{"halden.example", "fjord.example"},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestNothingSaidMeansTheDefaults(t *testing.T) {
	c, err := Load("", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c, Default()) {
		t.Errorf("got %+v, want the defaults", c)
	}
}

func TestMistakesNameTheSetting(t *testing.T) {
	tests := []struct {
		name, file string
		environ    []string
		flags      map[string]string
		want       string
	}{
		{"an unknown key of the file", `htttp = ":1"`, nil, nil, `no setting "htttp"`},
		{"a table in the file", "[http]\nport = 1", nil, nil, "http"},
		{"no TOML", `http = `, nil, nil, "runes.toml"},
		{"a size without sense", "", []string{"RUNES_STORAGE_QUOTA=much"}, nil, "RUNES_STORAGE_QUOTA"},
		{"a number that is none", "", nil, map[string]string{"max-connections": "many"}, "--max-connections"},
		{"a proxy that is no address", "", nil, map[string]string{"trusted-proxies": "10.0.0.1,proxy.local"}, "proxy.local"},
		{"an unknown flag", "", nil, map[string]string{"colour": "red"}, "colour"},
		{"ACME without its door", "", nil, map[string]string{"acme": "ops@acme.example"}, "--https"},
		{"ACME without an address", "", nil, map[string]string{"acme": "yes", "https": ":443"}, "e-mail"},
		{"a directory without ACME", "", nil, map[string]string{"acme-directory": "https://ca.example/dir"}, "--acme"},
		{"half a certificate", "", nil, map[string]string{"tls-cert": "x.pem"}, "go together"},
		{"a log format that does not exist", "", nil, map[string]string{"log-format": "xml"}, "xml"},
		{"a public port that is none", "", nil, map[string]string{"public-port": "70000"}, "--public-port"},
		{"a negative quota", `storage_quota = -1`, nil, nil, "storage_quota"},
		{"organisations of an unknown sort", `organisations = "many"`, nil, nil, "organisations"},
		{"registration without organisations to make", `registration = "open"`, nil, nil, "self-service"},
		{"registration of what is no domain", "", nil, map[string]string{"organisations": "self-service", "registration": "everybody"}, "everybody"},
		{"registration that is open and closed", "", nil, map[string]string{"organisations": "self-service", "registration": "open,invitation"}, "alone"},
		{"no data directory", "", nil, map[string]string{"data": ""}, "--data"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load(file(t, test.file), test.environ, test.flags)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error about %q", err, test.want)
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "absent.toml"), nil, nil); err == nil {
		t.Error("a file that was named and is not there was accepted")
	}
}

func TestValuesAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1048576": 1 << 20, "500MB": 500_000_000, "1.5 GiB": 3 << 29, "10gb": 10_000_000_000, "2 TiB": 2 << 40, "64kb": 64_000,
	} {
		if got, err := Size(text); err != nil || got != want {
			t.Errorf("Size(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "GB", "-1", "1e30", "NaN", "12 apples"} {
		if got, err := Size(text); err == nil {
			t.Errorf("Size(%q) = %d, want an error", text, got)
		}
	}
	c, err := Load(file(t, ""), nil, map[string]string{"trusted-proxies": "10.0.0.1, 192.168.0.9/16,::1"})
	if err != nil {
		t.Fatal(err)
	}
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32"), netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("::1/128")}
	if !reflect.DeepEqual(c.TrustedProxies, want) {
		t.Errorf("proxies = %v, want %v", c.TrustedProxies, want)
	}
}

func TestASettingsLineKeepsSecretsToItself(t *testing.T) {
	c := Default()
	c.Key = "/etc/runes/secret-place.key"
	if line := c.String(); strings.Contains(line, "secret-place") || !strings.Contains(line, "key=(set)") || !strings.Contains(line, "http=:8080") {
		t.Errorf("got %q", line)
	}
}
