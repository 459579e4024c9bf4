package wordtest

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"runes.im/platform/words"
)

var sources = map[string]string{
	"storage/file.go": `package storage
import "runes.im/platform/fault"
var months = [...]string{"storage.listed"}
func f(v visit, p fault.Form) error {
	p.Need(v.ok, "name", "storage.needed")
	v.DB.Send(notify.Note{Kind: "storage.full"})
	offer(slot.Action{ID: "storage.upload", Title: "storage.action"})
	v.T("storage.said", "n", 1)
	return fault.New(fault.NotFound, "storage.refused")
}`,
	"storage/templates/list.html":     `<p title="{{t "storage.in_title"}}">{{template "empty" (dict "title" (t "storage.in_dict"))}}</p>`,
	"storage/browser/index.ts":        `button.dataset.word = "storage.in_script";`,
	"storage/file_test.go":            `package storage; func g(v visit) { v.T("storage.only_in_a_test") }`,
	"node_modules/foreign/index.html": `{{t "foreign.key"}}`,
}

func scan(t *testing.T) *Uses {
	t.Helper()
	root := t.TempDir()
	for name, text := range sources {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	u, err := Scan(root)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func book(t *testing.T, english, others string) *words.Book {
	t.Helper()
	folder := fstest.MapFS{"en.json": {Data: []byte(english)}}
	for _, lang := range words.Languages[1:] {
		folder[lang+".json"] = &fstest.MapFile{Data: []byte(others)}
	}
	b, err := words.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryKindOfUseIsFound(t *testing.T) {
	missing := Missing(book(t, `{}`, `{}`), scan(t), "notify.made_up")
	for _, key := range []string{
		"storage.needed", "storage.said", "storage.refused", "storage.action", "notify.storage.full", "storage.in_title", "storage.in_dict", "notify.made_up",
	} {
		if !slices.ContainsFunc(missing, func(s string) bool { return len(s) > 14 && s[:14+len(key)] == "de.json lacks "+key }) {
			t.Errorf("nobody noticed that %s is missing", key)
		}
	}
	if len(missing) != 8*len(words.Languages) {
		t.Errorf("got %d sentences, want 8 keys in every language: %q", len(missing), missing)
	}
}

func TestAKeyOrPlaceThatOneLanguageLacksIsMissing(t *testing.T) {
	got := Missing(book(t, `{"a.b": "{n} of {max}", "a.c": "x"}`, `{"a.b": "{n}"}`), &Uses{})
	if len(got) != 6 {
		t.Errorf("got %q, want three languages to lack a.c and three to lack the place {max}", got)
	}
}

func TestAKeyThatNobodyReadsIsUnused(t *testing.T) {
	b := book(t, `{"storage.said":"x","storage.listed":"x","storage.in_script":"x","storage.in_dict":"x","storage.nobody":"x","storage.only_in_a_test":"x","storage.nav.files":"x"}`, `{}`)
	got := Unused(b, scan(t), "storage.nav.files")
	if want := []string{"storage.nobody", "storage.only_in_a_test"}; !slices.Equal(got, want) {
		t.Errorf("unused = %q, want %q", got, want)
	}
}
