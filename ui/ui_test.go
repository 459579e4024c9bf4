package ui

import (
	"bytes"
	"encoding/json"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var languages = []string{"en", "de", "fr", "it"}

// all parses every template with stand-ins for what the web room offers.
func all(t *testing.T) *template.Template {
	t.Helper()
	set := template.New("").Funcs(template.FuncMap{
		"t":     func(key string, args ...any) string { return key },
		"icon":  Icon,
		"asset": func(name string) string { return "/assets/x/" + name },
		"csrf":  func() template.HTML { return "" },
		"inc":   func(n int) int { return n + 1 },
		"list":  func(all ...any) []any { return all },
		"field": func(label, name, value string, problems map[string]string) map[string]any { return nil },
		"dict": func(pairs ...any) map[string]any {
			m := map[string]any{}
			for n := 0; n < len(pairs); n += 2 {
				m[pairs[n].(string)] = pairs[n+1]
			}
			return m
		},
	})
	for name, text := range sources(t) {
		if _, err := set.New(name).Parse(text); err != nil {
			t.Fatal(err)
		}
	}
	return set
}

// sources is every template file with its text.
func sources(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(Templates, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(Templates, name)
		found[name] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEveryPartCanBeDrawnInEveryStateOfTheGallery(t *testing.T) {
	var page bytes.Buffer
	if err := all(t).ExecuteTemplate(&page, "gallery", nil); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"no value", "ZgotmplZ", "%!", "map["} {
		if strings.Contains(page.String(), bad) {
			t.Errorf("the gallery holds %q", bad)
		}
	}
	folders, err := os.ReadDir("parts")
	if err != nil {
		t.Fatal(err)
	}
	gallery := sources(t)["pages/gallery.html"]
	defined := regexp.MustCompile(`\{\{define "([a-z_]+)"\}\}`)
	for _, folder := range folders {
		for _, file := range []string{"part.html", "part.css", "part.md"} {
			if _, err := os.Stat(filepath.Join("parts", folder.Name(), file)); err != nil {
				t.Errorf("the part %s has no %s", folder.Name(), file)
			}
		}
		shown := false
		for _, name := range defined.FindAllStringSubmatch(sources(t)["parts/"+folder.Name()+"/part.html"], -1) {
			shown = shown || strings.Contains(gallery, `"`+name[1]+`"`)
		}
		// A toast is shown there by its button; the parts of records are whole pages, drawn from Go by platform/record.
		if !shown && folder.Name() != "toast" && !strings.HasPrefix(folder.Name(), "record_") {
			t.Errorf("the part %s is not in the gallery", folder.Name())
		}
	}
}

func TestTemplatesBringNoScriptAndNoStyleOfTheirOwn(t *testing.T) {
	inline := regexp.MustCompile(`(?i)\sstyle=|\son[a-z]+=|javascript:|<style|<script(?: type="module")?>|data-on`)
	for name, text := range sources(t) {
		if found := inline.FindString(text); found != "" {
			t.Errorf("%s holds %q, which the page policy refuses", name, found)
		}
	}
}

func TestStyleSheetsKeepTheRulesOfTheHouse(t *testing.T) {
	forbidden := regexp.MustCompile(`!important|(?:^|[},\s])#[a-z][\w-]*[\s{,:.]`)
	sheets, err := filepath.Glob("*/*.css")
	if err != nil {
		t.Fatal(err)
	}
	parts, err := filepath.Glob("parts/*/part.css")
	if err != nil {
		t.Fatal(err)
	}
	core, err := os.ReadFile("core.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, sheet := range append(sheets, parts...) {
		raw, err := os.ReadFile(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if found := forbidden.Find(raw); found != nil {
			t.Errorf("%s holds %q", sheet, found)
		}
		if !strings.Contains(string(core), filepath.ToSlash(sheet)) {
			t.Errorf("core.css does not import %s", sheet)
		}
	}
}

func TestEveryLanguageHasTheSameTextsWithTheSamePlaces(t *testing.T) {
	place := regexp.MustCompile(`\{[a-z]+\}`)
	english := words(t, "en")
	for _, lang := range languages[1:] {
		other := words(t, lang)
		for key, text := range english {
			translated, ok := other[key]
			if !ok {
				t.Errorf("%s.json has no %s", lang, key)
				continue
			}
			got, want := place.FindAllString(asText(translated), -1), place.FindAllString(asText(text), -1)
			slices.Sort(got)
			slices.Sort(want)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s in %s has the places %v, want %v", key, lang, got, want)
			}
		}
		if len(other) != len(english) {
			t.Errorf("%s.json has %d texts, want %d", lang, len(other), len(english))
		}
	}
}

func TestEveryTextIsUsedAndEveryUsedTextExists(t *testing.T) {
	english := words(t, "en")
	used := map[string]bool{}
	key := regexp.MustCompile(`\bt "([a-z_.]+)"`)
	for name, text := range sources(t) {
		for _, found := range key.FindAllStringSubmatch(text, -1) {
			used[found[1]] = true
			// Other rooms' texts lie with them, the wizard's steps with the shell's Go code: the whole book has a test of its own.
			room, _, _ := strings.Cut(found[1], ".")
			if english[found[1]] == nil && (room == "part" || room == "shell") && !strings.HasPrefix(found[1], "shell.step_") {
				t.Errorf("%s uses %s, which no language has", name, found[1])
			}
		}
	}
	for name := range english {
		if !used[name] {
			t.Errorf("no template uses %s", name)
		}
	}
}

func words(t *testing.T, lang string) map[string]any {
	t.Helper()
	raw, err := fs.ReadFile(Words, lang+".json")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]any{}
	if err := json.Unmarshal(raw, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

func asText(v any) string {
	if forms, ok := v.(map[string]any); ok {
		one, _ := forms["one"].(string)
		other, _ := forms["other"].(string)
		return one + " " + other
	}
	s, _ := v.(string)
	return s
}
