package shell

import (
	"net/http"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

// ownEmail is where people change the address they sign in with.
const ownEmail = "/account/email"

func emailRoutes(r *web.Router) {
	r.Get(ownEmail, web.SignedIn, confirmed(showEmail))
	r.Post(ownEmail, web.SignedIn, askEmail)
	r.Post(ownEmail+"/withdraw", web.SignedIn, withdrawEmail)
	r.Get("/login/email/{token}", web.Public, showAgree)
	r.Post("/login/email/{token}", web.Public, agree)
}

// emailPage asks for a new address, or tells how far a change is.
type emailPage struct {
	web.Problems
	proof
	Now, Email, Until string
	Waits             *identity.EmailChange
	Helper            bool // the person makes the links themselves
	ID                string
}

func newEmailPage(v *web.Visit) (*emailPage, error) {
	p := &emailPage{proof: proofOf(v), Now: v.Person.Email, Email: v.Form("email"), Helper: v.Can("manage_users"), ID: v.Person.ID}
	c, err := v.People.EmailChangeOf(v.Context(), v.Person)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if err == nil {
		p.Waits, p.Until = &c, v.Time(c.EndsAt)
	}
	accountTitle(v, "shell.email_change")
	return p, nil
}

func showEmail(v *web.Visit) error {
	p, err := newEmailPage(v)
	if err != nil {
		return err
	}
	return v.Page("own_email", p)
}

func askEmail(v *web.Visit) error {
	p, err := newEmailPage(v)
	if err != nil {
		return err
	}
	err = v.People.AskEmail(v.Context(), v.Tenant, v.Person, v.Form("email"), v.Form("password"), v.Source())
	if f := fault.Of(err); f != nil && f.Kind == fault.Conflict {
		form := fault.Form{}
		form.Need(false, "email", f.Key, f.Args...)
		err = form.Err()
	}
	if err != nil {
		p.Waits = nil
		return v.Again("own_email", p, err)
	}
	return v.Go(ownEmail)
}

func withdrawEmail(v *web.Visit) error {
	if err := v.People.WithdrawEmail(v.Context(), v.Person); err != nil {
		return err
	}
	v.Flash(v.T("shell.email_withdrawn"), "")
	return v.Go(ownProfile)
}

// agreePage is behind the link that a mailbox got.
type agreePage struct {
	Company, From, To, Token string
	Look                     *slot.LoginDesign
	IsNew, Gone, Half, Done  bool
}

func showAgree(v *web.Visit) error {
	p := &agreePage{Company: v.Tenant.Name, Look: loginLook(v), Token: v.Param("token")}
	err := v.People.OpenLink(v.Context(), v.Tenant, v.Source(), func() error {
		c, isNew, err := v.People.EmailLink(v.Context(), v.Tenant, p.Token)
		p.From, p.To, p.IsNew = c.From, c.To, isNew
		return err
	})
	return p.draw(v, err)
}

// agree takes the mailbox's word. A GET alone changes nothing: mail scanners open links.
func agree(v *web.Visit) error {
	p := &agreePage{Company: v.Tenant.Name, Look: loginLook(v), Token: v.Param("token")}
	var done bool
	var session string
	err := v.People.OpenLink(v.Context(), v.Tenant, v.Source(), func() (err error) {
		done, session, err = v.People.AgreeToEmail(v.Context(), v.Tenant, v.Person, p.Token, v.Source())
		return err
	})
	if err == nil && session != "" {
		v.Flash(v.T("shell.email_changed"), "")
		return letIn(v, session, false, ownProfile)
	}
	p.Done, p.Half = done, !done
	return p.draw(v, err)
}

func (p *agreePage) draw(v *web.Visit, err error) error {
	v.Title(v.T("shell.email_change"))
	if fault.Is(err, fault.NotFound) {
		p.Gone = true
		return v.Bare(http.StatusNotFound, "agree", p)
	}
	if err != nil {
		return err
	}
	return v.Bare(http.StatusOK, "agree", p)
}
