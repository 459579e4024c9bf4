package team

import (
	"slices"
	"strings"

	"runes.im/platform/identity"
	"runes.im/platform/web"
	"runes.im/platform/words"
)

// suggestion is a role that an active rune suggests and nobody has made.
type suggestion struct{ Href, Name, Text, Rune string }

// suggestions are those that the person could make: nobody suggests to them what they do not hold.
func suggestions(v *web.Visit, roles []identity.Role) ([]suggestion, error) {
	shelves, err := catalogue(v)
	if err != nil {
		return nil, err
	}
	var all []suggestion
	for _, s := range shelves {
		for _, p := range s.Presets {
			key := s.Rune + ".preset." + p.Key
			made := slices.ContainsFunc(roles, func(o identity.Role) bool {
				return slices.ContainsFunc(words.Languages, func(lang string) bool { return strings.EqualFold(v.In(lang, key), o.Name) })
			})
			if !made && !slices.ContainsFunc(p.Permissions, func(right string) bool { return !v.Can(right) }) {
				all = append(all, suggestion{Href: "/team/roles/new?preset=" + s.Rune + "." + p.Key, Name: v.T(key), Text: v.T(key + "_text"), Rune: v.T(s.Rune + ".name")})
			}
		}
	}
	return all, nil
}

// preset is what the form of a new role is filled with; empty without a preset in the address.
func preset(v *web.Visit) (o identity.Role, err error) {
	shelves, err := catalogue(v)
	for _, s := range shelves {
		for _, p := range s.Presets {
			if key := s.Rune + ".preset." + p.Key; v.Query("preset") == s.Rune+"."+p.Key {
				o = identity.Role{Name: v.T(key), Description: v.T(key + "_text"), Category: s.Rune, Permissions: p.Permissions}
			}
		}
	}
	return o, err
}
