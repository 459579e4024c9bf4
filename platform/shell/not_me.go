package shell

import (
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// notMePage is where notices about the safety of an account lead: it was somebody else.
type notMePage struct {
	web.Problems
	proof
	Email string
}

func newNotMe(v *web.Visit) *notMePage {
	v.Title(v.T("shell.not_me"))
	v.Crumb(v.T("shell.security"), ownSecurity)
	v.Crumb(v.T("shell.not_me"), "")
	return &notMePage{proof: proofOf(v), Email: v.Person.Email}
}

func showNotMe(v *web.Visit) error { return v.Page("not_me", newNotMe(v)) }

// notMe ends everything and leads on to the new password. A stolen session alone cannot do it: the password is asked for.
func notMe(v *web.Visit) error {
	form := fault.Form{}
	form.Need(v.Form("password") != "" || proofOf(v).ByPasskey, "password", "shell.need_current_password")
	if err := form.Err(); err != nil {
		return v.Again("not_me", newNotMe(v), err)
	}
	token, err := v.People.NotMe(v.Context(), v.Tenant, v.Person, v.Form("password"), v.Source())
	if err != nil {
		return v.Again("not_me", newNotMe(v), err)
	}
	v.EndSession()
	return v.Go("/login/reset/" + token)
}

// riskRoutes are the pages for when something is wrong with one's account.
func riskRoutes(r *web.Router) {
	r.Get(identity.NotMePath, web.SignedIn, confirmed(showNotMe))
	r.Post(identity.NotMePath, web.SignedIn, notMe)
}
