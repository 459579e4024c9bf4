package shell

import (
	"net/http"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

// joinPage takes up an invitation: a fresh person chooses a name and a password, somebody with an account proves it.
type joinPage struct {
	web.Problems
	Company, Inviter, Email, Token string
	Look                           *slot.LoginDesign
	FirstName, LastName, Locale    string
	HasAccount, Gone, Waiting      bool
	Problem                        string
	Languages                      []joinLanguage
}

type joinLanguage struct{ Value, Text string }

func showJoin(v *web.Visit) error {
	p, err := joining(v)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if p.Gone {
		status = http.StatusNotFound
	}
	return v.Bare(status, "join", p)
}

// joining is the page for the token of the address. A token that opens nothing has a page of its own.
func joining(v *web.Visit) (*joinPage, error) {
	p := &joinPage{Company: v.Tenant.Name, Look: loginLook(v), Token: v.Param("token"), Locale: v.Lang()}
	v.Title(v.T("shell.join_title", "company", p.Company))
	var i identity.Invitation
	var hasAccount bool
	err := v.People.OpenLink(v.Context(), v.Tenant, v.Source(), func() (err error) {
		i, hasAccount, err = v.People.Invited(v.Context(), v.Tenant, p.Token)
		return err
	})
	if fault.Is(err, fault.NotFound) {
		p.Gone = true
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	p.Email, p.HasAccount = i.Email, hasAccount
	p.FirstName, p.LastName = parts(i.Name)
	if inviter, err := v.People.Member(v.Context(), v.Tenant, i.Inviter); err == nil {
		p.Inviter = inviter.Name
	} else if !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	for _, l := range spoken {
		p.Languages = append(p.Languages, joinLanguage{l.Code, l.Name})
	}
	return p, nil
}

// parts are the first and last name that a name is made of, as far as one can tell: the last word is the last name.
func parts(name string) (first, last string) {
	words := strings.Fields(name)
	if len(words) < 2 {
		return name, ""
	}
	return strings.Join(words[:len(words)-1], " "), words[len(words)-1]
}

// join lets the person in with a first session.
func join(v *web.Visit) error {
	p, err := joining(v)
	if err != nil {
		return err
	}
	if p.Gone {
		return v.Bare(http.StatusNotFound, "join", p)
	}
	var token string
	if p.HasAccount {
		token, err = v.People.JoinKnown(v.Context(), v.Tenant, p.Token, v.Form("password"), false, v.Source())
	} else {
		p.FirstName, p.LastName, p.Locale = v.Form("first_name"), v.Form("last_name"), v.Form("locale")
		n := identity.Newcomer{FirstName: p.FirstName, LastName: p.LastName, Password: v.Form("password"), Locale: p.Locale}
		token, err = v.People.Join(v.Context(), v.Tenant, p.Token, n, false, v.Source())
	}
	if half, err := halfWay(v, err, "/"); half {
		return err
	}
	if err == nil {
		return letIn(v, token, false, "/")
	}
	f := fault.Of(err)
	if f == nil || v.WantsJSON() {
		return err
	}
	switch f.Kind {
	case fault.Invalid:
		return v.Again("join", p, err)
	case fault.SignedOut:
		p.Problem = v.T("shell.join_wrong")
		return v.Bare(http.StatusUnauthorized, "join", p)
	case fault.TooMany:
		p.Waiting, p.Problem = true, v.T(f.Key, f.Args...)
		v.RetryAfter(f)
		return v.Bare(http.StatusTooManyRequests, "join", p)
	}
	return err
}
