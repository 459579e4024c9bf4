package archtest

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"runes.im/platform/words"
)

// texts is the keys of every language: key, language, places of the text.
type texts map[string]map[string]string

func readTexts(t *testing.T, top string) texts {
	t.Helper()
	all := texts{}
	for _, pattern := range []string{"platform/*/words", "ui/words", "runes/*/words"} {
		folders, err := filepath.Glob(filepath.Join(top, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, folder := range folders {
			files, err := filepath.Glob(filepath.Join(folder, "*.json"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				if lang := strings.TrimSuffix(filepath.Base(file), ".json"); slices.Contains(words.Languages, lang) {
					all.read(t, file, lang)
				} else {
					all.readMixed(t, file)
				}
			}
		}
	}
	return all
}

var place = regexp.MustCompile(`\{[a-z_]+\}`)

func (all texts) read(t *testing.T, file, lang string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return
	}
	var found map[string]json.RawMessage
	if err := json.Unmarshal(raw, &found); err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	for key, text := range found {
		all.note(t, file, key, lang, text)
	}
}

// readMixed reads a file that holds every language of its keys.
func (all texts) readMixed(t *testing.T, file string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return
	}
	var found map[string]map[string]json.RawMessage
	if err := json.Unmarshal(raw, &found); err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	for key, langs := range found {
		for lang, text := range langs {
			all.note(t, file, key, lang, text)
		}
	}
}

func (all texts) note(t *testing.T, file, key, lang string, text json.RawMessage) {
	t.Helper()
	if all[key] == nil {
		all[key] = map[string]string{}
	}
	if _, twice := all[key][lang]; twice {
		t.Errorf("%s: %s is given twice in %s", file, key, lang)
	}
	places := place.FindAllString(string(text), -1)
	sort.Strings(places)
	all[key][lang] = strings.Join(slices.Compact(places), " ")
	if strings.TrimSpace(string(text)) == `""` {
		t.Errorf("%s: %s is empty", file, key)
	}
}

func TestEveryTextIsThereInEveryLanguage(t *testing.T) {
	for key, langs := range readTexts(t, top(t)) {
		for _, lang := range words.Languages {
			places, ok := langs[lang]
			if !ok {
				t.Errorf("%s is missing in %s", key, lang)
			} else if places != langs["en"] {
				t.Errorf("%s has the places %q in %s, want %q as in en", key, places, lang, langs["en"])
			}
		}
	}
}

func TestEveryTextThatIsAskedForExists(t *testing.T) {
	top := top(t)
	all := readTexts(t, top)
	for _, s := range sources(t) {
		if s.Test {
			continue
		}
		ast.Inspect(s.File, func(n ast.Node) bool {
			for _, key := range asked(n) {
				if all[key] == nil {
					t.Errorf("%s asks for the text %q, which no words file has", s.Path, key)
				}
			}
			return true
		})
	}
	inTemplate := regexp.MustCompile(`[({| ]t "([^"%]+)"`)
	walkText(t, top, ".html", func(name, text string) {
		for _, m := range inTemplate.FindAllStringSubmatch(text, -1) {
			if all[m[1]] == nil {
				t.Errorf("%s asks for the text %q, which no words file has", name, m[1])
			}
		}
	})
}

// keyAt is where a call takes the key of a text, by the name of the function.
var keyAt = map[string]int{"New": 1, "Need": 2, "T": 0, "Text": 1}

// asked is the keys that a node asks for as plain strings.
func asked(n ast.Node) []string {
	switch n := n.(type) {
	case *ast.CallExpr:
		sel, ok := n.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		at, ok := keyAt[sel.Sel.Name]
		if pkg, _ := sel.X.(*ast.Ident); sel.Sel.Name == "New" && (pkg == nil || pkg.Name != "fault") {
			return nil
		}
		if ok && at < len(n.Args) {
			return keys(n.Args[at])
		}
	case *ast.KeyValueExpr:
		if name, ok := n.Key.(*ast.Ident); ok && (name.Name == "Title" || name.Name == "LinkText") {
			return keys(n.Value)
		}
	}
	return nil
}

var keyForm = regexp.MustCompile(`^[a-z]+(\.[a-z0-9_]+)+$`)

func keys(e ast.Expr) []string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return nil
	}
	if text, err := strconv.Unquote(lit.Value); err == nil && keyForm.MatchString(text) {
		return []string{text}
	}
	return nil
}

func TestEveryTextIsUsed(t *testing.T) {
	top := top(t)
	used, begun := quoted(t, top)
	for key := range readTexts(t, top) {
		if used[key] || slices.ContainsFunc(begun, func(b string) bool { return strings.HasPrefix(key, b) }) {
			continue
		}
		t.Errorf("nobody asks for the text %s", key)
	}
}

// quoted is every quoted text of the sources, and those that a program completes ("storage.kind_" + kind).
func quoted(t *testing.T, top string) (used map[string]bool, begun []string) {
	used = map[string]bool{}
	inQuotes := regexp.MustCompile("\"([a-z][a-z0-9_.%-]*)\"|'([a-z][a-z0-9_.%-]*)'|`([a-z][a-z0-9_.%$-]*)")
	note := func(_, text string) {
		for _, m := range inQuotes.FindAllStringSubmatch(text, -1) {
			s := m[1] + m[2] + m[3]
			used[s] = true
			begin, _, completed := strings.Cut(s, "%")
			if begin, _, found := strings.Cut(begin, "$"); found {
				s, completed = begin, true
			}
			if strings.Contains(begin, ".") && (completed || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "_")) {
				begun = append(begun, strings.TrimSuffix(begin, "$"))
			}
		}
	}
	for _, ext := range []string{".go", ".html", ".ts"} {
		walkText(t, top, ext, note)
	}
	for _, m := range manifests(t, top) {
		for _, s := range m.UIHooks.Sidebar {
			used[m.Name+".nav."+s.Key] = true
		}
		for key := range m.ProvidedPermissions {
			used[m.Name+".permission."+key] = true
		}
		for _, p := range m.RolePresets {
			used[m.Name+".preset."+p.Key], used[m.Name+".preset."+p.Key+"_text"] = true, true
		}
		used[m.Name+".name"], used[m.Name+".tagline"] = true, true
	}
	return used, begun
}

func walkText(t *testing.T, top, ext string, fn func(name, text string)) {
	t.Helper()
	err := Walk(top, func(name string) error {
		if filepath.Ext(name) != ext || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		raw, err := os.ReadFile(filepath.Join(top, name))
		if err == nil {
			fn(name, string(raw))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
