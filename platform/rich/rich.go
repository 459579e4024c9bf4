// Package rich makes HTML of what people and runes write in Markdown: goldmark draws it, an allow-list decides what of it
// may stand on a page. Nothing else in the house turns text into HTML.
package rich

import (
	"bytes"
	"html/template"
	"regexp"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

// Longest is how much Markdown is drawn; what is longer is cut.
const Longest = 64 << 10

var writer = goldmark.New(
	goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList, extension.Linkify),
	goldmark.WithRendererOptions(html.WithHardWraps()),
)

// guard knows what a text may consist of: no pictures from elsewhere, no styles, no ids that could shadow those of a page.
var guard = newGuard()

func newGuard() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "h3", "h4", "h5", "h6",
		"table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|center|right)$`)).OnElements("th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("https", "http", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	p.RequireNoFollowOnLinks(false)
	p.RequireNoFollowOnFullyQualifiedLinks(true)
	return p
}

// HTML draws Markdown as HTML that is safe on a page. HTML within the text reads as text or is left out.
func HTML(markdown string) template.HTML {
	if len(markdown) > Longest {
		markdown = markdown[:Longest]
	}
	var drawn bytes.Buffer
	if err := writer.Convert([]byte(markdown), &drawn); err != nil {
		return template.HTML(template.HTMLEscapeString(markdown)) // a buffer takes everything, so this does not happen
	}
	return template.HTML(guard.SanitizeBytes(drawn.Bytes()))
}
