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
	Recovery               []string // shown once, after the first factor was set up
	Days                   int      // how long this browser can be remembered
	RecoveryOnly           bool     // codes of an app do not count
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
	p := &secondPage{Company: v.Tenant.Name, Next: localNext(next), Look: loginLook(v), Days: s.Rule.RememberDays, RecoveryOnly: s.Rule.PasskeyOnly}
	v.Title(v.T("shell.second"))
	if !s.Enrol || len(s.Factors) > 0 {
		return p, nil
	}
	var err error
	p.Enrol, err = newEnrolment(v, s.Person, v.Form("key"))
	return p, err
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
	if s.Enrol && len(s.Factors) == 0 {
		return enrolFirst(v, s)
	}
	var session string
	if v.Form("go_on") != "" {
		session, err = v.People.Enrolled(v.Context(), v.Tenant, token, v.Source())
	} else {
		session, err = v.People.Second(v.Context(), v.Tenant, token, v.Form("code"), v.Form("remember") != "", v.Source())
	}
	if err == nil {
		return letIn(v, session, s.Keep, v.Form("next"))
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
	if f.Kind == fault.TooMany {
		p.Waiting, p.Problem = true, v.T(f.Key, f.Args...)
		v.RetryAfter(f)
		return v.Bare(http.StatusTooManyRequests, "second", p)
	}
	return v.Again("second", p, err)
}

// enrolFirst keeps the factor and shows the recovery codes, this once; the page leads on from there.
func enrolFirst(v *web.Visit, s *identity.Step) error {
	codes, err := v.People.AddTOTP(v.Context(), v.Tenant, s.Person, v.Form("key"), v.Form("code"), v.Form("name"))
	if err != nil {
		return secondAgain(v, s, err)
	}
	p := &secondPage{Company: v.Tenant.Name, Next: localNext(v.Form("next")), Look: loginLook(v), Recovery: codes}
	v.Title(v.T("shell.recovery"))
	return v.Bare(http.StatusOK, "second", p)
}

// letIn gives the browser its session and leads on.
func letIn(v *web.Visit, session string, keep bool, next string) error {
	v.StartSession(session, v.People.DeviceToken(v.Tenant, session), keep)
	return v.Go(localNext(next))
}
