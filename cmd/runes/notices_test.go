package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"runes.im/platform/app"
	"runes.im/platform/runekit"
	"runes.im/platform/shell"
	"runes.im/platform/slot"
	"runes.im/platform/words"
)

// Every sort of notification that some code sends is declared, so that people can choose its channels; and nothing is
// declared that nobody sends.
func TestEverySortOfNotificationCanBeChosen(t *testing.T) {
	runes, err := runekit.LoadAll(installed(), app.Events())
	if err != nil {
		t.Fatal(err)
	}
	book, err := words.Load(app.WordFolders(runes)...)
	if err != nil {
		t.Fatal(err)
	}
	offers := shell.Offers(runes, book)
	active := map[string]bool{}
	for _, in := range runes {
		active[in.ID] = true
	}
	declared := map[string]bool{}
	for _, n := range slot.Notices.Among(offers, active) {
		declared[n.Kind] = true
		if text := book.Text("en", n.Title); text == n.Title {
			t.Errorf("%s has no text %s", n.Kind, n.Title)
		}
	}
	sent := sentKinds(t, declared)
	for kind, file := range sent {
		if !declared[kind] {
			t.Errorf("%s sends %s, which no slot.Notices offers", file, kind)
		}
	}
	for kind := range declared {
		if sent[kind] == "" {
			t.Errorf("%s can be chosen, and nobody sends it", kind)
		}
	}
}

// sentKinds are the kinds of all notify.Note literals in the product, with the file of each. A kind that is chosen while
// the program runs is one of the texts of its file, or of those beside it.
func sentKinds(t *testing.T, declared map[string]bool) map[string]string {
	t.Helper()
	found, choosing := map[string]string{}, map[string]bool{}
	for _, root := range []string{"../../platform", "../../runes"} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if note, ok := n.(*ast.CompositeLit); ok && isNote(note.Type) {
					if kind, plain := kindOf(file, note); plain {
						found[kind] = path
					} else {
						choosing[filepath.Dir(path)] = true
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for dir := range choosing {
		texts := textsIn(t, dir)
		some := false
		for kind := range declared {
			if texts[kind] {
				found[kind], some = dir, true
			}
		}
		if !some {
			t.Errorf("%s chooses the kind of a note while it runs, among none that is declared", dir)
		}
	}
	return found
}

// textsIn are the plain texts of a package.
func textsIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	texts, kinds, used := map[string]bool{}, map[string]string{}, map[string]bool{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			// The declaration itself proves nothing: it must be used, or what it declares must be said somewhere else, too.
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
				if notice, ok := v.Values[0].(*ast.CompositeLit); ok && isNotice(notice.Type) {
					kinds[v.Names[0].Name], _ = kindOf(file, notice)
				}
			}
			if notice, ok := n.(*ast.CompositeLit); ok && isNotice(notice.Type) {
				return false
			}
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Kind" {
				if of, ok := sel.X.(*ast.Ident); ok {
					used[of.Name] = true
				}
			}
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					texts[text] = true
				}
			}
			return true
		})
	}
	for name, kind := range kinds {
		texts[kind] = texts[kind] || used[name]
	}
	return texts
}

func isNotice(e ast.Expr) bool {
	sel, ok := e.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Notice"
}

func isNote(e ast.Expr) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Note" {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	return ok && pkg.Name == "notify"
}

func kindOf(file *ast.File, note *ast.CompositeLit) (kind string, plain bool) {
	for _, e := range note.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if name, ok := pair.Key.(*ast.Ident); !ok || name.Name != "Kind" {
			continue
		}
		return plainText(file, pair.Value)
	}
	return "", false
}

// plainText is a text, or a constant of the same file that is one.
func plainText(file *ast.File, e ast.Expr) (text string, plain bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.Ident:
		for _, d := range file.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && len(v.Values) == 1 && v.Names[0].Name == e.Name {
					return plainText(file, v.Values[0])
				}
			}
		}
	}
	return "", false
}
