package shell

import (
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// ownSecurity is where people look after how they sign in.
const ownSecurity = "/account/security"

// securityRoutes are the pages about the safety of one's own account.
func securityRoutes(r *web.Router) {
	r.Post("/login/passkey", web.Public, signInByPasskey)
	r.Post("/login/passkey/ask", web.Public, askSignIn)
	accountRoutes(r)
	r.Get(ownSecurity, web.SignedIn, showSecurity)
	r.Get(ownProof, web.SignedIn, showProof)
	r.Post(ownProof, web.SignedIn, takeProof)
	r.Get(ownSecurity+"/app", web.SignedIn, confirmed(showNewApp))
	r.Post(ownSecurity+"/app", web.SignedIn, addApp)
	r.Get(ownSecurity+"/passkey", web.SignedIn, confirmed(showNewPasskey))
	r.Post(ownSecurity+"/passkey", web.SignedIn, askPasskey)
	r.Post(ownSecurity+"/passkey/add", web.SignedIn, addPasskey)
	r.Get(ownSecurity+"/codes", web.SignedIn, confirmed(showRenewCodes))
	r.Post(ownSecurity+"/codes", web.SignedIn, renewCodes)
	r.Get(ownSecurity+"/factors/{id}", web.SignedIn, confirmed(showDropFactor))
	r.Post(ownSecurity+"/factors/{id}", web.SignedIn, dropFactor)
	r.Post(ownSecurity+"/sessions/{id}/end", web.SignedIn, endSession)
	r.Post(ownSecurity+"/sessions/end", web.SignedIn, endOthers)
}

// securityPage is one's second factors and sessions.
type securityPage struct {
	proof
	Factors  []factorRow
	Codes    int
	Rule     string // what the organisation asks for
	Late     bool   // it is required and not there yet
	Off      bool   // the organisation lets nobody add one
	Passkeys bool   // they work at this address
	Sessions []sessionRow
	Others   bool
	Tabs     []accountTab
}

type factorRow struct{ ID, Name, Icon, Meta string }

type sessionRow struct {
	ID, Device, Address, Place, Meta string
	Here                             bool
}

func showSecurity(v *web.Visit) error {
	p := &securityPage{proof: proofOf(v), Tabs: accountTabs(v)}
	factors, err := v.People.Factors(v.Context(), v.Person)
	if err != nil {
		return err
	}
	for _, f := range factors {
		row := factorRow{ID: f.ID, Name: f.Name, Icon: "smartphone", Meta: v.T("shell.factor_since", "date", v.Date(f.MadeAt))}
		if !f.UsedAt.IsZero() {
			row.Meta = v.T("shell.factor_used", "date", v.Date(f.MadeAt), "when", v.When(f.UsedAt))
		}
		if f.Kind == identity.Passkey {
			row.Icon, row.Meta = "fingerprint", f.Host+" · "+row.Meta
		}
		p.Factors = append(p.Factors, row)
	}
	if p.Codes, err = v.People.RecoveryLeft(v.Context(), v.Person); err != nil {
		return err
	}
	rule, err := v.People.FactorRuleOf(v.Context(), v.Tenant, v.Person)
	if err != nil {
		return err
	}
	p.Off, p.Passkeys = rule.Mode == identity.FactorsOff, identity.TakesPasskeys(v.Origin())
	if rule.Mode == identity.FactorsRequired {
		key := "shell.factor_required"
		if rule.PasskeyOnly {
			key = "shell.passkey_required"
		}
		p.Rule, p.Late = v.T(key, "date", v.Date(rule.Since.AddDate(0, 0, rule.GraceDays))), !rule.Accepts(factors)
	}
	sessions, err := v.People.Sessions(v.Context(), v.Tenant, v.Person.ID)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		row := sessionRow{ID: s.ID, Device: s.Device, Address: s.Address, Place: v.Place(s.Address), Meta: v.T("shell.session_since", "since", v.When(s.MadeAt), "seen", v.When(s.SeenAt)), Here: s.ID == v.Person.Session}
		p.Others = p.Others || !row.Here
		p.Sessions = append(p.Sessions, row)
	}
	v.Title(v.T("shell.security"))
	v.Crumb(v.T("shell.my_profile"), ownProfile)
	v.Crumb(v.T("shell.security"), "")
	return v.Page("security", p)
}

