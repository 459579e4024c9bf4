package shell

import (
	"net/http"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

// forgotPage asks for the address whose password is forgotten; the answer is the same for everybody.
type forgotPage struct {
	Company, Email, Problem string
	Look                    *slot.LoginDesign
	Asked                   bool
}

func showForgot(v *web.Visit) error {
	v.Title(v.T("shell.forgot"))
	return v.Bare(http.StatusOK, "forgot", &forgotPage{Company: v.Tenant.Name, Look: loginLook(v), Email: v.Query("email")})
}

// forgot tells nobody whether the address is known. Until a mail server is set up the administrators are told, who can
// make a link.
func forgot(v *web.Visit) error {
	p := &forgotPage{Company: v.Tenant.Name, Look: loginLook(v), Email: v.Form("email"), Asked: true}
	v.Title(v.T("shell.forgot"))
	err := v.People.Forgot(v.Context(), v.Tenant, p.Email, v.Source())
	if fault.Is(err, fault.TooMany) {
		f := fault.Of(err)
		p.Asked, p.Problem = false, v.T(f.Key, f.Args...)
		v.RetryAfter(f)
		return v.Bare(http.StatusTooManyRequests, "forgot", p)
	}
	if err != nil {
		return err
	}
	return v.Bare(http.StatusOK, "forgot", p)
}

// resetPage takes a new password by the link of an administrator or of a mail.
type resetPage struct {
	web.Problems
	Company, Email, Token string
	Look                  *slot.LoginDesign
	Gone                  bool
}

func showReset(v *web.Visit) error {
	p, err := resetting(v)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if p.Gone {
		status = http.StatusNotFound
	}
	return v.Bare(status, "reset", p)
}

func resetting(v *web.Visit) (*resetPage, error) {
	p := &resetPage{Company: v.Tenant.Name, Look: loginLook(v), Token: v.Param("token")}
	v.Title(v.T("shell.reset"))
	var to *identity.Person
	err := v.People.OpenLink(v.Context(), v.Tenant, v.Source(), func() (err error) {
		to, err = v.People.Resettable(v.Context(), v.Tenant, p.Token)
		return err
	})
	if fault.Is(err, fault.NotFound) {
		p.Gone = true
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	p.Email = to.Email
	return p, nil
}

func reset(v *web.Visit) error {
	p, err := resetting(v)
	if err != nil {
		return err
	}
	if p.Gone {
		return v.Bare(http.StatusNotFound, "reset", p)
	}
	if err := v.People.Reset(v.Context(), v.Tenant, p.Token, v.Form("password")); err != nil {
		return v.Again("reset", p, err)
	}
	return v.Go("/login")
}
