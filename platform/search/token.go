package search

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// place is where a token stands in a document.
type place rune

const (
	inTitle place = iota
	inBody
	inScope
	places
)

// everyone is the label of what is for everybody.
const everyone = "*"

// sign begins every token of the kind at that place. It is a private letter, which nobody can type: fold lets none
// through. Two kinds may share one by chance; the kind in the table tells them apart.
func sign(kind string, at place) string {
	h := fnv.New32a()
	h.Write([]byte(kind))
	return string(rune(0xE100 + h.Sum32()%2000*uint32(places) + uint32(at)))
}

// tokens is the document as the index takes it.
func (d *Doc) tokens(title string) string {
	var all []string
	add := func(at place, words []string) {
		begin := sign(d.Kind, at)
		for _, w := range words {
			all = append(all, begin+w)
		}
	}
	add(inTitle, strings.Fields(title))
	add(inBody, strings.Fields(Fold(d.Subtitle+" "+d.Body)))
	scope := d.Scope
	if len(scope) == 0 {
		scope = []string{everyone}
	}
	for _, label := range scope {
		add(inScope, []string{plainLabel(label)})
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " ")
}

// plainLabel is a label in letters that the tokenizer keeps together.
func plainLabel(label string) string {
	var b strings.Builder
	for _, r := range label {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			b.WriteRune(r)
		} else {
			b.WriteString("\uE000" + strconv.FormatInt(int64(r), 16) + "\uE000")
		}
	}
	return b.String()
}

// reach is how a word is looked for.
type reach int

const (
	wholeInTitle reach = iota
	beginsInTitle
	beginsAnywhere
)

// expression is the question to the index. What people type has gone through fold: letters, digits and nothing that
// means anything here.
func expression(kind string, of scope, asked []word, far reach) string {
	var all []string
	if !of.all {
		var labels []string
		for _, label := range append([]string{everyone}, of.labels...) {
			labels = append(labels, sign(kind, inScope)+plainLabel(label))
		}
		all = append(all, either(labels, ""))
	}
	after := " *"
	if far == wholeInTitle {
		after = ""
	}
	for _, w := range asked {
		var ways []string
		for _, way := range w.ways {
			ways = append(ways, sign(kind, inTitle)+way)
			if far == beginsAnywhere {
				ways = append(ways, sign(kind, inBody)+way)
			}
		}
		all = append(all, either(ways, after))
	}
	return strings.Join(all, " AND ")
}

func either(tokens []string, after string) string {
	slices.Sort(tokens)
	tokens = slices.Compact(tokens)
	for n, t := range tokens {
		tokens[n] = `"` + t + `"` + after
	}
	return "(" + strings.Join(tokens, " OR ") + ")"
}
