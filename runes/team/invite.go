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
	Guest                       guestFields
	Note                        string // a warning before it is done
	Known                       string // the page of the one who is a member already
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
	chosen := v.Request.URL.Query()["role"] // other pages lead here with a role
	p, err := newInvite(v, false, chosen)
	if err != nil {
		return err
	}
	p.Guest.On = v.Query("guest") != ""
	return p.show(v)
}

// usualRole is that of somebody added by hand.
const usualRole = "employee"

// newInvite is the form; byHand is the short one, with a name and the role of employees.
func newInvite(v *web.Visit, byHand bool, chosen []string) (*invitePage, error) {
	p := &invitePage{
		Heading: v.T("team.invite"), Action: "/team/invite", Verb: v.T("team.send_invitation"), Text: v.T("team.invite_text"),
		Email: v.Form("email"), Name: v.Form("name"), NeedsName: byHand,
	}
	var err error
	if p.Choices, err = givable(v, chosen); err != nil {
		return nil, err
	}
	if byHand {
		p.Heading, p.Action, p.Verb, p.Text = v.T("team.add"), "/team/add", v.T("team.add"), v.T("team.add_text")
		if slices.ContainsFunc(p.Choices, func(o roleChoice) bool { return o.ID == usualRole }) {
			p.Choices = nil
		}
	}
	if p.Guest, err = guestFieldsOf(v, nil, ""); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *invitePage) show(v *web.Visit) error {
	headed(v, p.Heading)
	return v.Page("invite", p)
}

func (p *invitePage) again(v *web.Visit, err error) error {
	headed(v, p.Heading)
	return v.Again("invite", p, err)
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
	p, err := newInvite(v, false, roles)
	if err != nil {
		return err
	}
	guest, err := guestAsked(v)
	if err != nil {
		return p.again(v, err)
	}
	emails := addresses(v.Form("email"))
	if len(emails) > 1 {
		return inviteMany(v, p, emails, roles, guest)
	}
	return inviteOne(v, p, identity.Invitee{Email: v.Form("email"), Roles: roles, Guest: guest})
}

// inviteOne makes the invitation and shows its link; whoever is a member already is led to.
func inviteOne(v *web.Visit, p *invitePage, n identity.Invitee) error {
	made, token, err := v.People.Invite(v.Context(), v.Tenant, v.Person, n)
	if err == nil {
		return showLink(v, made, token)
	}
	if m, missing := v.People.MemberByEmail(v.Context(), v.Tenant, n.Email); missing == nil && within(v, m.ID, m.Roles, m.Owner) {
		p.Known = "/team/members/" + m.ID
	}
	return p.again(v, err)
}

func showAdd(v *web.Visit) error {
	p, err := newInvite(v, true, nil)
	if err != nil {
		return err
	}
	return p.show(v)
}

func add(v *web.Visit) error {
	p, err := newInvite(v, true, v.Values()["role"])
	if err != nil {
		return err
	}
	if err := needName(v.Form("name")); err != nil {
		return p.again(v, err)
	}
	roles := []string{usualRole}
	if p.Choices != nil {
		roles = v.Values()["role"]
	}
	guest, err := guestAsked(v)
	if err != nil {
		return p.again(v, err)
	}
	return inviteOne(v, p, identity.Invitee{Email: v.Form("email"), Name: v.Form("name"), Roles: roles, Guest: guest})
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
	headed(v, p.Heading)
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
	headed(v, q.Heading)
	return v.Page("question", &q)
}