// provePage asks for the password before a deed that a stolen session must not do.
type provePage struct {
	web.Problems
	proof
	Heading, Text, Verb, Action, Email string
	Enrol                              *enrolment
	Danger, Names                      bool // Names: a new passkey gets its name here
	Name                               string
}

// codesPage shows recovery codes, this once.
type codesPage struct{ Recovery []string }

func showNewApp(v *web.Visit) error {
	p, err := newApp(v)
	if err != nil {
		return err
	}
	return v.Page("prove", p)
}

func newApp(v *web.Visit) (*provePage, error) {
	p := proving(v, "shell.factor_add", "shell.factor_add_text", ownSecurity+"/app")
	var err error
	p.Enrol, err = newEnrolment(v, v.Person, v.Form("key"))
	return p, err
}

func proving(v *web.Visit, heading, text, action string) *provePage {
	p := &provePage{proof: proofOf(v), Heading: v.T(heading), Text: v.T(text), Verb: v.T(heading), Action: action, Email: v.Person.Email}
	v.Title(p.Heading)
	v.Crumb(v.T("shell.security"), ownSecurity)
	v.Crumb(p.Heading, "")
	return p
}

func addApp(v *web.Visit) error {
	p, err := newApp(v)
	if err != nil {
		return err
	}
	if err := v.People.Prove(v.Context(), v.Tenant, v.Person, v.Form("password"), v.Source()); err != nil {
		return v.Again("prove", p, err)
	}
	codes, err := v.People.AddTOTP(v.Context(), v.Tenant, v.Person, v.Form("key"), v.Form("code"), v.Form("name"))
	if err != nil {
		return v.Again("prove", p, err)
	}
	if len(codes) == 0 {
		return v.Go(ownSecurity)
	}
	return showCodes(v, codes)
}

func showCodes(v *web.Visit, codes []string) error {
	v.Title(v.T("shell.recovery"))
	v.Crumb(v.T("shell.security"), ownSecurity)
	v.Crumb(v.T("shell.recovery"), "")
	return v.Page("codes", &codesPage{Recovery: codes})
}

func showRenewCodes(v *web.Visit) error {
	return v.Page("prove", proving(v, "shell.recovery_renew", "shell.recovery_renew_text", ownSecurity+"/codes"))
}

func renewCodes(v *web.Visit) error {
	p := proving(v, "shell.recovery_renew", "shell.recovery_renew_text", ownSecurity+"/codes")
	if err := v.People.Prove(v.Context(), v.Tenant, v.Person, v.Form("password"), v.Source()); err != nil {
		return v.Again("prove", p, err)
	}
	factors, err := v.People.Factors(v.Context(), v.Person)
	if err != nil {
		return err
	}
	if len(factors) == 0 {
		return fault.New(fault.Conflict, "identity.factor_first")
	}
	codes, err := v.People.RenewRecovery(v.Context(), v.Tenant, v.Person)
	if err != nil {
		return err
	}
	return showCodes(v, codes)
}

func showDropFactor(v *web.Visit) error { return v.Page("prove", dropping(v)) }

func dropping(v *web.Visit) *provePage {
	p := proving(v, "shell.factor_drop", "shell.factor_drop_text", ownSecurity+"/factors/"+v.Param("id"))
	p.Danger = true
	return p
}

func dropFactor(v *web.Visit) error {
	if err := v.People.Prove(v.Context(), v.Tenant, v.Person, v.Form("password"), v.Source()); err != nil {
		return v.Again("prove", dropping(v), err)
	}
	if err := v.People.DropFactor(v.Context(), v.Tenant, v.Person, v.Param("id")); err != nil {
		return err
	}
	v.Flash(v.T("shell.factor_dropped"), "")
	return v.Go(ownSecurity)
}

func endSession(v *web.Visit) error {
	if err := v.People.EndSession(v.Context(), v.Tenant, v.Person.ID, v.Param("id")); err != nil {
		return err
	}
	v.Flash(v.T("shell.session_ended"), "")
	if v.Form("back") == ownLogins {
		return v.Go(ownLogins)
	}
	return v.Go(ownSecurity)
}

func endOthers(v *web.Visit) error {
	if err := v.People.EndOtherSessions(v.Context(), v.Tenant, v.Person); err != nil {
		return err
	}
	v.Flash(v.T("shell.sessions_ended"), "")
	return v.Go(ownSecurity)
}
