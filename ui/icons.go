package ui

import (
	_ "embed"
	"html/template"
	"strings"
)

//go:embed icons/icons.txt
var drawn string

//go:embed icons/aliases.txt
var aliased string

var (
	icons   = pairs(drawn, "\t")
	aliases = pairs(aliased, " ")
)

// Icon is the icon of that name as inline svg. Names of the widely used solid set ("comment-dots", also with its
// "fa-" in front) are understood, because manifests use them; an unknown name shows the puzzle piece.
func Icon(name string) template.HTML {
	return template.HTML(`<svg class="i" viewBox="0 0 24 24" aria-hidden="true">` + shape(name) + `</svg>`)
}

func shape(name string) string {
	name = strings.TrimPrefix(name, "fa-")
	if found, ok := icons[name]; ok {
		return found
	}
	if found, ok := icons[aliases[name]]; ok {
		return found
	}
	return icons["puzzle"]
}

// pairs reads lines of a name and what it stands for. The files are made by ui/build and trusted like code.
func pairs(text, between string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), between); ok {
			m[name] = value
		}
	}
	return m
}
