// Package wordtest finds, for tests, which texts the sources ask for and which of them a book lacks or nobody reads.
package wordtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"runes.im/platform/words"
)

// Uses is what the sources say about keys.
type Uses struct {
	asked     map[string]string // key → the first place that surely asks for it
	mentioned map[string]bool   // every quoted text that could be a key
}

var (
	templateKey = regexp.MustCompile(`\bt\s+"([^"]+)"`)
	quoted      = regexp.MustCompile("[\"'`]([a-z][a-z0-9_]*(?:\\.[a-z0-9_-]+)+)[\"'`]")
)

// folders without sources of ours.
var foreign = map[string]bool{"node_modules": true, "testdata": true, ".git": true, "assets": true, "bin": true}

// Scan reads the Go sources (not the tests), templates and scripts below root.
func Scan(root string) (*Uses, error) {
	u := &Uses{asked: map[string]string{}, mentioned: map[string]bool{}}
	files := os.DirFS(root)
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if foreign[entry.Name()] {
				return fs.SkipDir
			}
			return nil
		}
		kind := path.Ext(name)
		if kind != ".go" && kind != ".html" && kind != ".ts" || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if kind == ".go" {
			return u.readGo(name, raw)
		}
		u.readText(name, string(raw), kind == ".html")
		return nil
	})
	return u, err
}

func (u *Uses) readText(name, text string, template bool) {
	for number, line := range strings.Split(text, "\n") {
		if template {
			for _, m := range templateKey.FindAllStringSubmatch(line, -1) {
				u.ask(m[1], name, number+1)
			}
		}
		for _, m := range quoted.FindAllStringSubmatch(line, -1) {
			u.mentioned[m[1]] = true
		}
	}
}

func (u *Uses) ask(key, file string, line int) {
	if u.asked[key] == "" {
		u.asked[key] = file + ":" + strconv.Itoa(line)
	}
}

func (u *Uses) readGo(name string, raw []byte) error {
	places := token.NewFileSet()
	file, err := parser.ParseFile(places, name, raw, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	note := func(prefix string, e ast.Expr) {
		if key, ok := literal(e); ok && key != "" {
			u.ask(prefix+key, name, places.Position(e.Pos()).Line)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if text, ok := literal(n); ok {
				u.mentioned[text] = true
			}
		case *ast.CallExpr:
			if at := keyOf(n); at >= 0 && at < len(n.Args) {
				note("", n.Args[at])
			}
		case *ast.CompositeLit:
			prefix, fields := keysOf(n)
			for _, e := range n.Elts {
				if pair, ok := e.(*ast.KeyValueExpr); ok && slices.Contains(fields, fmt.Sprint(pair.Key)) {
					note(prefix, pair.Value)
				}
			}
		}
		return true
	})
	return nil
}

// keyOf is which argument of the call is a key, -1 for none.
func keyOf(call *ast.CallExpr) int {
	s, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return -1
	}
	switch s.Sel.Name {
	case "T":
		return 0
	case "Text":
		return 1
	case "Need":
		return 2
	case "New":
		if room, ok := s.X.(*ast.Ident); ok && room.Name == "fault" {
			return 1
		}
	}
	return -1
}

// keysOf is which fields of the struct hold keys, and what stands before them.
func keysOf(c *ast.CompositeLit) (prefix string, fields []string) {
	s, ok := c.Type.(*ast.SelectorExpr)
	if !ok {
		return "", nil
	}
	switch room, _ := s.X.(*ast.Ident); fmt.Sprint(room) + "." + s.Sel.Name {
	case "slot.Widget", "slot.Action":
		return "", []string{"Title", "LinkText"}
	case "fault.Fault", "fault.Problem":
		return "", []string{"Key"}
	case "notify.Note":
		return "notify.", []string{"Kind"}
	}
	return "", nil
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// Missing is a sentence for every text that is asked for, or that another language has, and for every text whose places
// differ from the English. more are keys that the sources put together at run time.
func Missing(b *words.Book, u *Uses, more ...string) []string {
	wanted := map[string]string{}
	for _, key := range b.Keys() {
		wanted[key] = "another language has it"
	}
	for _, key := range more {
		wanted[key] = "put together at run time"
	}
	for key, place := range u.asked {
		wanted[key] = place
	}
	var all []string
	for key, why := range wanted {
		for _, lang := range words.Languages {
			switch {
			case !b.Has(lang, key):
				all = append(all, fmt.Sprintf("%s.json lacks %s (%s)", lang, key, why))
			case !slices.Equal(b.Places(lang, key), b.Places(words.Languages[0], key)):
				all = append(all, fmt.Sprintf("%s.json: %s has the places %v, English has %v", lang, key,
					b.Places(lang, key), b.Places(words.Languages[0], key)))
			}
		}
	}
	sort.Strings(all)
	return all
}

// Unused is the keys that nobody reads.
func Unused(b *words.Book, u *Uses, more ...string) []string {
	var all []string
	for _, key := range b.Keys() {
		if u.asked[key] == "" && !u.mentioned[key] && !slices.Contains(more, key) {
			all = append(all, key)
		}
	}
	return all
}
