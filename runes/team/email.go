package team

import (
	"html/template"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// Somebody wants another address to sign in with. While no mail goes out, whoever manages people passes the two links on.

// emailLinksPage shows them, this once.
type emailLinksPage struct {
	Heading, Text, Back string
	Links               []mailboxLink
}

type mailboxLink struct {
	ID, Address, Link string
	Mail              template.URL
}

// changing is the new address that the member waits for; nil when there is none.
func changing(v *web.Visit, p *identity.Person) (*identity.EmailChange, error) {
	c, err := v.People.EmailChangeOf(v.Context(), p)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return &c, err
}

func showEmailLinks(v *web.Visit) error {
	p, err := v.People.Member(v.Context(), v.Tenant, v.Param("id"))
	if err != nil {
		return err
	}
	c, err := v.People.EmailChangeOf(v.Context(), p)
	if err != nil {
		return err
	}
	return ask(v, question{
		Heading: v.T("team.email_title", "name", p.Name), Text: v.T("team.email_text", "name", p.Name, "from", c.From, "to", c.To), Verb: v.T("team.email_verb"), Mild: true,
		Action: memberHref(v) + "/email", Back: memberHref(v),
	})
}

func makeEmailLinks(v *web.Visit) error {
	links, c, err := v.People.MakeEmailLinks(v.Context(), v.Tenant, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	p, err := v.People.Member(v.Context(), v.Tenant, v.Param("id"))
	if err != nil {
		return err
	}
	page := &emailLinksPage{Heading: v.T("team.email_title", "name", p.Name), Text: v.T("team.email_links_text", "time", v.Time(c.EndsAt)), Back: memberHref(v)}
	for _, one := range []struct{ id, address, token string }{{"old", c.From, links.Old}, {"new", c.To, links.New}} {
		if one.token == "" {
			continue
		}
		link := v.Site() + "/login/email/" + one.token
		mail := web.MailTo(one.address, v.In(p.Locale, "team.email_subject", "company", v.Tenant.Name), v.In(p.Locale, "team.email_body", "name", p.Name, "from", c.From, "to", c.To, "link", link))
		page.Links = append(page.Links, mailboxLink{ID: one.id, Address: one.address, Link: link, Mail: mail})
	}
	headed(v, page.Heading, p.Name, memberHref(v))
	return v.Page("email_links", page)
}
