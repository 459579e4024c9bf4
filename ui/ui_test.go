package ui

import (
	"bytes"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// all parses every template with stand-ins for what the web room offers.
func all(t *testing.T) *template.Template {
	t.Helper()
	set := template.New("").Funcs(template.FuncMap{
		"t":        func(key string, args ...any) string { return key },
		"icon":     Icon,
		"asset":    func(name string) string { return "/assets/x/" + name },
		"csrf":     func() template.HTML { return "" },
		"portrait": func(member string, size int) template.HTML { return "" },
		"inc":      func(n int) int { return n + 1 },
		"asks":     func(title string) bool { return strings.HasSuffix(title, "?") },
		"list":     func(all ...any) []any { return all },
		"field":    func(label, name, value string, problems map[string]string) map[string]any { return nil },
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
		for _, file := range []string{"part.html", "part.md"} {
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
		isLazy := strings.HasPrefix(filepath.ToSlash(sheet), "lazy/") // loaded by the pages that need it
		if !isLazy && !strings.Contains(string(core), filepath.ToSlash(sheet)) {
			t.Errorf("core.css does not import %s", sheet)
		}
	}
}
