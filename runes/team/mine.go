package team

import (
	"slices"
	"strings"

	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// minePage is what people may do themselves, role by role.
type minePage struct {
	web.Problems
	Guests []guestRow // whom the person answers for
	Wrong  string     // the guest whose form came back
	Owner  bool
	Roles  []mineRole
	Extra  []right
}

type mineRole struct {
	Name, Text string
	Rights     []string
}

func showMine(v *web.Visit) error {
	p, err := mineOf(v)
	if err != nil {
		return err
	}
	return v.Page("mine", p)
}

func mineOf(v *web.Visit) (*minePage, error) {
	roles, err := v.People.Roles(v.Context(), v.Tenant)
	if err != nil {
		return nil, err
	}
	shelves, err := catalogue(v)
	if err != nil {
		return nil, err
	}
	p := &minePage{Owner: v.Person.Owner}
	if p.Guests, err = sponsoredOf(v); err != nil {
		return nil, err
	}
	for _, o := range roles {
		if !slices.Contains(v.Person.Roles, o.ID) {
			continue
		}
		m := mineRole{Name: roleName(v, o), Text: roleText(v, o)}
		for _, s := range shelves {
			for _, key := range s.Permissions {
				if slices.Contains(o.Permissions, key) {
					m.Rights = append(m.Rights, strings.TrimSuffix(v.T(s.Rune+".permission."+key), "."))
				}
			}
		}
		p.Roles = append(p.Roles, m)
	}
	for _, s := range shelves {
		for _, key := range s.Permissions {
			if way := v.Person.Way(key); way != identity.Follow {
				p.Extra = append(p.Extra, right{Key: key, Text: v.T(s.Rune + ".permission." + key), Way: v.T("team.way_" + way), Held: way == identity.Grant})
			}
		}
	}
	v.Title(v.T("team.mine"))
	v.Crumb(v.T("team.mine"), "")
	return p, nil
}
