package shell

import (
	"runes.im/platform/fault"
	"runes.im/platform/web"
)

type passwordPage struct {
	web.Problems
	proof
	Email string
}

func showPassword(v *web.Visit) error { return v.Page("password", password(v)) }

func password(v *web.Visit) *passwordPage {
	v.Title(v.T("shell.change_password"))
	v.Crumb(v.T("shell.preferences"), "/preferences")
	v.Crumb(v.T("shell.change_password"), "")
	return &passwordPage{proof: proofOf(v), Email: v.Person.Email}
}

// changePassword ends every session of the person, here and elsewhere; this browser goes on with a new one.
func changePassword(v *web.Visit) error {
	form := fault.Form{}
	form.Need(v.Form("old_password") != "" || proofOf(v).ByPasskey, "old_password", "shell.need_current_password")
	form.Need(v.Form("password") != "", "password", "shell.need_new_password")
	err := form.Err()
	if err != nil {
		return v.Again("password", password(v), err)
	}
	token, err := v.People.ChangePassword(v.Context(), v.Tenant, v.Person, v.Form("old_password"), v.Form("password"), false, v.Source())
	if err != nil {
		return v.Again("password", password(v), err)
	}
	v.StartSession(token, v.People.DeviceToken(v.Tenant, token), false)
	v.Flash(v.T("shell.password_changed"), "")
	return v.Go("/preferences")
}
