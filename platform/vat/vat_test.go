package vat

import (
	"testing"

	"runes.im/data"
)

// Every example is a real id, or one that its country prints on its forms: form and check digits hold.
func TestTheExamplesHold(t *testing.T) {
	countries := map[string]bool{}
	for _, c := range data.Countries() {
		countries[c.Code] = true
	}
	for country, f := range forms {
		if !countries[country] {
			t.Errorf("%s is no country", country)
		}
		if got, ok := Tidy(country, f.example); !ok || got != f.example {
			t.Errorf("%s: %q became %q, %v", country, f.example, got, ok)
		}
	}
}

// One digit that is wrong is seen wherever the check digits are known.
func TestASlipOfTheFingerIsSeen(t *testing.T) {
	for country, f := range forms {
		if f.check == nil {
			continue
		}
		seen, tried := 0, 0
		for n, c := range f.example {
			if c < '0' || c > '9' || n < len(f.prefix) {
				continue
			}
			wrong := []byte(f.example)
			wrong[n] = '0' + (byte(c)-'0'+1)%10
			tried++
			if _, ok := Tidy(country, string(wrong)); !ok {
				seen++
			}
		}
		if seen < tried-2 { // a key may hide one or two places: the twelve digits of Sweden end in 01, two digits after the B
			t.Errorf("%s: %d of %d slips were seen", country, seen, tried)
		}
	}
}

func TestIdsAreWrittenInOneWay(t *testing.T) {
	for _, c := range []struct{ country, typed, want string }{
		{"CH", "che107787577mwst", "CHE-107.787.577 MWST"},
		{"CH", "CHE-107.787.577", "CHE-107.787.577"},
		{"DE", "de 136 695 976", "DE136695976"},
		{"DE", "136695976", "DE136695976"},
		{"NO", "995 525 828", "NO995525828MVA"},
		{"GB", "GB 980 7806 84", "GB980780684"},
		{"JP", "T1234567890123", "T1234567890123"},
	} {
		if got, ok := Tidy(c.country, c.typed); !ok || got != c.want {
			t.Errorf("%s %q: %q, %v, want %q", c.country, c.typed, got, ok, c.want)
		}
	}
	for _, c := range []struct{ country, typed string }{
		{"DE", "ATU13585627"},
		{"DE", "DE136695977"},
		{"CH", "CHE-107.787.578"},
		{"FR", "FR41303265045"},
		{"IT", "IT1"},
		{"JP", "<b>"},
		{"DE", ""},
		{"AT", "U13585628"},
		{"DE", "DE１３６６９５９７６"},
	} {
		if got, ok := Tidy(c.country, c.typed); ok {
			t.Errorf("%s %q was taken as %q", c.country, c.typed, got)
		}
	}
}
