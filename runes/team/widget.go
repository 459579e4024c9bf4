package team

import (
	"slices"

	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

// The smaller widgets of the page of a person: what their sidebar shows, which modules they use, how much they see.

type menuRow struct {
	Name    string
	Entries []menuEntry
}

type menuEntry struct {
	Key, Icon, Text string
	Shown           bool
}

// menuOf is every entry of the sidebar that the person's rights open, and whether they see it.
func menuOf(v *web.Visit, p *identity.Person) ([]menuRow, error) {
	shelves, err := catalogue(v)
	if err != nil {
		return nil, err
	}
	var all []menuRow
	for _, s := range shelves {
		row := menuRow{Name: v.T(s.Rune + ".name")}
		for _, e := range s.Entries {
			if key := s.Rune + "." + e.Key; p.Holds(e.Permission) {
				row.Entries = append(row.Entries, menuEntry{Key: key, Icon: e.Icon, Text: v.T(s.Rune + ".nav." + e.Key), Shown: !p.Hides(key)})
			}
		}
		if len(row.Entries) > 0 {
			all = append(all, row)
		}
	}
	return all, nil
}

// saveMenu hides what was offered and is not ticked. What the page did not offer stays as it was: entries of suspended
// runes, and those that come with a right the person may get back.
func saveMenu(v *web.Visit) error {
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	offered, err := menuOf(v, p)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	var hidden []string
	for _, row := range offered {
		for _, e := range row.Entries {
			seen[e.Key] = true
			if !slices.Contains(v.Values()["entry"], e.Key) {
				hidden = append(hidden, e.Key)
			}
		}
	}
	for _, s := range v.People.Catalogue() {
		for _, e := range s.Entries {
			if key := s.Rune + "." + e.Key; !seen[key] && p.Hides(key) {
				hidden = append(hidden, key)
			}
		}
	}
	if err := v.People.HideEntries(v.Context(), v.Tenant, v.Person, p.ID, hidden); err != nil {
		return err
	}
	v.Flash(v.T("team.menu_saved"), "")
	return v.Go(memberHref(v) + "#sidebar")
}

// scopeRow is how much of one kind of record the person sees.
type scopeRow struct{ Icon, Title, Said, Href string }

func scopesOf(v *web.Visit, p *identity.Person) ([]scopeRow, error) {
	answers, err := slot.Scopes.Ask(v.Context(), v.Asker())
	if err != nil {
		return nil, err
	}
	var all []scopeRow
	for _, a := range answers {
		if slices.ContainsFunc(a.What.Permissions, func(key string) bool { return !v.Can(key) }) {
			continue
		}
		said, err := a.What.Said(v.Context(), v.DB, p)
		if err != nil {
			return nil, err
		}
		all = append(all, scopeRow{Icon: a.What.Icon, Title: v.T(a.What.Title), Said: v.T(said), Href: a.What.Link(p.ID)})
	}
	return all, nil
}

func showOwner(v *web.Visit) error {
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	q := question{
		Heading: v.T("team.owner_title", "name", p.Name), Text: v.T("team.owner_make_text"), Verb: v.T("team.owner_make"), Mild: true,
		Action: memberHref(v) + "/owner", Back: memberHref(v), Option: "on",
	}
	if p.Owner {
		q.Heading, q.Text, q.Verb = v.T("team.owner_end_title", "name", p.Name), v.T("team.owner_end_text"), v.T("team.owner_end")
		q.Mild, q.Option = false, ""
	}
	return ask(v, q)
}

func setOwner(v *web.Visit) error {
	if err := v.People.SetOwner(v.Context(), v.Tenant, v.Person, v.Param("id"), v.Form("value") != ""); err != nil {
		return err
	}
	v.Flash(v.T("team.owner_saved"), "")
	return v.Go(memberHref(v))
}
