// Package archtest reads the sources of the house and fails where they break its rules: who may import whom, which
// texts and permissions exist, how long a file may get. It parses instead of asking the go tool, whose answers are
// cached when nothing in this package changed.
package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// module is the import path of the house.
const module = "runes.im/"

// Source is one parsed Go file.
type Source struct {
	Path  string // from the top of the repository, with slashes
	Dir   string // its folder
	Test  bool
	Lines int
	File  *ast.File
}

// Top is the repository's folder, found from the folder of a test.
func Top() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for !has(dir, "go.mod") || !has(dir, "HOUSE.md") {
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod with HOUSE.md above the test")
		}
		dir = up
	}
	return dir, nil
}

func has(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

// skipped are folders without sources of ours; packaging is a module of its own.
var skipped = map[string]bool{"node_modules": true, ".git": true, "testdata": true, "packaging": true, "bin": true, "assets": true}

// Walk calls fn for every file of ours below top.
func Walk(top string, fn func(name string) error) error {
	return filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if skipped[d.Name()] {
				return filepath.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(top, name)
		if err != nil {
			return err
		}
		return fn(filepath.ToSlash(rel))
	})
}

// Sources parses every Go file of ours.
func Sources(top string) ([]Source, error) {
	var all []Source
	err := Walk(top, func(name string) error {
		if path.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(filepath.Join(top, name))
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, Source{
			Path: name, Dir: path.Dir(name), Test: strings.HasSuffix(name, "_test.go"),
			Lines: strings.Count(string(text), "\n"), File: file,
		})
		return nil
	})
	return all, err
}

// Imports is the import paths of the file.
func (s Source) Imports() []string {
	var paths []string
	for _, i := range s.File.Imports {
		if p, err := strconv.Unquote(i.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}
