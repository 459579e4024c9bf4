// Package assets holds the built files of the browser as they are shipped: scripts, style sheets, fonts. They are made
// from ui/ and runes/*/browser by ui/build and committed, so that building the program needs no Node.
package assets

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.js *.css *.woff2 *.svg *.txt
var files embed.FS

// FS holds the files, flat: "core.js", "storage.css", "inter-latin.woff2".
var FS fs.FS = files

//go:embed style-hash.txt
var styleHashes string

// StyleHashes are the style elements that our scripts add to pages, as sources of a content security policy.
func StyleHashes() []string { return strings.Fields(styleHashes) }
