package team

import (
	"slices"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// manyAddresses is how many are a lot to let in while there are no roles but the default ones.
const manyAddresses = 10

// addresses are those that were pasted into one field, each once.
func addresses(text string) []string {
	var all []string
	for _, one := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" ,;\n\r\t", c) }) {
		one = strings.Trim(one, "<>")
		if !slices.ContainsFunc(all, func(other string) bool { return strings.EqualFold(one, other) }) {
			all = append(all, one)
		}
	}
	return all
}

// rolesFirst warns before many come in with no more than the default roles; empty when there is nothing to say.
func rolesFirst(v *web.Visit, n int, roles []identity.Role) string {
	if n <= manyAddresses || slices.ContainsFunc(roles, func(o identity.Role) bool { return !o.Fixed }) {
		return ""
	}
	return v.T("team.bulk_roles_first")
}

// linksPage shows the links of several invitations, this once.
type linksPage struct {
	Heading, Payload string
	Rows             []bulkRow
}

// inviteMany asks all of the addresses, with the same roles, or none.
func inviteMany(v *web.Visit, p *invitePage, emails, roles []string, guest *identity.Guest) error {
	known, err := v.People.Roles(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	if p.Note = rolesFirst(v, len(emails), known); p.Note != "" && v.Form("anyway") == "" {
		return p.show(v)
	}
	form := fault.Form{}
	form.Need(len(emails) <= maxPeople, "email", "team.bulk_many", "max", maxPeople)
	var whom []identity.Invitee
	for _, email := range emails {
		form.Need(identity.IsEmail(email), "email", "team.invite_address", "email", email)
		whom = append(whom, identity.Invitee{Email: email, Roles: roles, Guest: guest})
	}
	form.Need(len(roles) > 0, "roles", "identity.role_needed")
	if err := form.Err(); err != nil {
		return p.again(v, err)
	}
	made, tokens, err := v.People.InviteAll(v.Context(), v.Tenant, v.Person, whom)
	if f := fault.Of(err); f != nil && f.Kind == fault.Conflict {
		form.Need(false, "email", f.Key, f.Args...)
		return p.again(v, form.Err())
	}
	if err != nil {
		return p.again(v, err)
	}
	rows, list, err := linksOf(v, made, tokens)
	if err != nil {
		return err
	}
	l := &linksPage{Heading: v.T("team.bulk_made", "n", len(made)), Rows: rows, Payload: list}
	headed(v, l.Heading)
	return v.Page("invite_links", l)
}
