package tenant

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"runes.im/platform/fault"
)

func TestNamesOfNewTenants(t *testing.T) {
	s := build(t)
	made, err := s.Create(s.ctx, New{Slug: "acme", Name: "Straße  & Söhne", Locale: "de", Zone: "Europe/Zurich"}, Founding{})
	if err != nil {
		t.Fatal(err)
	}
	made.Leave()
	long := strings.Repeat("a", 41)
	for _, c := range []struct{ what, slug, name, field string }{
		{"too short", "ab", "X", "slug"},
		{"too long", long, "X", "slug"},
		{"a capital", "Acme", "X", "slug"},
		{"a dot", "a.b.c", "X", "slug"},
		{"the folder above", "..", "X", "slug"},
		{"a slash", "a/b/c", "X", "slug"},
		{"a hyphen in front", "-acme", "X", "slug"},
		{"a hyphen at the end", "acme-", "X", "slug"},
		{"a NUL", "ac\x00me", "X", "slug"},
		{"an umlaut", "äcme", "X", "slug"},
		{"reserved", "admin", "X", "slug"},
		{"like an encoded name", "xn--acme", "X", "slug"},
		{"a device of Windows", "con", "X", "slug"},
		{"taken", "acme", "Other", "slug"},
		{"no name", "globex", "  ", "company"},
		{"the same name in other letters", "globex", "STRASSE & SÖHNE", "company"},
		{"the same name decomposed", "globex", "Straße & So\u0308hne", "company"},
		{"the same name with something invisible", "globex", "Straße\u200b & Söhne", "company"},
		{"the same name in full width", "globex", "Ｓｔｒａße & Söhne", "company"},
	} {
		_, err := s.Create(s.ctx, New{Slug: c.slug, Name: c.name}, Founding{})
		if f := fault.Of(err); f == nil || f.Problems[c.field].Key == "" {
			t.Errorf("%s: Create(%q, %q) = %v, want a problem with %s", c.what, c.slug, c.name, err, c.field)
		}
	}
	list, err := s.List(s.ctx)
	if err != nil || len(list) != 1 || list[0].Name != "Straße & Söhne" || list[0].Zone != "Europe/Zurich" || list[0].State != "active" {
		t.Errorf("List = %+v, %v", list, err)
	}
	entries, err := os.ReadDir(filepath.Join(s.dir, "tenants"))
	if err != nil || len(entries) != 1 {
		t.Errorf("folders of refused tenants: %v, %v", entries, err)
	}
}
