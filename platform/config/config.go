// Package config is the appliance's settings: one struct, filled from a file, the environment and the command line,
// that prints itself without secrets.
package config

import (
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/BurntSushi/toml"
)

// File is where the settings lie unless the command line says otherwise.
const File = "/etc/runes/runes.toml"

// Config is every setting. The tag is the flag; the variable is RUNES_ and the flag in capitals, the key in the file is
// the flag, both with underscores.
type Config struct {
	Data           string         `set:"data"`            // directory of everything
	HTTP           string         `set:"http"`            // address of the plain door
	HTTPS          string         `set:"https"`           // address of the TLS door; empty: none
	TLSCert        string         `set:"tls-cert"`        // certificate chain file of the TLS door
	TLSKey         string         `set:"tls-key"`         // its key file
	ACME           string         `set:"acme"`            // address that a certificate authority may write to; with it certificates are asked for. Empty: none are
	ACMEDirectory  string         `set:"acme-directory"`  // of the authority; empty: Let's Encrypt
	BaseDomain     string         `set:"base-domain"`     // tenants are SLUG.BASE-DOMAIN
	Hosts          []string       `set:"host"`            // further names of the only tenant
	Key            string         `set:"key"`             // file of the master key; empty: found by its default places
	TrustedProxies []netip.Prefix `set:"trusted-proxies"` // whose forwarded headers count
	PublicPort     int            `set:"public-port"`     // of the links people get, where something in front changes it; 0: the door's own
	StorageQuota   int64          `set:"storage-quota"`   // bytes a person may store; 0: no limit
	MaxConnections int            `set:"max-connections"` // at once from one address; 0: no limit
	Places         string         `set:"places"`          // database file that says where addresses are; empty: nothing says it
	DNS            string         `set:"dns"`             // name server that proofs of domains are looked up at; empty: the machine's
	LogFormat      string         `set:"log-format"`      // "json", "text"; empty: text on a terminal
	Organisations  string         `set:"organisations"`   // who makes them: "single", "operator", "self-service"
	Registration   []string       `set:"registration"`    // who may register an account: "invitation", "open", or domains of addresses
	Prices         string         `set:"prices"`          // file of the price list; empty: everything is included
	Dev            bool           `set:"dev"`             // the gallery of parts is reachable
}

// Default is the settings where nobody says anything.
func Default() *Config {
	return &Config{
		Data: "./runes-data", HTTP: ":8080", BaseDomain: "localhost", MaxConnections: 1024,
		Organisations: Single, Registration: []string{Invitation},
	}
}

// Load puts the flags given on the command line over environ (os.Environ) over the file. An empty file name means File,
// which need not exist; a file that was named must.
func Load(file string, environ []string, flags map[string]string) (*Config, error) {
	c := Default()
	if err := c.readFile(file); err != nil {
		return nil, err
	}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		rest, ours := strings.CutPrefix(name, "RUNES_")
		flag := strings.ToLower(strings.ReplaceAll(rest, "_", "-"))
		// Other programs may keep their own RUNES_ variables, so an unknown one is none of our business.
		if !ours || !known(flag) {
			continue
		}
		if err := c.set(flag, value); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for flag, value := range flags {
		if err := c.set(flag, value); err != nil {
			return nil, fmt.Errorf("--%s: %w", flag, err)
		}
	}
	return c, c.check()
}

func (c *Config) readFile(file string) error {
	named := file != ""
	if !named {
		file = File
	}
	raw, err := os.ReadFile(file)
	if os.IsNotExist(err) && !named {
		return nil
	}
	if err != nil {
		return err
	}
	var keys map[string]any
	if err := toml.Unmarshal(raw, &keys); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for key, value := range keys {
		flag := strings.ReplaceAll(key, "_", "-")
		if !known(flag) {
			return fmt.Errorf("%s: there is no setting %q", file, key)
		}
		written, err := fromTOML(value)
		if err == nil {
			err = c.set(flag, written)
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", file, key, err)
		}
	}
	return nil
}

// fromTOML writes a value of the file the way the command line has it.
func fromTOML(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case bool, int64:
		return fmt.Sprint(v), nil
	case []any:
		var parts []string
		for _, one := range v {
			part, err := fromTOML(one)
			if err != nil {
				return "", err
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, ","), nil
	}
	return "", fmt.Errorf("%v is neither text, a number, true, false nor a list of them", value)
}

func (c *Config) check() error {
	if c.Data == "" {
		return fmt.Errorf("the data directory has no name: set --data")
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return fmt.Errorf("--tls-cert and --tls-key go together")
	}
	if c.ACME != "" && (c.HTTPS == "" || !strings.Contains(c.ACME, "@")) {
		return fmt.Errorf("--acme is an e-mail address and needs --https, the door that the certificates are for")
	}
	if c.ACMEDirectory != "" && (c.ACME == "" || !strings.HasPrefix(c.ACMEDirectory, "https://") && !strings.HasPrefix(c.ACMEDirectory, "http://")) {
		return fmt.Errorf("--acme-directory is a URL and goes with --acme")
	}
	if c.LogFormat != "" && c.LogFormat != "json" && c.LogFormat != "text" {
		return fmt.Errorf("--log-format is json or text, not %q", c.LogFormat)
	}
	if c.PublicPort < 0 || c.PublicPort > 65535 {
		return fmt.Errorf("--public-port is a port: 1 to 65535, or 0 for the door's own")
	}
	if c.StorageQuota < 0 || c.MaxConnections < 0 {
		return fmt.Errorf("--storage-quota and --max-connections are not below 0")
	}
	return c.checkEntrance()
}
