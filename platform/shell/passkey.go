package shell

import (
	"net/http"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// askSignIn is what the browser asks its passkeys, for the button "Sign in with a passkey".
func askSignIn(v *web.Visit) error {
	c, err := v.People.BeginSignIn(v.Context(), v.Tenant, v.Origin())
	if err != nil {
		return err
	}
	return v.JSON(http.StatusOK, map[string]string{"options": c.Options, "token": c.Token})
}

// signInByPasskey takes the answer of a passkey: it stands for the password and the second factor.
func signInByPasskey(v *web.Visit) error {
	page := &loginPage{Email: v.Form("email"), Next: localNext(v.Form("next")), Keep: v.Form("keep") != ""}
	token, err := v.People.SignInByPasskey(v.Context(), v.Tenant, v.Origin(), v.Form("ceremony"), v.Form("answer"), page.Keep, v.Source())
	return admit(v, page, token, err)
}

// passkeyPage asks the browser for a new passkey.
type passkeyPage struct {
	Passkey *identity.Ceremony
	Name    string
}

func showNewPasskey(v *web.Visit) error { return v.Page("prove", namingPasskey(v)) }

func namingPasskey(v *web.Visit) *provePage {
	p := proving(v, "shell.passkey_add", "shell.passkey_add_text", ownSecurity+"/passkey")
	p.Names, p.Name, p.Verb = true, v.Form("name"), v.T("shell.go_on")
	if p.Name == "" {
		p.Name = v.T("shell.passkey_usual")
	}
	return p
}

// askPasskey proves the password before the browser makes a passkey that opens the account.
func askPasskey(v *web.Visit) error {
	err := v.People.Prove(v.Context(), v.Tenant, v.Person, v.Form("password"), v.Source())
	var c *identity.Ceremony
	if err == nil {
		c, err = v.People.BeginPasskey(v.Context(), v.Tenant, v.Person, v.Origin(), v.Form("name"))
	}
	if err != nil {
		return v.Again("prove", namingPasskey(v), err)
	}
	v.Title(v.T("shell.passkey_add"))
	v.Crumb(v.T("shell.security"), ownSecurity)
	v.Crumb(v.T("shell.passkey_add"), "")
	v.Load("passkey")
	return v.Page("passkey", &passkeyPage{Passkey: c, Name: v.Form("name")})
}

func addPasskey(v *web.Visit) error {
	codes, err := v.People.AddPasskey(v.Context(), v.Tenant, v.Person, v.Origin(), v.Form("ceremony"), v.Form("answer"))
	if f := fault.Of(err); f != nil && f.Kind == fault.SignedOut {
		v.Flash(v.T(f.Key, f.Args...), "")
		return v.Go(ownSecurity + "/passkey")
	}
	if err != nil {
		return err
	}
	if len(codes) == 0 {
		v.Flash(v.T("shell.passkey_added"), "")
		return v.Go(ownSecurity)
	}
	return showCodes(v, codes)
}
