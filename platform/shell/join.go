package shell

import (
	"net/http"
	"strconv"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

// joinPage takes up an invitation: a fresh person chooses a name and a password or passkey, somebody with an account proves it.
type joinPage struct {
	web.Problems
	Company, Inviter, Email, Token string
	Look                           *slot.LoginDesign
	FirstName, LastName, Locale    string
	HasAccount, Gone, Waiting      bool
	Elsewhere                      bool // a passkey alone opens the account, and it works at another place
	Ways                           []joinWay
	ByPasskey                      bool
	Passkey                        *identity.Ceremony
	Hidden                         map[string]string
	Recovery                       []string
	Problem                        string
	Languages                      []joinLanguage
	Terms                          identity.Terms // that have to be accepted; none: an empty body
	Accepts                        bool
}

// joinWay is one of the segments.
type joinWay struct {
	Text, Icon, Href string
	Current, Bare    bool
	Count            int
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
	if err := p.ways(v, i); err != nil {
		return nil, err
	}
	if !hasAccount {
		if p.Terms, err = identity.TermsFor(v.Context(), v.Tenant, v.Lang()); err != nil {
			return nil, err
		}
	}
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

// ways offers a passkey where one works.
func (p *joinPage) ways(v *web.Visit, i identity.Invitation) error {
	if p.HasAccount {
		known, err := v.People.KnownByPasskey(v.Context(), i.Email)
		p.Elsewhere = known
		return err
	}
	takes, err := v.People.TakesNewPasskeys(v.Context(), v.Tenant, i, v.Origin())
	if err != nil || !takes {
		return err
	}
	here := "/join/" + p.Token
	p.ByPasskey = v.Form("with") == "passkey"
	p.Ways = []joinWay{
		{Text: v.T("shell.password"), Icon: "key-round", Href: here, Current: !p.ByPasskey},
		{Text: v.T("shell.join_by_passkey"), Icon: "fingerprint", Href: here + "?with=passkey", Current: p.ByPasskey},
	}
	return nil
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
	if p.ByPasskey {
		return joinByPasskey(v, p)
	}
	var token string
	if p.HasAccount {
		token, err = v.People.JoinKnown(v.Context(), v.Tenant, p.Token, v.Form("password"), false, v.Source())
	} else {
		n := p.newcomer(v)
		n.Password = v.Form("password")
		token, err = v.People.Join(v.Context(), v.Tenant, p.Token, n, false, v.Source())
	}
	if half, err := halfWay(v, err, "/"); half {
		return err
	}
	if err == nil {
		return letIn(v, token, false, "/")
	}
	return joinAgain(v, p, err)
}

// newcomer is who filled in the form, which keeps what they wrote.
func (p *joinPage) newcomer(v *web.Visit) identity.Newcomer {
	terms, err := strconv.ParseInt(v.Form("terms"), 10, 64)
	if err != nil {
		terms = 0 // not ticked
	}
	p.FirstName, p.LastName, p.Locale, p.Accepts = v.Form("first_name"), v.Form("last_name"), v.Form("locale"), terms != 0 && terms == p.Terms.ID
	return identity.Newcomer{FirstName: p.FirstName, LastName: p.LastName, Locale: p.Locale, Terms: terms}
}

// joinByPasskey asks the browser for a passkey once the names are right, and lets in whoever comes back with it.
func joinByPasskey(v *web.Visit, p *joinPage) error {
	n := p.newcomer(v)
	if v.Form("answer") == "" {
		c, err := v.People.BeginJoin(v.Context(), v.Tenant, p.Token, v.Origin(), v.T("shell.passkey_usual"), n)
		if err != nil {
			return joinAgain(v, p, err)
		}
		p.Passkey, p.Hidden = c, map[string]string{"with": "passkey", "first_name": n.FirstName, "last_name": n.LastName, "locale": n.Locale, "terms": v.Form("terms")}
		v.Load("passkey")
		return v.Bare(http.StatusOK, "join", p)
	}
	session, codes, err := v.People.JoinByPasskey(v.Context(), v.Tenant, p.Token, v.Origin(), v.Form("ceremony"), v.Form("answer"), n, v.Source())
	if err != nil {
		return joinAgain(v, p, err)
	}
	v.StartSession(session, v.People.DeviceToken(v.Tenant, session), false)
	v.Title(v.T("shell.recovery"))
	p.Recovery = codes
	return v.Bare(http.StatusOK, "join", p)
}

// joinAgain is the page with what was wrong.
func joinAgain(v *web.Visit, p *joinPage, err error) error {
	f := fault.Of(err)
	if f == nil || v.WantsJSON() {
		return err
	}
	switch f.Kind {
	case fault.Invalid:
		return v.Again("join", p, err)
	case fault.SignedOut:
		p.Problem = v.T("shell.join_wrong")
		if p.ByPasskey {
			p.Problem = v.T(f.Key, f.Args...)
		}
		return v.Bare(http.StatusUnauthorized, "join", p)
	case fault.TooMany:
		p.Waiting, p.Problem = true, v.T(f.Key, f.Args...)
		v.RetryAfter(f)
		return v.Bare(http.StatusTooManyRequests, "join", p)
	}
	return err
}
