package data

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestDemoFilesAreReal(t *testing.T) {
	found, err := DemoFiles()
	if err != nil {
		t.Fatal(err)
	}
	start := map[string]string{".pdf": "%PDF-", ".png": "\x89PNG", ".jpg": "\xff\xd8\xff", ".zip": "PK", ".docx": "PK", ".xlsx": "PK"}
	folders := map[string]bool{}
	for _, f := range found {
		ext := f.Path[strings.LastIndexByte(f.Path, '.'):]
		if want := start[ext]; !strings.HasPrefix(string(f.Content), want) {
			t.Errorf("%s does not begin like a %s", f.Path, ext)
		}
		if start[ext] == "" && !utf8.Valid(f.Content) {
			t.Errorf("%s is not text", f.Path)
		}
		if f.Age <= 0 || len(f.Content) == 0 || f.Person == "" {
			t.Errorf("%s of %q: age %v, %d bytes; want all of them", f.Path, f.Person, f.Age, len(f.Content))
		}
		folders[f.Person+strings.TrimSuffix(f.Path, f.Path[strings.LastIndexByte(f.Path, '/')+1:])] = true
	}
	if len(found) < 35 || len(folders) < 12 {
		t.Errorf("%d files in %d folders, want a workspace that looks lived in", len(found), len(folders))
	}
}
