package shell

import (
	"net/http"

	"runes.im/platform/fault"
	"runes.im/platform/web"
)

type loginPage struct {
	Company string
	Email   string
	Next    string
	Keep    bool
	Problem string
	Waiting bool // throttled: the sentence says for how long
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
	v.Title(v.T("shell.sign_in"))
	return v.Bare(status, "login", page)
}

func signIn(v *web.Visit) error {
	next := localNext(v.Form("next"))
	page := &loginPage{Email: v.Form("email"), Next: next, Keep: v.Form("keep") != ""}
	token, err := v.People.SignIn(v.Context(), v.Tenant, page.Email, v.Form("password"), page.Keep, v.Source())
	f := fault.Of(err)
	switch {
	case err == nil:
		v.StartSession(token, v.People.DeviceToken(v.Tenant, token), page.Keep)
		return v.Go(next)
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
