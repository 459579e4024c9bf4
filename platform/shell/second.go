package shell

import (
	"errors"
	"html/template"
	"net/http"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/picture"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

// secondPage asks for the second factor of a sign-in whose password was right, or sets one up first.
type secondPage struct {
	web.Problems
	Company, Next, Problem string
	Waiting                bool
	Look                   *slot.LoginDesign
	Enrol                  *enrolment
	Passkey                *identity.Ceremony // asks the browser: for one that is known, or with Adds for a new one
	Adds                   bool               // a passkey is set up first
	Name                   string             // of the new one
	Elsewhere              string             // host where the person's passkey works, when it is not this one
	Recovery               []string           // shown once, after the first factor was set up
	Days                   int                // how long this browser can be remembered
	RecoveryOnly           bool               // codes of an app do not count
	Again                  bool               // an app was proven; a passkey is still needed
	Either                 bool               // one may set up a passkey instead of the app
}

// enrolment is an app that is being set up.
type enrolment struct {
	Key, Spelled string        // the secret, and as people type it
	Code         template.HTML // QR
	Name         string
}

// secondStep is where a sign-in goes on.
const secondStep = "/login/second"

// halfWay leads somebody on whose password was right.
func halfWay(v *web.Visit, err error, next string) (bool, error) {
	var step identity.HalfWay
	if !errors.As(err, &step) {
		return false, nil
	}
	v.StartStep(step.Token)
	return true, v.Go(secondStep + "?next=" + template.URLQueryEscaper(next))
}

func showSecond(v *web.Visit) error {
	s, err := v.People.HalfIn(v.Context(), v.Tenant, v.Step())
	if fault.Is(err, fault.SignedOut) {
		return v.Go("/login")
	}
	if err != nil {
		return err
	}
	p, err := secondOf(v, s, v.Query("next"))
	if err != nil {
		return err
	}
	return v.Bare(http.StatusOK, "second", p)
}

func secondOf(v *web.Visit, s *identity.Step, next string) (*secondPage, error) {
	p := &secondPage{Company: v.Tenant.Name, Next: localNext(next), Look: loginLook(v), Days: s.Rule.RememberDays, RecoveryOnly: s.RecoveryOnly()}
	v.Title(v.T("shell.second"))
	v.Load("passkey")
	if !s.Enrols() {
		return p, p.askPasskey(v, s)
	}
	works := identity.TakesPasskeys(v.Origin())
	if s.Rule.PasskeyOnly && !works {
		p.Problem = v.T("identity.passkey_host")
	}
	if p.Adds = s.Rule.PasskeyOnly || works && v.Form("with") == "passkey"; p.Adds {
		p.Again, p.Name = len(s.Factors) > 0, v.Form("name")
		if p.Name == "" {
			p.Name = v.T("shell.passkey_usual")
		}
		return p, nil
	}
	p.Either = works
	var err error
	p.Enrol, err = newEnrolment(v, s.Person, v.Form("key"))
	return p, err
}

// askPasskey offers the passkeys that the person has for this host, and says where those are good that they have elsewhere.
func (p *secondPage) askPasskey(v *web.Visit, s *identity.Step) (err error) {
	if p.Passkey, err = v.People.AskPasskey(v.Context(), v.Tenant, s, v.Origin()); err != nil || p.Passkey != nil {
		return err
	}
	for _, f := range s.Factors {
		if f.Kind == identity.Passkey {
			p.Elsewhere = f.Host
		}
	}
	return nil
}

// newEnrolment is a fresh secret, or the one that the form brings back after a wrong code.
func newEnrolment(v *web.Visit, p *identity.Person, key string) (*enrolment, error) {
	key, address, err := identity.NewTOTP(v.Tenant.Name, p.Email, key)
	if err != nil {
		return nil, err
	}
	code, err := picture.QR(address)
	if err != nil {
		return nil, err
	}
	e := &enrolment{Key: key, Code: template.HTML(code.Content), Name: v.Form("name")} // drawn by us, of digits
	for at := 0; at < len(key); at += 4 {
		e.Spelled += " " + strings.ToLower(key[at:min(at+4, len(key))])
	}
	e.Spelled = strings.TrimSpace(e.Spelled)
	if e.Name == "" {
		e.Name = v.T("shell.factor_app")
	}
	return e, nil
}

// second takes the code; while a factor is set up first, the code that proves the app.
func second(v *web.Visit) error {
	token := v.Step()
	s, err := v.People.HalfIn(v.Context(), v.Tenant, token)
	if fault.Is(err, fault.SignedOut) {
		return v.Go("/login")
	}
	if err != nil {
		return err
	}
	if s.Enrols() {
		return enrolFirst(v, s)
	}
	var session string
	switch {
	case v.Form("go_on") != "":
		session, err = v.People.Enrolled(v.Context(), v.Tenant, token, v.Source())
	case v.Form("answer") != "":
		session, err = v.People.SecondByPasskey(v.Context(), v.Tenant, token, v.Origin(), v.Form("ceremony"), v.Form("answer"), v.Form("remember") != "", v.Source())
	default:
		session, err = v.People.Second(v.Context(), v.Tenant, token, v.Form("code"), v.Form("remember") != "", v.Source())
	}
	if err == nil {
		return letIn(v, session, s.Keep, v.Form("next"))
	}
	if half, err := halfWay(v, err, v.Form("next")); half {
		return err
	}
	return secondAgain(v, s, err)
}

func secondAgain(v *web.Visit, s *identity.Step, err error) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	p, failed := secondOf(v, s, v.Form("next"))
	if failed != nil {
		return failed
	}
	switch f.Kind {
	case fault.TooMany:
		p.Waiting, p.Problem = true, v.T(f.Key, f.Args...)
		v.RetryAfter(f)
		return v.Bare(http.StatusTooManyRequests, "second", p)
	case fault.SignedOut, fault.Conflict:
		p.Problem = v.T(f.Key, f.Args...)
		return v.Bare(http.StatusUnprocessableEntity, "second", p)
	}
	return v.Again("second", p, err)
}

