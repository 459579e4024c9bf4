package words

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func load(t *testing.T, english, german string) *Book {
	t.Helper()
	b, err := Load(fstest.MapFS{"en.json": {Data: []byte(english)}, "de.json": {Data: []byte(german)}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTextsArePickedAndFilled(t *testing.T) {
	b := load(t, `{
		"a.plain": "New folder",
		"a.files": {"one": "{n} file in {folder}", "other": "{n} files in {folder}"},
		"a.year": "In {year}",
		"a.english_only": "Only here"
	}`, `{"a.plain": "Neuer Ordner", "a.files": {"one": "{n} Datei in {folder}", "other": "{n} Dateien in {folder}"}}`)
	tests := []struct {
		name, lang, key string
		args            []any
		want            string
	}{
		{"a plain text", "de", "a.plain", nil, "Neuer Ordner"},
		{"one in English", "en", "a.files", []any{"n", 1, "folder", "Bern"}, "1 file in Bern"},
		{"none is other in English", "en", "a.files", []any{"n", 0, "folder", "Bern"}, "0 files in Bern"},
		{"many, grouped as German does it", "de", "a.files", []any{"n", int64(12345), "folder", "Bern"}, "12.345 Dateien in Bern"},
		{"a number that was kept as text", "de", "a.files", []any{"n", "1", "folder", "Bern"}, "1 Datei in Bern"},
		{"far more than a small int", "en", "a.files", []any{"n", int64(1) << 40, "folder", "x"}, "1,099,511,627,776 files in x"},
		{"a template that fills the place later", "en", "a.files", []any{"n", "{n}", "folder", "x"}, "{n} files in x"},
		{"a year is not grouped", "en", "a.year", []any{"year", 2026}, "In 2026"},
		{"a value is never a place", "en", "a.files", []any{"n", 2, "folder", "{n}"}, "2 files in {n}"},
		{"a place without a value stays", "en", "a.year", []any{"month", 1}, "In {year}"},
		{"English where the language has nothing", "fr", "a.english_only", nil, "Only here"},
		{"plural rules of the language that answers", "fr", "a.files", []any{"n", 0, "folder", "x"}, "0 files in x"},
		{"a missing key reads as itself", "de", "a.nothing", nil, "a.nothing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := b.Text(test.lang, test.key, test.args...); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if b.Has("de", "a.year") || !b.Has("en", "a.year") {
		t.Error("Has does not tell English from German")
	}
}

func TestBrokenFoldersAreRefused(t *testing.T) {
	file := func(text string) fs.FS { return fstest.MapFS{"en.json": {Data: []byte(text)}} }
	tests := []struct {
		name    string
		folders []fs.FS
		want    string
	}{
		{"a key of two folders", []fs.FS{file(`{"a.b": "x"}`), file(`{"a.b": "y"}`)}, "a.b is defined twice"},
		{"no JSON", []fs.FS{file(`{"a.b": `)}, "en.json"},
		{"a text that is a number", []fs.FS{file(`{"a.b": 3}`)}, "neither a sentence"},
		{"plural forms without other", []fs.FS{file(`{"a.b": {"one": "x"}}`)}, `"other" is missing`},
		{"a plural form that does not exist", []fs.FS{file(`{"a.b": {"some": "x", "other": "y"}}`)}, "no plural form"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load(test.folders...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error about %q", err, test.want)
			}
		})
	}
	if _, err := Load(nil, fstest.MapFS{}); err != nil {
		t.Errorf("a folder without texts: %v", err)
	}
}

func TestTheBrowserLanguageIsMatched(t *testing.T) {
	for header, want := range map[string]string{
		"de-CH,de;q=0.9,en;q=0.5":       "de",
		"en-GB":                         "en",
		"pt-BR, fr;q=0.4":               "fr",
		"it;q=0.2, fr;q=0.8":            "fr",
		"ja":                            "",
		"":                              "",
		"!!":                            "",
		strings.Repeat("de,", 400):      "",
		"gsw-CH, de-CH;q=0.9, en;q=0.1": "de",
	} {
		if got := Match(header); got != want {
			t.Errorf("Match(%.40q) = %q, want %q", header, got, want)
		}
	}
}

func TestNumbersReadAsInTheirLanguage(t *testing.T) {
	for lang, want := range map[string]string{"en": "12,345.6", "de": "12.345,6", "fr": "12 345,6", "it": "12.345,6", "xx": "12,345.6"} {
		got := strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(Number(lang, 12345.61, 1))
		if got != want {
			t.Errorf("%s: got %q, want %q", lang, got, want)
		}
	}
}

func TestAFileOfANounHoldsEveryLanguage(t *testing.T) {
	folder := fstest.MapFS{
		"en.json":      {Data: []byte(`{"a.plain": "Plain"}`)},
		"company.json": {Data: []byte(`{"a.city": {"en": "City", "de": "Ort"}, "a.n": {"en": {"one": "{n} company", "other": "{n} companies"}}}`)},
	}
	b, err := Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Text("de", "a.city"); got != "Ort" {
		t.Errorf("got %q, want Ort", got)
	}
	if got := b.Text("en", "a.n", "n", 2); got != "2 companies" {
		t.Errorf("got %q, want 2 companies", got)
	}
	for name, broken := range map[string]string{
		"a key that another file has":         `{"a.plain": {"en": "Again"}}`,
		"a language the house does not speak": `{"a.city": {"xx": "City"}}`,
		"a text without other":                `{"a.city": {"en": {"one": "x"}}}`,
	} {
		folder["company.json"] = &fstest.MapFile{Data: []byte(broken)}
		if _, err := Load(folder); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
