package shell

import (
	"runes.im/platform/fault"
	"runes.im/platform/web"
)

type passwordPage struct {
	web.Problems
	Email string
}

func showPassword(v *web.Visit) error { return v.Page("password", password(v)) }

func password(v *web.Visit) *passwordPage {
	v.Title(v.T("shell.change_password"))
	v.Crumb(v.T("shell.preferences"), "/preferences")
	v.Crumb(v.T("shell.change_password"), "")
	return &passwordPage{Email: v.Person.Email}
}

func changePassword(v *web.Visit) error {
	form := fault.Form{}
	form.Need(v.Form("current") != "", "current", "shell.need_current_password")
	form.Need(v.Form("password") != "", "password", "shell.need_new_password")
	err := form.Err()
	if err == nil {
		err = v.People.SetPassword(v.Context(), v.Tenant, v.Person.ID, v.Form("password"))
	}
	if err != nil {
		return v.Again("password", password(v), err)
	}
	v.Flash(v.T("shell.password_changed"), "")
	return v.Go("/preferences")
}
