package tenant

import (
	"testing"

	"runes.im/platform/fault"
)

// A1.5: capitals, spaces, invisible marks, forms of Unicode and look-alike letters make no other name; another word does.
func TestNamesThatLookAlikeAreOne(t *testing.T) {
	s := build(t)
	made, err := s.Create(s.ctx, New{Slug: "halden", Name: "Halden & Fjørd AG"}, Founding{})
	if err != nil {
		t.Fatal(err)
	}
	made.Leave()
	slug := "another"
	for name, isTaken := range map[string]bool{
		"Halden & Fjørd AG": true, "  halden &  FJØRD ag ": true, "Halden&Fjørd AG": true, "Hаlden & Fjørd AG": true, // а of Cyrillic
		"Halden\u200b & Fjørd AG": true, "Ｈalden & Fjørd AG": true, "ΗΑLDEN & FJØRD AG": true, // Η, Α of Greek
		"Halden & Fjord AG": false, "Halden & Fjørd GmbH": false, "Halden": false,
	} {
		if err := s.CheckName(name); (err != nil) != isTaken {
			t.Errorf("%q: %v, want taken %v", name, err, isTaken)
		}
		other, err := s.Create(s.ctx, New{Slug: slug, Name: name}, Founding{})
		if isTaken && (fault.Of(err) == nil || fault.Of(err).Problems["company"].Key != "tenant.name_taken") {
			t.Errorf("%q was made: %v", name, err)
		}
		if !isTaken {
			if err != nil {
				t.Fatalf("%q: %v", name, err)
			}
			other.Leave()
			slug += "-2"
		}
	}
	for _, name := range []string{"", " \u200b ", "a\x07b"} {
		if s.CheckName(name) == nil {
			t.Errorf("%q is a name", name)
		}
	}
}

func TestAnAddressIsProposedThatNobodyHas(t *testing.T) {
	s := build(t)
	made, err := s.Create(s.ctx, New{Slug: "halden", Name: "Halden"}, Founding{})
	if err != nil {
		t.Fatal(err)
	}
	made.Leave()
	for wish, want := range map[string]string{"halden": "halden-2", "fjord": "fjord", "admin": "admin-2", "": "", "ab": "ab-2"} {
		if got := s.FreeSlug(s.ctx, wish); got != want {
			t.Errorf("%q: %q, want %q", wish, got, want)
		}
	}
	if s.CheckSlug(s.ctx, "halden") == nil || s.CheckSlug(s.ctx, "login") == nil || s.CheckSlug(s.ctx, "Halden") == nil || s.CheckSlug(s.ctx, "fjord") != nil {
		t.Error("the wrong addresses are free")
	}
}
