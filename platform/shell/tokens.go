package shell

import (
	"net/http"
	"strings"

	"runes.im/platform/slot"
	"runes.im/platform/token"
	"runes.im/platform/web"
)

// tokenGroup is what one rune offers, in the list that opens on "[[".
type tokenGroup struct {
	Name   string      `json:"name"`
	Tokens []tokenLine `json:"tokens"`
}

type tokenLine struct {
	Name  string `json:"name"` // between the brackets
	Title string `json:"title"`
	Alias string `json:"alias,omitempty"`
}

// listTokens answers with every token that this person may use.
func listTokens(v *web.Visit) error {
	offers, err := slot.TokenValues.Ask(v.Context(), v.Asker())
	if err != nil {
		return err
	}
	groups := []tokenGroup{}
	for _, g := range token.Known(v.Asker(), offers) {
		group := tokenGroup{Name: v.T("shell.tokens_house")}
		if g.Rune != slot.House {
			group.Name = v.T(g.Rune + ".name")
		}
		for _, t := range g.Tokens {
			group.Tokens = append(group.Tokens, tokenLine{Name: t.Name, Title: v.T(t.Title), Alias: t.Alias})
		}
		groups = append(groups, group)
	}
	return v.JSON(http.StatusOK, groups)
}

// previewTokens renders a text as this person would, about the records that the form names: about=contacts.company:ID.
func previewTokens(v *web.Visit) error {
	offers, err := slot.TokenValues.Ask(v.Context(), v.Asker())
	if err != nil {
		return err
	}
	about := map[string]string{}
	for _, one := range v.Values()["about"] {
		if kind, id, ok := strings.Cut(one, ":"); ok {
			about[kind] = id
		}
	}
	r, err := token.Render(v.Context(), v.Asker(), slot.Only(offers), v.Form("text"), about, token.Text)
	if err != nil {
		return err
	}
	return v.JSON(http.StatusOK, map[string]any{"text": r.Text, "unknown": append([]string{}, r.Unknown...)})
}
