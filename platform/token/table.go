package token

import (
	"strings"

	"runes.im/platform/slot"
)

// place is where a token's value comes from.
type place struct {
	offer int
	path  string
}

// table is the tokens a person may use, by name in small letters. A path that ends in * stands for all that begin so.
type table struct {
	exact map[string]place
	open  map[string]int // beginning → offer
	cut   map[string]int // how many bytes of the beginning are the namespace and its mark
}

func tableOf(a slot.Asker, offers []slot.Tokens) table {
	t := table{exact: map[string]place{}, open: map[string]int{}, cut: map[string]int{}}
	for at, o := range offers {
		if !mayUse(a, o) {
			continue
		}
		for _, p := range o.Paths {
			name := Name(o, p)
			if begin, open := strings.CutSuffix(name, "*"); open {
				begin = strings.ToLower(begin)
				t.open[begin], t.cut[begin] = at, len(name)-len(p.Path)
				continue
			}
			for _, name := range []string{name, p.Alias} {
				name = strings.ToLower(name)
				if _, taken := t.exact[name]; name != "" && !taken {
					t.exact[name] = place{at, p.Path}
				}
			}
		}
	}
	return t
}

func (t table) find(name string) (place, bool) {
	if where, ok := t.exact[name]; ok {
		return where, true
	}
	for i := len(name); i > 0; i-- {
		if at, ok := t.open[name[:i]]; ok && i < len(name) {
			return place{at, name[t.cut[name[:i]]:]}, true
		}
	}
	return place{}, false
}

func mayUse(a slot.Asker, o slot.Tokens) bool {
	return o.Permission == "" || a.Person.Can(o.Permission)
}

// Name is a token as it is written between the brackets: "customer.legal_name", "dict:colour".
func Name(o slot.Tokens, p slot.Path) string {
	if strings.HasSuffix(o.Namespace, ":") {
		return o.Namespace + p.Path
	}
	return o.Namespace + "." + p.Path
}

// Group is what one rune offers, for the list that people choose from.
type Group struct {
	Rune   string
	Tokens []Choice
}

// Choice is one token of the list. Title is a words key.
type Choice struct{ Name, Title, Alias string }

// Known is every token that the asker may use, rune by rune.
func Known(a slot.Asker, offers []slot.Answer[slot.Tokens]) []Group {
	var groups []Group
	for _, o := range offers {
		if !mayUse(a, o.What) {
			continue
		}
		if len(groups) == 0 || groups[len(groups)-1].Rune != o.Rune {
			groups = append(groups, Group{Rune: o.Rune})
		}
		g := &groups[len(groups)-1]
		for _, p := range o.What.Paths {
			g.Tokens = append(g.Tokens, Choice{Name: Name(o.What, p), Title: p.Title, Alias: p.Alias})
		}
	}
	return groups
}
