package contacts

import (
	"html/template"
	"strings"

	"runes.im/platform/record"
	"runes.im/platform/slot"
	"runes.im/platform/token"
	"runes.im/platform/web"
)

// Message is a mail that is written again and again: its tokens become what is known about the person it goes to.
type Message struct {
	record.Base
	Name    string `record:"name,need,max=100,title,search"`
	Subject string `record:"subject,need,max=200,list,search,tokens"`
	Text    string `record:"text,long,need,max=8000,search,tokens,help"`
}

var messages = record.Declare(record.Noun[Message]{
	Words: "contacts.message.", Plural: "messages", Path: "/messages", Icon: "mail",
	View: "view_contacts", Manage: "manage_contacts",
})

// messagePage shows one template, for those who only use them.
type messagePage struct {
	*Message
	Details   []record.Detail
	CanManage bool
}

func showMessage(v *web.Visit) error {
	m, err := messages.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	p := &messagePage{Message: m, CanManage: v.Can("manage_contacts")}
	if p.Details, err = messages.Details(v, m); err != nil {
		return err
	}
	v.Title(m.Name)
	v.Crumb(v.T("contacts.name"), "/contacts")
	v.Crumb(v.T("contacts.message.list"), "/contacts/messages")
	v.Crumb(m.Name, "")
	return v.Page("message", p)
}

// writePage is a template with the values of one person, ready for the mail program.
type writePage struct {
	*Person
	Choices        []record.Segment
	Subject, Text  string
	Unknown        string // tokens without a value, as they stand in the text
	Mail           template.URL
	Edit           string // address of the template, for those who may change it
	CanManage, Any bool
}

const maxMessages = 200

func showWrite(v *web.Visit) error {
	to, err := people.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	all, err := messages.List(v.Context(), v.DB, v.Person, record.Query{Limit: maxMessages})
	if err != nil {
		return err
	}
	p := &writePage{Person: to, CanManage: v.Can("manage_contacts"), Any: len(all) > 0}
	if p.Any {
		chosen := all[0]
		for _, m := range all {
			if m.ID == v.Query("message") {
				chosen = m
			}
		}
		for _, m := range all {
			p.Choices = append(p.Choices, record.Segment{Text: m.Name, Href: "/contacts/people/" + to.ID + "/write?message=" + m.ID, Current: m == chosen})
		}
		if err := p.render(v, chosen); err != nil {
			return err
		}
	}
	v.Title(v.T("contacts.message.write_to", "name", to.Name()))
	v.Crumb(v.T("contacts.name"), "/contacts")
	v.Crumb(to.Name(), "/contacts/"+to.Company)
	v.Crumb(v.T("contacts.message.write"), "")
	return v.Page("write", p)
}

// render puts the values in that this visitor may see.
func (p *writePage) render(v *web.Visit, m *Message) error {
	offers, err := slot.TokenValues.Ask(v.Context(), v.Asker())
	if err != nil {
		return err
	}
	about := map[string]string{"contacts.person": p.ID, "contacts.company": p.Company}
	subject, err := token.Render(v.Context(), v.Asker(), slot.Only(offers), m.Subject, about, token.Header)
	if err != nil {
		return err
	}
	text, err := token.Render(v.Context(), v.Asker(), slot.Only(offers), m.Text, about, token.Text)
	if err != nil {
		return err
	}
	p.Subject, p.Text, p.Unknown = subject.Text, text.Text, strings.Join(append(subject.Unknown, text.Unknown...), ", ")
	if p.Email != "" {
		p.Mail = web.MailTo(p.Email, p.Subject, p.Text)
	}
	if p.CanManage {
		p.Edit = "/contacts/messages/" + m.ID + "/edit"
	}
	return nil
}
