package runetest

import (
	"strings"

	"golang.org/x/net/html"
)

// See is what a person notices of the answer: of a page its text, with the labels and values of controls, blanks
// squeezed; of anything else all of it.
func (a *Answer) See() string {
	if !a.isPage() {
		return a.Text
	}
	page, err := html.Parse(strings.NewReader(a.Text))
	if err != nil {
		return a.Text // reading from memory cannot fail; a page is never too broken to parse
	}
	var b strings.Builder
	speak(&b, page)
	return strings.Join(strings.Fields(b.String()), " ")
}

var (
	// spoken are the attributes that a person sees or hears.
	spoken = map[string]bool{"value": true, "placeholder": true, "alt": true, "title": true, "aria-label": true}
	// unseen are elements whose text no one reads.
	unseen = map[string]bool{"script": true, "style": true, "template": true, "svg": true, "head": true}
	// inline elements do not part words.
	inline = map[string]bool{"a": true, "b": true, "em": true, "strong": true, "span": true, "i": true, "mark": true}
)

func speak(b *strings.Builder, n *html.Node) {
	if n.Type == html.TextNode {
		b.WriteString(n.Data)
		return
	}
	if isUnseen(n) {
		return
	}
	if !inline[n.Data] {
		b.WriteByte(' ')
	}
	for _, a := range n.Attr {
		if spoken[a.Key] {
			b.WriteString(" " + a.Val + " ")
		}
	}
	for child := range n.ChildNodes() {
		speak(b, child)
	}
	if !inline[n.Data] {
		b.WriteByte(' ')
	}
}

func isUnseen(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return false
	}
	for _, a := range n.Attr {
		if a.Key == "hidden" || a.Key == "type" && a.Val == "hidden" {
			return true
		}
	}
	return unseen[n.Data]
}
