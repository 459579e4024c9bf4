package archtest

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"runes.im/platform/runekit"
)

func manifests(t *testing.T, top string) []*runekit.Manifest {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(top, "runes/*/manifest.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no manifest found: %v", err)
	}
	var all []*runekit.Manifest
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m := new(runekit.Manifest)
		if err := json.Unmarshal(raw, m); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if folder := filepath.Base(filepath.Dir(file)); folder != m.Name {
			t.Errorf("the rune in runes/%s is named %s, want one name everywhere", folder, m.Name)
		}
		all = append(all, m)
	}
	return all
}

// Every permission a rune asks for is declared in its manifest, and every declared one is asked for somewhere.
func TestPermissionsAreDeclaredAndUsed(t *testing.T) {
	top := top(t)
	all := sources(t)
	for _, m := range manifests(t, top) {
		used := map[string]bool{}
		for _, s := range all {
			if !s.Test && within(s.Dir, "runes/"+m.Name) {
				permissionsIn(s, func(p string) {
					used[p] = true
					if m.ProvidedPermissions[p] == "" {
						t.Errorf("%s asks for permission %s, which the manifest does not provide", s.Path, p)
					}
				})
			}
		}
		for p := range m.ProvidedPermissions {
			if !used[p] {
				t.Errorf("nothing in runes/%s asks for permission %s", m.Name, p)
			}
		}
	}
}

// permissionAt is where a call takes a permission.
var permissionAt = map[string]int{"Get": 1, "Post": 1, "Put": 1, "Can": 0}

// permissionFields are the fields of declarations that hold one: of slots and doors, and of a noun.
var permissionFields = map[string]bool{"Permission": true, "View": true, "Manage": true}

func permissionsIn(s Source, note func(string)) {
	constants := constantsOf(s)
	take := func(e ast.Expr) {
		switch e := e.(type) {
		case *ast.BasicLit:
			if e.Kind == token.STRING {
				if p, err := strconv.Unquote(e.Value); err == nil && looksLikePermission(p) {
					note(p)
				}
			}
		case *ast.Ident:
			if p := constants[e.Name]; looksLikePermission(p) {
				note(p)
			}
		}
	}
	ast.Inspect(s.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
				if at, ok := permissionAt[sel.Sel.Name]; ok && at < len(n.Args) {
					take(n.Args[at])
				}
			}
		case *ast.KeyValueExpr:
			if name, ok := n.Key.(*ast.Ident); ok && permissionFields[name.Name] {
				take(n.Value)
			}
		}
		return true
	})
}

func looksLikePermission(p string) bool {
	return strings.Contains(p, "_") && p != "signed_in" && !strings.ContainsAny(p, "/.: ") && p == strings.ToLower(p)
}

func constantsOf(s Source) map[string]string {
	found := map[string]string{}
	ast.Inspect(s.File, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != len(spec.Names) {
			return true
		}
		for i, name := range spec.Names {
			if lit, ok := spec.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				found[name.Name], _ = strconv.Unquote(lit.Value) // a parsed literal always unquotes
			}
		}
		return true
	})
	return found
}
