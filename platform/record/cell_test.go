package record

import (
	"strings"
	"testing"

	"runes.im/platform/fault"
)

// I3: what begins like a formula is text in CSV, numbers stay numbers, and our own import reads the same again.
func TestNoCellOfAnExportIsAFormula(t *testing.T) {
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+41 31 555": "'+41 31 555", "-1": "-1", "-1.5": "-1.5", "+7": "+7", "-a": "'-a", "@SUM(A1)": "'@SUM(A1)",
		"\tx": "'\tx", "\rx": "'\rx", "＝1": "'＝1", "＠x": "'＠x", "": "", "plain": "plain", "'quoted": "'quoted", "-0x1p5": "'-0x1p5", "+Inf": "'+Inf",
	} {
		if got := Harmless(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
		if got := unguarded(Harmless(cell)); got != cell {
			t.Errorf("%q comes back as %q", cell, got)
		}
	}
}

func TestValuesAreTidiedOrRefused(t *testing.T) {
	tests := []struct {
		sort, raw, want string
		refused         bool
	}{
		{"text", "  Acme \t AG\u0007 ", "Acme AG", false},
		{"text", "Zu\u0308rich", "Zürich", false},
		{"long", "one\r\n two\x00", "one\n two", false},
		{"url", "acme.example", "https://acme.example", false},
		{"url", "HTTP://Acme.Example/Path", "http://acme.example/Path", false},
		{"url", "javascript:alert(1)", "", true},
		{"url", "data:text/html,x", "", true},
		{"url", "https://user:secret@acme.example", "", true},
		{"url", "https://acme.example/\"><script>", "", true},
		{"email", "Ida.Frey@Acme.Example", "Ida.Frey@acme.example", false},
		{"email", "Ida <ida@acme.example>", "", true},
		{"email", "ida@localhost", "", true},
		{"email", "ida@acme.example\r\nBcc: x@y.example", "", true},
		{"phone", "+41 (0)31 555-01.12", "+41 (0)31 555-01.12", false},
		{"phone", "call me", "", true},
		{"country", "ch", "CH", false},
		{"country", "österreich", "AT", false},
		{"country", "Suisse", "CH", false},
		{"country", "Atlantis", "", true},
		{"bool", "ja", "1", false},
		{"bool", "off", "", false},
		{"bool", "maybe", "", true},
		{"date", "2026-02-29", "", true},
		{"number", "12x", "", true},
	}
	for _, c := range tests {
		form := fault.Form{}
		got := (&Field{Name: "f", Sort: c.sort, Max: 500}).clean(c.raw, &form)
		if refused := form.Err() != nil; refused != c.refused || !refused && got != c.want {
			t.Errorf("%s %q: got %q, refused %v; want %q, refused %v", c.sort, c.raw, got, refused, c.want, c.refused)
		}
	}
}

func TestDepthIsCountedOutsideOfStrings(t *testing.T) {
	for text, want := range map[string]bool{
		strings.Repeat("[", 64) + strings.Repeat("]", 64): false,
		strings.Repeat("[", 65):                           true,
		`"` + strings.Repeat("[", 99) + `\"["`:            false,
		strings.Repeat(`{"a":[`, 33):                      true,
	} {
		if got := tooDeep([]byte(text)); got != want {
			t.Errorf("%.20s: got %v, want %v", text, got, want)
		}
	}
}
