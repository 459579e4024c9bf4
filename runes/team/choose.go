package team

import (
	"slices"
	"strings"

	"runes.im/platform/search"
	"runes.im/platform/web"
)

// choicePage offers several things to add at once.
type choicePage struct {
	web.Problems
	Heading, Text, Verb, Action, Back, Empty string
	All, Tick                                string // choices beside the list
	Choices                                  []roleChoice
	Finds                                    bool   // the list can be searched
	Search, More                             string // what was searched for; how many are not shown
}

// find leaves what the address searches for, and not too many at once. What is ticked already stays, on top.
func (p *choicePage) find(v *web.Visit) {
	const most = 50
	p.Finds, p.Search = len(p.Choices) > 0, strings.TrimSpace(v.Query("q"))
	if p.Search != "" {
		p.Empty = v.T("team.nobody_found", "text", p.Search)
	}
	ticked, words := v.Request.URL.Query()["choice"], strings.Fields(search.Fold(p.Search))
	var on, off []roleChoice
	for _, c := range p.Choices {
		text := search.Fold(c.Name + " " + c.Text)
		switch {
		case slices.Contains(ticked, c.ID):
			c.On = true
			on = append(on, c)
		case !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }):
			off = append(off, c)
		}
	}
	if len(off) > most {
		p.More = v.T("team.choices_more", "n", len(off)-most)
		off = off[:most]
	}
	p.Choices = append(on, off...)
}
