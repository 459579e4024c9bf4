package shell

import (
	"log/slog"
	"net/http"

	"runes.im/platform/fault"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

type loginPage struct {
	Company string
	Email   string
	Next    string
	Keep    bool
	Problem string
	Waiting bool // throttled: the sentence says for how long
	Look    *slot.LoginDesign
}

func showLogin(v *web.Visit) error {
	next := localNext(v.Query("next"))
	if v.Person != nil {
		return v.Go(next)
	}
	return drawLogin(v, http.StatusOK, &loginPage{Next: next})
}

func drawLogin(v *web.Visit, status int, page *loginPage) error {
	page.Company = v.Tenant.Name
	page.Look = loginLook(v)
	v.Title(v.T("shell.sign_in"))
	v.Load("passkey")
	return v.Bare(status, "login", page)
}

// loginLook is how the organisation wants the page, else the house's own. Nobody stays outside for want of looks.
func loginLook(v *web.Visit) *slot.LoginDesign {
	look := designedLook(v)
	if look.Logo == "" {
		look.Logo, look.LogoDark = v.Look().Logo, v.Look().LogoDark
	}
	return look
}

func designedLook(v *web.Visit) *slot.LoginDesign {
	answers, err := slot.Logins.Ask(v.Context(), v.Asker())
	for _, l := range slot.Only(answers) {
		look, asking := l.Design(v.Context(), v.Asker(), v.Lang())
		if asking != nil {
			err = asking
		} else if look != nil {
			return look
		}
	}
	if err != nil {
		slog.WarnContext(v.Context(), "the design of the sign-in page", "err", err)
	}
	return &slot.LoginDesign{Layout: "left", Backdrop: "aurora"}
}

func signIn(v *web.Visit) error {
	next := localNext(v.Form("next"))
	page := &loginPage{Email: v.Form("email"), Next: next, Keep: v.Form("keep") != ""}
	token, err := v.People.SignIn(v.Context(), v.Tenant, page.Email, v.Form("password"), page.Keep, v.Source())
	if half, err := halfWay(v, err, next); half {
		return err
	}
	return admit(v, page, token, err)
}

// admit ends a sign-in: with a session, or with the page again and why there is none.
func admit(v *web.Visit, page *loginPage, token string, err error) error {
	f := fault.Of(err)
	switch {
	case err == nil:
		return letIn(v, token, page.Keep, page.Next)
	case f == nil || v.WantsJSON():
		return err
	case f.Kind == fault.TooMany:
		page.Waiting, page.Problem = true, v.T(f.Key, f.Args...)
		v.RetryAfter(f)
		return drawLogin(v, http.StatusTooManyRequests, page)
	case f.Kind == fault.SignedOut || f.Kind == fault.Invalid:
		page.Problem = v.T(f.Key, f.Args...)
		return drawLogin(v, http.StatusUnauthorized, page)
	}
	return err
}

func signOut(v *web.Visit) error {
	if err := v.People.SignOut(v.Context(), v.Tenant, v.Person); err != nil {
		return err
	}
	v.EndSession()
	return v.Go("/login")
}

// localNext is where to go after sign-in: a page of this site, else Home. The sign-in page itself would go in circles.
func localNext(path string) string {
	if !web.Local(path) || path == "/login" || path == "/live" {
		return "/"
	}
	return path
}
