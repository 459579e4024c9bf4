package search

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTypedLettersAreMarked(t *testing.T) {
	for _, c := range []struct{ title, text, want string }{
		{"Müller Straßenbau AG", "mull", "[Müll]er Straßenbau AG"},
		{"Müller Straßenbau AG", "strass mu", "[Mü]ller [Straß]enbau AG"},
		{"Mu\u0308ller", "mu", "[Mu\u0308]ller"},
		{"O'Neill & Sons", "oneill", "[O'Neill] & Sons"},
		{"東京都庁", "京都", "東[京都]庁"},
		{"report_2026-final.pdf", "2026 pdf", "report_[2026]-final.[pdf]"},
		{"<b>bold</b>", "b", "<[b]>[b]old</[b]>"},
		{"Home", "", "Home"},
		{"Home", "x", "Home"},
		{"", "x", ""},
	} {
		got := ""
		for _, p := range Marks(c.title, c.text) {
			if p.Hit {
				got += "[" + p.Text + "]"
			} else {
				got += p.Text
			}
		}
		if got != c.want {
			t.Errorf("Marks(%q, %q) = %q, want %q", c.title, c.text, got, c.want)
		}
	}
}

func TestFoldWritesTextsAsTheyAreCompared(t *testing.T) {
	for text, want := range map[string]string{
		"  Crème   BRÛLÉE! ": "creme brulee", "ŁÓDŹ": "lodz", "İstanbul": "istanbul", "ﬁnance": "finance", "Ⅷ": "viii",
		"東京 Tower": "東 京 tower", "100 €/kg": "100 kg", "a\x00b": "a b", "don't": "dont", "\ue000secret": "secret", "👍🏽": "",
	} {
		if got := Fold(text); got != want {
			t.Errorf("Fold(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestDistanceCountsWhatFingersDo(t *testing.T) {
	for _, c := range []struct {
		typed, word string
		want        int
	}{{"schmidt", "schmidt", 0}, {"schm", "schmidt", 0}, {"shcmidt", "schmidt", 1}, {"schmit", "schmidt", 1}, {"mueller", "muller", 1}, {"abcd", "wxyz", 4}} {
		if got := distance(c.typed, c.word); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.typed, c.word, got, c.want)
		}
	}
}

// What people type never becomes part of the language of the index, whatever it is.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{`"`, `a" OR who : "b`, `NEAR(a b)`, `{title} : x`, `a* AND NOT b`, "\ue000company\ue001", `col:x ^y + -z`, "İ'’ß", "東京\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, w := range words(text) {
			if w == "" || !utf8.ValidString(w) || strings.ContainsAny(w, "\"'*^:(){}+- \x00") || strings.ContainsRune(w, '\ue000') {
				t.Errorf("words(%q) gives %q", text, w)
			}
		}
		whole := ""
		for _, p := range Marks(text, text) {
			whole += p.Text
		}
		if whole != string([]rune(text)) {
			t.Errorf("the marks of %q come to %q", text, whole)
		}
	})
}
