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
	return visible(a.Text)
}

// spoken are the attributes that a person sees or hears.
var spoken = map[string]bool{"value": true, "placeholder": true, "alt": true, "title": true, "aria-label": true}

// unseen are elements whose text no one reads.
var unseen = map[string]bool{"script": true, "style": true, "template": true, "svg": true}

func visible(page string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	hidden := ""
	for {
		kind := z.Next()
		token := z.Token()
		switch {
		case kind == html.ErrorToken:
			return strings.Join(strings.Fields(b.String()), " ")
		case hidden != "":
			if kind == html.EndTagToken && token.Data == hidden {
				hidden = ""
			}
		case kind == html.StartTagToken && unseen[token.Data]:
			hidden = token.Data
		case kind == html.TextToken:
			b.WriteString(token.Data)
		case kind == html.StartTagToken || kind == html.SelfClosingTagToken:
			speak(&b, token)
		case kind == html.EndTagToken && !inline[token.Data]:
			b.WriteByte(' ')
		}
	}
}

// inline elements do not part words.
var inline = map[string]bool{"a": true, "b": true, "em": true, "strong": true, "span": true, "i": true, "mark": true}

func speak(b *strings.Builder, token html.Token) {
	if !inline[token.Data] {
		b.WriteByte(' ')
	}
	for _, a := range token.Attr {
		if a.Key == "type" && a.Val == "hidden" {
			return
		}
	}
	for _, a := range token.Attr {
		if spoken[a.Key] {
			b.WriteString(" " + a.Val + " ")
		}
	}
}
