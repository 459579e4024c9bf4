package team

import (
	"slices"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// Whoever manages the people of some roles alone sees those people, and themselves. Nobody else is there for them.

// memberOf is the member of the address.
func memberOf(v *web.Visit) (*identity.Person, error) {
	p, err := v.People.Member(v.Context(), v.Tenant, v.Param("id"))
	if err == nil && !within(v, p.ID, p.Roles, p.Owner) {
		return nil, fault.New(fault.NotFound, "identity.member_missing")
	}
	return p, err
}

func within(v *web.Visit, id string, roles []string, owner bool) bool {
	_, limited := v.Person.Area()
	return !limited || id == v.Person.ID || !owner && v.Person.Reaches(roles)
}

// areaFields say whom the holders of a grant manage: everybody, or the people of some roles.
type areaFields struct {
	Limited bool
	Choices []roleChoice
	Locked  bool // whoever is limited changes no limit
}

func areaFieldsOf(v *web.Visit, roles []identity.Role, limited bool, area []string) areaFields {
	f := areaFields{Limited: limited}
	_, f.Locked = v.Person.Area()
	for _, o := range roles {
		if o.ID != "admin" {
			f.Choices = append(f.Choices, roleChoice{ID: o.ID, Name: roleName(v, o), On: slices.Contains(area, o.ID)})
		}
	}
	return f
}

// areaNames are the roles of an area, to read.
func areaNames(v *web.Visit, area []string) (string, error) {
	roles, err := v.People.Roles(v.Context(), v.Tenant)
	var names []string
	for _, o := range roles {
		if slices.Contains(area, o.ID) {
			names = append(names, roleName(v, o))
		}
	}
	if len(names) == 0 {
		names = []string{v.T("team.area_nobody")}
	}
	return strings.Join(names, ", "), err
}

// limitPage limits the right to manage people that one person was granted.
type limitPage struct {
	web.Problems
	Heading, Text, Action, Back string
	Area                        areaFields
}

func limiting(v *web.Visit) (*identity.Person, *limitPage, error) {
	p, err := memberOf(v)
	if err != nil {
		return nil, nil, err
	}
	roles, err := v.People.Roles(v.Context(), v.Tenant)
	if err != nil {
		return nil, nil, err
	}
	area, limited, err := v.People.GrantedArea(v.Context(), v.Tenant, p.ID)
	if v.Values().Has("reach") {
		limited, area = v.Form("reach") == "some", v.Values()["area"]
	}
	page := &limitPage{
		Heading: v.T("team.area_title", "name", p.Name), Text: v.T("team.area_text"), Action: memberHref(v) + "/area", Back: memberHref(v) + "#rights",
		Area: areaFieldsOf(v, roles, limited, area),
	}
	headed(v, page.Heading, p.Name, memberHref(v))
	return p, page, err
}

func showLimit(v *web.Visit) error {
	_, page, err := limiting(v)
	if err != nil {
		return err
	}
	return v.Page("limit", page)
}

func limit(v *web.Visit) error {
	p, page, err := limiting(v)
	if err != nil {
		return err
	}
	var area []string
	if v.Form("reach") == "some" {
		area = append([]string{}, v.Values()["area"]...)
	}
	if err := v.People.LimitMember(v.Context(), v.Tenant, v.Person, p.ID, area); err != nil {
		return v.Again("limit", page, err)
	}
	v.Flash(v.T("team.area_saved"), "")
	return v.Go(memberHref(v) + "#rights")
}