// enrolFirst keeps the factor and shows the recovery codes, this once; the page leads on from there.
func enrolFirst(v *web.Visit, s *identity.Step) error {
	var codes []string
	var err error
	switch {
	case v.Form("answer") != "":
		codes, err = v.People.EnrolPasskey(v.Context(), v.Tenant, v.Step(), v.Origin(), v.Form("ceremony"), v.Form("answer"))
	case v.Form("with") == "passkey":
		return showNamed(v, s)
	default:
		codes, err = v.People.EnrolApp(v.Context(), v.Tenant, v.Step(), v.Form("key"), v.Form("code"), v.Form("name"))
	}
	if err != nil {
		return secondAgain(v, s, err)
	}
	p := &secondPage{Company: v.Tenant.Name, Next: localNext(v.Form("next")), Look: loginLook(v), Recovery: codes}
	if len(codes) == 0 { // there are some already, with the app of before
		return enrolled(v, s)
	}
	v.Title(v.T("shell.recovery"))
	return v.Bare(http.StatusOK, "second", p)
}

// showNamed is the page after the name of a new passkey was given: the browser asks for it.
func showNamed(v *web.Visit, s *identity.Step) error {
	p, err := secondOf(v, s, v.Form("next"))
	if err == nil {
		p.Passkey, err = v.People.BeginPasskey(v.Context(), v.Tenant, s.Person, v.Origin(), v.Form("name"))
	}
	if err != nil {
		return secondAgain(v, s, err)
	}
	return v.Bare(http.StatusOK, "second", p)
}

func enrolled(v *web.Visit, s *identity.Step) error {
	session, err := v.People.Enrolled(v.Context(), v.Tenant, v.Step(), v.Source())
	if err != nil {
		return err
	}
	return letIn(v, session, s.Keep, v.Form("next"))
}

// letIn gives the browser its session and leads on.
func letIn(v *web.Visit, session string, keep bool, next string) error {
	v.StartSession(session, v.People.DeviceToken(v.Tenant, session), keep)
	return v.Go(localNext(next))
}
