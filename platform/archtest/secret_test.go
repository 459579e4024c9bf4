package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"testing"
)

// K5: how long a comparison takes tells how much of a secret was right. Hashes that are looked up in the database are
// no secrets that somebody types, and lengths are none at all.
var secretName = regexp.MustCompile(`(?i)(token|secret|password|passwd|signature|hmac|mac|csrf|apikey)$`)

var plain = map[string]bool{"bytes": true, "strings": true, "slices": true}

// plainlyCompared are the comparisons of secrets that stop at the first difference.
func plainlyCompared(file *ast.File) (found []ast.Node) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if (n.Op == token.EQL || n.Op == token.NEQ) && !isConstant(n.X) && !isConstant(n.Y) && (isSecret(n.X) || isSecret(n.Y)) {
				found = append(found, n)
			}
		case *ast.CallExpr:
			if name := nameOf(n.Fun); (name == "Equal" || name == "EqualFold" || name == "Compare" || name == "Contains") && len(n.Args) == 2 {
				if of, ok := n.Fun.(*ast.SelectorExpr); ok && plain[nameOf(of.X)] && (isSecret(n.Args[0]) || isSecret(n.Args[1])) {
					found = append(found, n)
				}
			}
		}
		return true
	})
	return found
}

func isSecret(e ast.Expr) bool { return secretName.MatchString(nameOf(e)) }

// isConstant reports values that nobody keeps secret: literals and nil, and constants of go/token.
func isConstant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil"
	case *ast.SelectorExpr:
		return nameOf(e.X) == "xml" || nameOf(e.X) == "token"
	}
	return false
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		return nameOf(e.X)
	case *ast.ParenExpr:
		return nameOf(e.X)
	}
	return ""
}

func TestSecretsAreComparedInConstantTime(t *testing.T) {
	set := token.NewFileSet()
	for _, s := range sources(t) {
		if s.Test {
			continue
		}
		for range plainlyCompared(s.File) {
			t.Errorf("%s compares a secret with == or Equal; use subtle.ConstantTimeCompare", s.Path)
		}
	}
	for text, want := range map[string]int{
		`a.Token == b`: 1, `secret != given`: 1, `x.Secret == ""`: 0, `token == nil`: 0, `bytes.Equal(mac, sum)`: 1, `strings.EqualFold(a, password)`: 1,
		`len(token) == n`: 0, `subtle.ConstantTimeCompare(mac, sum) == 1`: 0, `bytes.Equal(name, other)`: 0, `slices.Contains(all, l.Token)`: 1, `tokens == n`: 0,
	} {
		e, err := parser.ParseFile(set, "", "package x\nvar _ = "+text, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(plainlyCompared(e)); got != want {
			t.Errorf("%s: found %d, want %d", text, got, want)
		}
	}
}
