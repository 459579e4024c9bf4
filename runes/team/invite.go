package team

import (
	"html/template"
	"slices"

	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// invitePage asks whom to invite, with which roles.
type invitePage struct {
	web.Problems
	Heading, Action, Verb, Text string
	Email, Name                 string
	NeedsName                   bool
	Choices                     []roleChoice
}

type roleChoice struct {
	ID, Name, Text string
	On             bool
}

// linkPage shows the link of an invitation, this once.
type linkPage struct {
	Heading, Text, Link, Back string
	Invites                   bool
	Mail                      template.URL
}

func showInvite(v *web.Visit) error {
	p, err := newInvite(v, false, nil)
	if err != nil {
		return err
	}
	return v.Page("invite", p)
}

// newInvite is the form; byHand is the short one, with a name and the role of employees.
func newInvite(v *web.Visit, byHand bool, chosen []string) (*invitePage, error) {
	p := &invitePage{
		Heading: v.T("team.invite"), Action: "/team/invite", Verb: v.T("team.send_invitation"), Text: v.T("team.invite_text"),
		Email: v.Form("email"), Name: v.Form("name"), NeedsName: byHand,
	}
	if byHand {
		p.Heading, p.Action, p.Verb, p.Text = v.T("team.add"), "/team/add", v.T("team.add"), v.T("team.add_text")
	} else {
		var err error
		if p.Choices, err = givable(v, chosen); err != nil {
			return nil, err
		}
	}
	v.Title(p.Heading)
	v.Crumb(v.T("team.name"), "/team")
	v.Crumb(p.Heading, "")
	return p, nil
}

// givable are the roles that this person may give: those that hold no more than they do.
func givable(v *web.Visit, chosen []string) ([]roleChoice, error) {
	roles, err := v.People.Roles(v.Context(), v.Tenant)
	if err != nil {
		return nil, err
	}
	var all []roleChoice
	for _, o := range roles {
		if v.People.Gives(v.Person, o) {
			all = append(all, roleChoice{ID: o.ID, Name: roleName(v, o), Text: roleText(v, o), On: slices.Contains(chosen, o.ID)})
		}
	}
	return all, nil
}

func roleText(v *web.Visit, o identity.Role) string {
	if o.Description == "" && o.Fixed {
		return v.T("team.role_" + o.ID + "_text")
	}
	return o.Description
}

func invite(v *web.Visit) error {
	roles := v.Values()["role"]
	made, token, err := v.People.Invite(v.Context(), v.Tenant, v.Person, identity.Invitee{Email: v.Form("email"), Roles: roles})
	if err != nil {
		p, failed := newInvite(v, false, roles)
		if failed != nil {
			return failed
		}
		return v.Again("invite", p, err)
	}
	return showLink(v, made, token)
}

func showAdd(v *web.Visit) error {
	p, err := newInvite(v, true, nil)
	if err != nil {
		return err
	}
	return v.Page("invite", p)
}

func add(v *web.Visit) error {
	p, err := newInvite(v, true, nil)
	if err != nil {
		return err
	}
	if err := needName(v.Form("name")); err != nil {
		return v.Again("invite", p, err)
	}
	made, token, err := v.People.Invite(v.Context(), v.Tenant, v.Person, identity.Invitee{Email: v.Form("email"), Name: v.Form("name"), Roles: []string{"employee"}})
	if err != nil {
		return v.Again("invite", p, err)
	}
	return showLink(v, made, token)
}

func inviteAgain(v *web.Visit) error {
	made, token, err := v.People.InviteAgain(v.Context(), v.Tenant, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	return showLink(v, made, token)
}

// showLink answers with the link itself: no mail goes out until somebody sets mail up.
func showLink(v *web.Visit, i identity.Invitation, token string) error {
	p := &linkPage{
		Heading: v.T("team.link_title", "email", i.Email), Text: v.T("team.link_text", "date", v.Date(i.EndsAt)), Link: v.Site() + "/join/" + token, Back: "/team", Invites: true,
	}
	l, err := written(v, i, p.Link)
	if err != nil {
		return err
	}
	p.Mail = web.MailTo(i.Email, l.Subject, l.Body)
	v.Title(p.Heading)
	v.Crumb(v.T("team.name"), "/team")
	v.Crumb(p.Heading, "")
	return v.Page("invite_link", p)
}

func showWithdraw(v *web.Visit) error {
	i, err := v.People.Invitation(v.Context(), v.Tenant, v.Param("id"))
	if err != nil {
		return err
	}
	return ask(v, question{
		Heading: v.T("team.withdraw_title", "email", i.Email), Text: v.T("team.withdraw_text"), Verb: v.T("team.withdraw"),
		Action: "/team/invitations/" + i.ID + "/withdraw", Back: "/team",
	})
}

func withdraw(v *web.Visit) error {
	if err := v.People.Withdraw(v.Context(), v.Tenant, v.Person, v.Param("id")); err != nil {
		return err
	}
	v.Flash(v.T("team.withdrawn"), "")
	return v.Go("/team")
}

// question asks before a deed.
type question struct {
	web.Problems
	Heading, Text, Verb, Action, Back string
	Tick                              string // a further choice
	Mild                              bool   // nothing is lost by it
	Option                            string // sent along as "value"
	Options                           []option
	OptionLabel                       string
	Losses                            []string
}

type option struct{ Value, Text string }

func ask(v *web.Visit, q question) error {
	v.Title(q.Heading)
	v.Crumb(v.T("team.name"), "/team")
	v.Crumb(q.Heading, "")
	return v.Page("question", &q)
}
