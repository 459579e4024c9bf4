package config

import (
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
)

func field(c *Config, flag string) (reflect.Value, bool) {
	v := reflect.ValueOf(c).Elem()
	for n := range v.NumField() {
		if v.Type().Field(n).Tag.Get("set") == flag {
			return v.Field(n), true
		}
	}
	return reflect.Value{}, false
}

func known(flag string) bool {
	_, ok := field(new(Config), flag)
	return ok
}

func (c *Config) set(flag, value string) error {
	f, ok := field(c, flag)
	if !ok {
		return fmt.Errorf("there is no setting %q", flag)
	}
	var err error
	switch to := f.Addr().Interface().(type) {
	case *string:
		*to = value
	case *bool:
		*to, err = strconv.ParseBool(value)
	case *int:
		*to, err = strconv.Atoi(value)
	case *int64:
		*to, err = Size(value)
	case *[]string:
		*to = list(value)
	case *[]netip.Prefix:
		*to, err = prefixes(value)
	}
	return err
}

func list(value string) []string {
	var parts []string
	for part := range strings.SplitSeq(value, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

func prefixes(value string) ([]netip.Prefix, error) {
	var found []netip.Prefix
	for _, part := range list(value) {
		if address, err := netip.ParseAddr(part); err == nil {
			found = append(found, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network", part)
		}
		found = append(found, p.Masked())
	}
	return found, nil
}

var units = []struct {
	name  string
	bytes float64
}{
	{"KIB", 1 << 10},
	{"MIB", 1 << 20},
	{"GIB", 1 << 30},
	{"TIB", 1 << 40},
	{"KB", 1e3},
	{"MB", 1e6},
	{"GB", 1e9},
	{"TB", 1e12},
	{"B", 1},
}

// Size reads a number of bytes as people write it: 1048576, 500MB, 1.5 GiB.
func Size(text string) (int64, error) {
	digits, factor := strings.ToUpper(strings.TrimSpace(text)), 1.0
	for _, u := range units {
		if rest, ok := strings.CutSuffix(digits, u.name); ok {
			digits, factor = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || n < 0 || n*factor >= math.MaxInt64 || math.IsNaN(n) {
		return 0, fmt.Errorf("%q is not a size like 500MB or 10GB", text)
	}
	return int64(n * factor), nil
}

// String shows the settings for a log. The place of the key is nobody's business.
func (c *Config) String() string {
	var b strings.Builder
	v := reflect.ValueOf(c).Elem()
	for n := range v.NumField() {
		name, value := v.Type().Field(n).Tag.Get("set"), v.Field(n).Interface()
		if (name == "key" || name == "tls-key") && value != "" {
			value = "(set)"
		}
		fmt.Fprintf(&b, "%s=%v ", name, value)
	}
	return strings.TrimSuffix(b.String(), " ")
}
