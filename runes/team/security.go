package team

import (
	"slices"
	"strconv"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// showResetLink asks before a link for a new password is made; ticked, the old password opens nothing from now on.
func showResetLink(v *web.Visit) error {
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	return ask(v, question{
		Heading: v.T("team.reset_title", "name", p.Name), Text: v.T("team.reset_text"), Verb: v.T("team.reset_verb"), Mild: true,
		Action: memberHref(v) + "/reset", Back: memberHref(v), Tick: v.T("team.reset_force"),
	})
}

func makeReset(v *web.Visit) error {
	do := v.People.MakeReset
	if v.Form("tick") != "" {
		do = v.People.DemandReset
	}
	token, err := do(v.Context(), v.Tenant, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	page := &linkPage{Heading: v.T("team.reset_for", "name", p.Name), Text: v.T("team.reset_link_text"), Link: v.Site() + "/login/reset/" + token, Back: memberHref(v)}
	page.Mail = web.MailTo(p.Email, v.In(p.Locale, "team.reset_subject", "company", v.Tenant.Name), v.In(p.Locale, "team.reset_body", "name", p.Name, "link", page.Link))
	headed(v, page.Heading, p.Name, memberHref(v))
	return v.Page("invite_link", page)
}

// passwordPage gives somebody a new password.
type passwordPage struct {
	web.Problems
	Heading, Text, Action, Back, Email string
}

func passwordOf(v *web.Visit) (*identity.Person, *passwordPage, error) {
	p, err := memberOf(v)
	if err != nil {
		return nil, nil, err
	}
	page := &passwordPage{Heading: v.T("team.password_title", "name", p.Name), Text: v.T("team.password_give_text"), Action: memberHref(v) + "/password", Back: memberHref(v), Email: p.Email}
	v.Title(page.Heading)
	v.Crumb(v.T("team.name"), "/team")
	v.Crumb(p.Name, memberHref(v))
	v.Crumb(v.T("team.password_change"), "")
	return p, page, nil
}

func showPassword(v *web.Visit) error {
	_, page, err := passwordOf(v)
	if err != nil {
		return err
	}
	return v.Page("new_password", page)
}

func givePassword(v *web.Visit) error {
	p, page, err := passwordOf(v)
	if err != nil {
		return err
	}
	form := fault.Form{}
	form.Need(v.Form("password") == v.Form("again"), "again", "team.password_differs")
	if err := form.Err(); err != nil {
		return v.Again("new_password", page, err)
	}
	if err := v.People.GivePassword(v.Context(), v.Tenant, v.Person, p.ID, v.Form("password")); err != nil {
		return v.Again("new_password", page, err)
	}
	v.Flash(v.T("team.password_given", "name", p.Name), "")
	return v.Go(memberHref(v))
}

// showSignOutMany asks whose sessions end: those of some, or everybody's but one's own.
func showSignOutMany(v *web.Visit) error {
	p, err := signOutMany(v)
	if err != nil {
		return err
	}
	return v.Page("choose", p)
}

func signOutMany(v *web.Visit) (*choicePage, error) {
	members, err := v.People.Members(v.Context(), v.Tenant)
	if err != nil {
		return nil, err
	}
	p := &choicePage{
		Heading: v.T("team.signout_many"), Text: v.T("team.signout_many_text"), Verb: v.T("team.signout"), Action: "/team/signout", Back: "/team",
		All: v.T("team.signout_all"), Tick: v.T("team.signout_programs"), Empty: v.T("team.signout_nobody"),
	}
	for _, m := range members {
		if m.State() == "active" && m.ID != v.Person.ID && v.People.Manages(v.Person, m) {
			p.Choices = append(p.Choices, roleChoice{ID: m.ID, Name: m.Name, Text: m.Email})
		}
	}
	headed(v, p.Heading)
	return p, nil
}

func endMany(v *web.Visit) error {
	p, err := signOutMany(v)
	if err != nil {
		return err
	}
	n := 0
	for _, c := range p.Choices {
		if v.Form("all") == "" && !slices.Contains(v.Values()["choice"], c.ID) {
			continue
		}
		if err := v.People.SignOutMember(v.Context(), v.Tenant, v.Person, c.ID, v.Form("tick") != ""); err != nil {
			return err
		}
		n++
	}
	v.Flash(v.T("team.signed_out_many", "n", n), "")
	return v.Go("/team")
}

func showResetFactors(v *web.Visit) error {
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	return ask(v, question{
		Heading: v.T("team.factors_reset_title", "name", p.Name), Text: v.T("team.factors_reset_text"), Verb: v.T("team.factors_reset"),
		Action: memberHref(v) + "/factors", Back: memberHref(v),
	})
}

func resetFactors(v *web.Visit) error {
	if err := v.People.ResetFactors(v.Context(), v.Tenant, v.Person, v.Param("id")); err != nil {
		return err
	}
	v.Flash(v.T("team.factors_reset_done"), "")
	return v.Go(memberHref(v))
}

// factorsPage says who needs a second factor.
type factorsPage struct {
	web.Problems
	Rules []factorRule
	Wrong string // the role whose form came back
}

type factorRule struct {
	Role, Name, Mode string
	Grace, Remember  int
	PasskeyOnly      bool
	Modes            []option
}

func showFactorRules(v *web.Visit) error {
	p, err := factorRules(v)
	if err != nil {
		return err
	}
	return v.Page("factors", p)
}

func factorRules(v *web.Visit) (*factorsPage, error) {
	rules, err := v.People.FactorRules(v.Context(), v.Tenant)
	if err != nil {
		return nil, err
	}
	made := map[string]identity.FactorRule{"": identity.UsualFactors}
	for _, f := range rules {
		made[f.Role] = f
	}
	roles, err := v.People.Roles(v.Context(), v.Tenant)
	if err != nil {
		return nil, err
	}
	p := &factorsPage{Rules: []factorRule{ruleOf(v, "", v.T("team.everybody"), made[""])}}
	for _, o := range roles {
		f, ok := made[o.ID]
		if !ok {
			f = identity.UsualFactors
			f.Mode = ""
		}
		p.Rules = append(p.Rules, ruleOf(v, o.ID, roleName(v, o), f))
	}
	headed(v, v.T("team.factors"))
	return p, nil
}

func ruleOf(v *web.Visit, role, name string, f identity.FactorRule) factorRule {
	r := factorRule{Role: role, Name: name, Mode: f.Mode, Grace: f.GraceDays, Remember: f.RememberDays, PasskeyOnly: f.PasskeyOnly}
	if role != "" {
		r.Modes = append(r.Modes, option{"", v.T("team.factors_follow")})
	}
	for _, mode := range []string{identity.FactorsOptional, identity.FactorsRequired} {
		r.Modes = append(r.Modes, option{mode, v.T("team.factors_" + mode)})
	}
	return r
}

func saveFactorRule(v *web.Visit) error {
	days := func(name string) int {
		n, err := strconv.Atoi(v.Form(name))
		if err != nil {
			return -1 // no number is no number of days
		}
		return n
	}
	f := identity.FactorRule{Role: v.Form("role"), Mode: v.Form("mode"), GraceDays: days("grace"), RememberDays: days("remember"), PasskeyOnly: v.Form("passkey") != ""}
	if err := v.People.SaveFactorRule(v.Context(), v.Tenant, f); err != nil {
		p, failed := factorRules(v)
		if failed != nil {
			return failed
		}
		p.Wrong = f.Role
		return v.Again("factors", p, err)
	}
	v.Flash(v.T("team.factors_saved"), "")
	return v.Go("/team/factors")
}
