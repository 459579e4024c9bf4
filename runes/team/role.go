package team

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/web"
)

// rolesPage is every role, grouped by the rune or the label it belongs to.
type rolesPage struct {
	Lead       string
	Filter     record.Filters
	Groups     []roleGroup
	Suggested  []suggestion
	Exceptions int
}

type roleGroup struct {
	Name  string
	Roles []roleRow
}

type roleRow struct {
	ID, Name, Text, People, Rights string
	Fixed                          bool
}

func showRoles(v *web.Visit) error {
	roles, err := v.People.Roles(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	exceptions, err := v.People.Exceptions(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	p := &rolesPage{Lead: v.T("team.roles_lead", "n", len(roles)), Exceptions: len(exceptions)}
	for _, o := range roles {
		name := categoryName(v, o)
		at := slices.IndexFunc(p.Groups, func(g roleGroup) bool { return g.Name == name })
		if at < 0 {
			at = len(p.Groups)
			p.Groups = append(p.Groups, roleGroup{Name: name})
		}
		p.Groups[at].Roles = append(p.Groups[at].Roles, roleRow{
			ID: o.ID, Name: roleName(v, o), Text: roleText(v, o), Fixed: o.Fixed,
			People: v.T("team.n_people", "n", o.Members), Rights: v.T("team.n_rights", "n", len(o.Permissions)),
		})
	}
	p.filter(v)
	if p.Suggested, err = suggestions(v, roles); err != nil {
		return err
	}
	headed(v, v.T("team.nav.roles"))
	return v.Page("roles", p)
}

// filter leaves the group of the address, when there are several.
func (p *rolesPage) filter(v *web.Visit) {
	if len(p.Groups) < 2 {
		return
	}
	wanted, chosen := v.Query("group"), -1
	f := record.Filter{Name: "group", Text: v.T("team.role_group")}
	for n, g := range p.Groups {
		if g.Name == wanted {
			chosen, f.Text, f.Clear = n, g.Name, "/team/roles"
		}
		f.Choices = append(f.Choices, record.Link{Text: g.Name, Href: "/team/roles?group=" + url.QueryEscape(g.Name), Current: g.Name == wanted})
	}
	p.Filter = record.Filters{f}
	if chosen >= 0 {
		p.Groups = p.Groups[chosen : chosen+1]
	}
}

// categoryName is the heading that the role stands under.
func categoryName(v *web.Visit, o identity.Role) string {
	for _, s := range v.People.Catalogue() {
		if s.Rune == o.Category {
			return v.T(s.Rune + ".name")
		}
	}
	switch {
	case o.Category != "":
		return o.Category
	case o.Fixed:
		return v.T("team.default_roles")
	}
	return v.T("team.own_roles")
}

// rolePage is one role: what it may do, and who has it.
type rolePage struct {
	web.Problems
	ID, Heading, Lead    string
	Name, Text, Category string
	Type                 string // of roles that belong to no module: a label of one's own
	Fixed                bool
	Tabs                 []record.Segment
	Tab                  string
	Shelves              []roleShelf
	Categories           []option
	Area                 areaFields
	People               []memberRow
}

type roleShelf struct {
	Name  string
	Ticks []tick
}

type tick struct {
	Key, Text  string
	On, Locked bool
}

func showNewRole(v *web.Visit) error {
	o, err := preset(v)
	if err != nil {
		return err
	}
	p, err := rolePageOf(v, o)
	if err != nil {
		return err
	}
	return v.Page("role", p)
}

func showRole(v *web.Visit) error {
	o, err := v.People.Role(v.Context(), v.Tenant, v.Param("id"))
	if err != nil {
		return err
	}
	p, err := rolePageOf(v, o)
	if err != nil {
		return err
	}
	if v.Query("tab") == "members" {
		if err := p.fillPeople(v); err != nil {
			return err
		}
	}
	return v.Page("role", p)
}

func rolePageOf(v *web.Visit, o identity.Role) (*rolePage, error) {
	p := &rolePage{ID: o.ID, Name: o.Name, Text: o.Description, Category: o.Category, Fixed: o.Fixed, Tab: "rights", Heading: v.T("team.create_role")}
	if o.ID != "" {
		here := "/team/roles/" + o.ID
		p.Heading, p.Lead = roleName(v, o), roleText(v, o)
		p.Tabs = []record.Segment{
			{Text: v.T("team.tab_rights"), Icon: "shield-check", Href: here, Count: len(o.Permissions), Current: true},
			{Text: v.T("team.tab_members"), Icon: "users", Href: here + "?tab=members", Count: o.Members},
		}
	}
	shelves, err := catalogue(v)
	if err != nil {
		return nil, err
	}
	p.Categories, p.Type = []option{{"", v.T("team.no_category")}}, o.Category
	for _, s := range shelves {
		name := v.T(s.Rune + ".name")
		if p.Categories = append(p.Categories, option{s.Rune, name}); s.Rune == o.Category {
			p.Type = ""
		}
		shown := roleShelf{Name: name}
		for _, key := range s.Permissions {
			on := slices.Contains(o.Permissions, key) && (o.ID != "" || v.Can(key))
			locked := o.ID == "admin" && (key == "manage_users" || key == "manage_roles") || !v.Can(key)
			shown.Ticks = append(shown.Ticks, tick{Key: key, Text: v.T(s.Rune + ".permission." + key), On: on, Locked: locked})
		}
		p.Shelves = append(p.Shelves, shown)
	}
	roles, err := v.People.Roles(v.Context(), v.Tenant)
	p.Area = areaFieldsOf(v, roles, o.Limited, o.Area)
	headed(v, p.Heading, v.T("team.nav.roles"), "/team/roles")
	return p, err
}

func (p *rolePage) fillPeople(v *web.Visit) error {
	p.Tab, p.Tabs[0].Current, p.Tabs[1].Current = "members", false, true
	all, names, err := people(v)
	for _, e := range all {
		if !e.IsInvitation() && slices.Contains(e.Roles, p.ID) {
			p.People = append(p.People, rowOf(v, e, names))
		}
	}
	return err
}

func saveRole(v *web.Visit) error {
	o := identity.Role{
		ID: v.Param("id"), Name: v.Form("name"), Description: v.Form("description"), Category: v.Form("category"), Permissions: v.Values()["right"],
		Limited: v.Form("reach") == "some", Area: v.Values()["area"],
	}
	if o.Category == "" {
		o.Category = v.Form("type")
	}
	if o.ID != "" {
		old, err := v.People.Role(v.Context(), v.Tenant, o.ID)
		if err != nil {
			return err
		}
		o.Fixed = old.Fixed
		if !v.Values().Has("reach") {
			o.Limited, o.Area = old.Limited, old.Area // the form did not ask
		}
		if err := keepHidden(v, &o, old); err != nil {
			return err
		}
	}
	made, err := v.People.KeepRole(v.Context(), v.Tenant, v.Person, o)
	if err != nil {
		p, failed := rolePageOf(v, o)
		if failed != nil {
			return errors.Join(err, failed)
		}
		return v.Again("role", p, err)
	}
	v.Flash(v.T("team.role_saved"), "")
	return v.Go("/team/roles/" + made)
}

// keepHidden adds what the form does not show: the permissions of suspended runes.
func keepHidden(v *web.Visit, o *identity.Role, old identity.Role) error {
	shown, err := catalogue(v)
	if err != nil {
		return err
	}
	for _, key := range old.Permissions {
		isShown := slices.ContainsFunc(shown, func(s identity.Shelf) bool { return slices.Contains(s.Permissions, key) })
		if !isShown {
			o.Permissions = append(o.Permissions, key)
		}
	}
	return nil
}

func showAddPeople(v *web.Visit) error {
	o, err := v.People.Role(v.Context(), v.Tenant, v.Param("id"))
	if err != nil {
		return err
	}
	all, _, err := people(v)
	if err != nil {
		return err
	}
	here := "/team/roles/" + o.ID
	p := &choicePage{
		Heading: v.T("team.add_people"), Text: v.T("team.add_people_text", "role", roleName(v, o)), Verb: v.T("team.add_people_verb"),
		Action: here + "/people", Back: here + "?tab=members", Empty: v.T("team.everybody_has_it"),
	}
	for _, e := range all {
		if !e.IsInvitation() && !slices.Contains(e.Roles, o.ID) {
			p.Choices = append(p.Choices, roleChoice{ID: e.ID, Name: e.Name, Text: e.Email})
		}
	}
	p.find(v)
	headed(v, p.Heading, roleName(v, o), here)
	return v.Page("choose", p)
}

func addPeople(v *web.Visit) error {
	if v.Form("find") != "" {
		again := url.Values{"q": {v.Form("q")}, "choice": v.Values()["choice"]}
		return v.Go("/team/roles/" + url.PathEscape(v.Param("id")) + "/people?" + again.Encode())
	}
	for _, id := range v.Values()["choice"] {
		if err := v.People.GiveRoles(v.Context(), v.Tenant, v.Person, id, []string{v.Param("id")}); err != nil {
			return err
		}
	}
	return v.Go("/team/roles/" + url.PathEscape(v.Param("id")) + "?tab=members")
}

func showRemoveRole(v *web.Visit) error {
	o, err := v.People.Role(v.Context(), v.Tenant, v.Param("id"))
	if err != nil {
		return err
	}
	q, err := removalOf(v, o)
	if err != nil {
		return err
	}
	return ask(v, *q)
}

func removalOf(v *web.Visit, o identity.Role) (*question, error) {
	q := &question{
		Heading: v.T("team.remove_role_title", "name", roleName(v, o)), Text: v.T("team.remove_role_text", "n", o.Members), Verb: v.T("team.remove_role"),
		Action: "/team/roles/" + o.ID + "/remove", Back: "/team/roles/" + o.ID,
	}
	if o.Members == 0 {
		return q, nil
	}
	others, err := givable(v, nil)
	q.OptionLabel, q.Options = v.T("team.replacement"), []option{{"", v.T("team.choose_role")}}
	for _, other := range others {
		if other.ID != o.ID {
			q.Options = append(q.Options, option{other.ID, other.Name})
		}
	}
	return q, err
}

func removeRole(v *web.Visit) error {
	o, err := v.People.Role(v.Context(), v.Tenant, v.Param("id"))
	if err != nil {
		return err
	}
	err = v.People.RemoveRole(v.Context(), v.Tenant, v.Person, o.ID, v.Form("option"))
	if fault.Is(err, fault.Invalid) {
		q, failed := removalOf(v, o)
		if failed != nil {
			return failed
		}
		v.Title(q.Heading)
		return v.Again("question", q, err)
	}
	if err != nil {
		return err
	}
	v.Flash(v.T("team.role_removed", "name", roleName(v, o)), "")
	return v.Go("/team/roles")
}

// exceptionsPage is everybody whose rights are not those of their roles.
type exceptionsPage struct{ Rows []exceptionRow }

type exceptionRow struct {
	Name, Href, Text, Way string
	Face                  record.Face
	Granted               bool
}

func showExceptions(v *web.Visit) error {
	all, err := v.People.Exceptions(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	p := &exceptionsPage{}
	for _, e := range all {
		row := exceptionRow{Name: e.Name, Href: "/team/members/" + e.MemberID, Text: sentenceOf(v, e.Permission), Way: v.T("team.way_denied"), Face: record.FaceOf(e.Name, e.MemberID), Granted: e.Granted}
		if e.Granted {
			row.Way = v.T("team.way_granted")
		}
		p.Rows = append(p.Rows, row)
	}
	headed(v, v.T("team.exceptions"))
	return v.Page("exceptions", p)
}

func needName(name string) error {
	form := fault.Form{}
	form.Need(strings.TrimSpace(name) != "", "name", "identity.name_missing")
	return form.Err()
}
