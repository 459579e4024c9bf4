package place

import (
	"os"
	"path/filepath"
	"testing"
)

// text and table write values as the MaxMind format has them: a type and a length, then the content.
func text(s string) []byte {
	if len(s) < 29 {
		return append([]byte{2<<5 | byte(len(s))}, s...)
	}
	return append([]byte{2<<5 | 29, byte(len(s) - 29)}, s...)
}

func number(n byte) []byte { return []byte{5<<5 | 1, n} }

func table(pairs ...[]byte) []byte {
	all := []byte{7<<5 | byte(len(pairs)/2)}
	for _, one := range pairs {
		all = append(all, one...)
	}
	return all
}

// file is a database of one network, 128.0.0.0/1 in IPv4, with the entry; of all else it knows nothing.
func file(t *testing.T, entry []byte) string {
	t.Helper()
	const nodes = 1
	tree := []byte{0, 0, nodes, 0, 0, nodes + 16} // left: nothing; right: the entry at 0 of the data
	raw := append(append(tree, make([]byte, 16)...), entry...)
	raw = append(raw, "\xab\xcd\xefMaxMind.com"...)
	raw = append(raw, table(
		text("node_count"), number(nodes), text("record_size"), number(24), text("ip_version"), number(4),
		text("binary_format_major_version"), number(2), text("binary_format_minor_version"), number(0),
		text("build_epoch"), number(1), text("database_type"), text("Test-City"),
		text("languages"), []byte{0, 4}, text("description"), table(text("en"), text("A test")),
	)...)
	name := filepath.Join(t.TempDir(), "places.mmdb")
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestAnAddressHasAPlaceInTheLanguageOfThePerson(t *testing.T) {
	zurich := table(
		text("city"), table(text("names"), table(text("en"), text("Zurich"), text("de"), text("Zürich"))),
		text("country"), table(text("iso_code"), text("CH")),
	)
	a, err := Open(file(t, zurich))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for _, c := range []struct{ address, lang, want string }{
		{"192.0.2.7", "en", "Zurich, Switzerland"},
		{"192.0.2.7", "de", "Zürich, Schweiz"},
		{"192.0.2.7", "it", "Zurich, Svizzera"},
		{"::ffff:192.0.2.7", "fr", "Zurich, Suisse"},
		{"10.0.0.1", "en", ""},
		{"2001:db8::1", "en", ""},
		{"nonsense", "en", ""},
	} {
		if got := a.Of(c.address, c.lang); got != c.want {
			t.Errorf("%s in %s is %q, want %q", c.address, c.lang, got, c.want)
		}
	}
}

func TestWithoutAFileNothingIsKnown(t *testing.T) {
	a, err := Open("")
	if err != nil || a.Of("192.0.2.7", "en") != "" || a.Close() != nil {
		t.Errorf("%v, %v", a, err)
	}
	broken := filepath.Join(t.TempDir(), "broken.mmdb")
	if err := os.WriteFile(broken, []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{broken, filepath.Join(t.TempDir(), "absent.mmdb")} {
		if _, err := Open(name); err == nil {
			t.Errorf("%s was opened", name)
		}
	}
}

// A new file holds without a restart; one that cannot be read leaves the one of before.
func TestTheFileIsFollowed(t *testing.T) {
	city := func(name string) []byte {
		return table(text("city"), table(text("names"), table(text("en"), text(name))), text("country"), table(text("iso_code"), text("CH")))
	}
	name := filepath.Join(t.TempDir(), "places.mmdb")
	a, err := Open(name)
	if err == nil {
		t.Fatal("a file that is not there was opened")
	}
	defer a.Close()
	a.every = 0
	if got := a.Of("192.0.2.7", "en"); got != "" {
		t.Errorf("without a file: %q", got)
	}
	for _, c := range []struct{ from, want string }{
		{file(t, city("Zurich")), "Zurich, Switzerland"},
		{file(t, city("Basel")), "Basel, Switzerland"},
	} {
		if err := os.Rename(c.from, name); err != nil {
			t.Fatal(err)
		}
		if got := a.Of("192.0.2.7", "en"); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(broken, name); err != nil {
		t.Fatal(err)
	}
	if got := a.Of("192.0.2.7", "en"); got != "Basel, Switzerland" {
		t.Errorf("with a damaged file: %q", got)
	}
}
