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
	sent := sentKinds(t)
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

// sentKinds are the kinds of all notify.Note literals in the product, with the file of each.
func sentKinds(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
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
					kind, plain := kindOf(file, note)
					if !plain {
						t.Errorf("%s makes a note whose kind is no plain text: nobody can check it", path)
					}
					found[kind] = path
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
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
