// Package ui is the look of the house: layouts, parts and pages as templates, their words, and the icons.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed layout/*.html pages/*.html parts/*/part.html
var templates embed.FS

//go:embed words/*.json
var texts embed.FS

// Templates holds layout/<name>.html, parts/<part>/part.html and pages/<name>.html.
var Templates fs.FS = templates

// Words holds <lang>.json with the texts of the shell, the parts and the pages.
var Words = sub(texts, "words")

func sub(files fs.FS, dir string) fs.FS {
	s, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the folder is embedded above: a typing mistake, found by every test
	}
	return s
}
