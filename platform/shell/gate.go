package shell

import (
	"net/http"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

// gatePage is a page of the appliance's own host, and the list of organisations inside one.
type gatePage struct {
	web.Problems
	Company, Email, Name, Problem string
	Waiting                       bool
	Operates                      bool // runs the appliance
	Look                          *slot.LoginDesign
	Organisations                 []organisation
	CanMake, Registers            bool // an organisation, an account
}

// movePage leads from one host to the other.
type movePage struct {
	Company, To, Name, Address, Token string
	Look                              *slot.LoginDesign
}

// gateRoutes are the pages of the host that belongs to no organisation.
func (s *Shell) gateRoutes(r *web.Router) {
	r.Get("/", web.AtGate, s.gateHome)
	r.Get("/login", web.AtGate, s.showGateLogin)
	r.Post("/login", web.AtGate, s.gateSignIn)
	r.Get("/login/second", web.AtGate, showGateSecond)
	r.Post("/login/second", web.AtGate, gateSecond)
	r.Post("/logout", web.AtGate, gateSignOut)
	r.Post("/organizations/open", web.AtGate, s.openFromGate)
	s.eraseRoutes(r)
	s.wizardRoutes(r, web.AtGate)
	s.registerRoutes(r)
	s.listRoutes(r, web.AtGate)
	s.operatorRoutes(r)
}

// organisationRoutes are those inside an organisation.
func (s *Shell) organisationRoutes(r *web.Router) {
	r.Get("/organizations", web.SignedIn, s.showOrganisations)
	r.Post("/organizations/open", web.SignedIn, s.openFromHere)
	s.wizardRoutes(r, web.SignedIn)
	s.listRoutes(r, web.SignedIn)
	r.Get("/login/arrive", web.Public, showArrive)
	r.Post("/login/arrive", web.Public, arrive)
}

// neutral is the page as no organisation designed it.
func neutral() *gatePage {
	return &gatePage{Company: "RUNES", Look: &slot.LoginDesign{Layout: "left", Backdrop: "aurora"}}
}

// caller is who is signed in at the gate; nil when nobody wholly is. Then the visit was led where they go on.
func caller(v *web.Visit) (*identity.Caller, error) {
	c, err := v.People.Caller(v.Context(), v.Gate())
	switch {
	case fault.Is(err, fault.SignedOut):
		return nil, v.Go("/login")
	case err != nil:
		return nil, err
	case c.Half:
		return nil, v.Go("/login/second")
	}
	if c.Locale != "" {
		v.Speak(c.Locale)
	}
	return c, nil
}

func (s *Shell) gateHome(v *web.Visit) error {
	c, err := caller(v)
	if c == nil {
		return err
	}
	p := neutral()
	p.Name = c.Name
	if p.Operates, err = v.People.IsOperator(v.Context(), c.AccountID); err != nil {
		return err
	}
	if p.Organisations, err = s.organisations(v, c.AccountID); err != nil {
		return err
	}
	// Whoever is new here comes to make an organisation; "?all" is the way back from that.
	p.CanMake = s.Entrance.SelfService
	if p.CanMake && len(p.Organisations) == 0 && !p.Operates && !v.Request.URL.Query().Has("all") {
		return v.Go(wizardPath)
	}
	v.Title(v.T("shell.organisations"))
	v.Load("org")
	return v.Bare(http.StatusOK, "gate_home", p)
}

func (s *Shell) showGateLogin(v *web.Visit) error {
	if c, err := v.People.Caller(v.Context(), v.Gate()); err == nil && !c.Half {
		return v.Go("/")
	}
	p := neutral()
	p.Registers = s.Entrance.Registers
	v.Title(v.T("shell.sign_in"))
	return v.Bare(http.StatusOK, "gate_login", p)
}

func (s *Shell) gateSignIn(v *web.Visit) error {
	p := neutral()
	p.Registers = s.Entrance.Registers
	p.Email = v.Form("email")
	token, half, err := v.People.SignInAtGate(v.Context(), p.Email, v.Form("password"), v.Source())
	if err != nil {
		v.Title(v.T("shell.sign_in"))
		return p.refuse(v, "gate_login", err)
	}
	v.StartGate(token)
	if half {
		return v.Go("/login/second")
	}
	return v.Go("/")
}

func showGateSecond(v *web.Visit) error {
	if c, err := v.People.Caller(v.Context(), v.Gate()); err != nil || !c.Half {
		return v.Go("/")
	}
	v.Title(v.T("shell.second"))
	return v.Bare(http.StatusOK, "gate_second", neutral())
}

func gateSecond(v *web.Visit) error {
	token, err := v.People.SecondAtGate(v.Context(), v.Gate(), v.Form("code"), v.Source())
	if err != nil {
		v.Title(v.T("shell.second"))
		return neutral().refuse(v, "gate_second", err)
	}
	v.StartGate(token)
	return v.Go("/")
}

// refuse shows the form again with what is wrong.
func (p *gatePage) refuse(v *web.Visit, name string, err error) error {
	f := fault.Of(err)
	if f == nil || v.WantsJSON() {
		return err
	}
	switch f.Kind {
	case fault.TooMany:
		p.Waiting, p.Problem = true, v.T(f.Key, f.Args...)
		v.RetryAfter(f)
		return v.Bare(http.StatusTooManyRequests, name, p)
	case fault.SignedOut:
		p.Problem = v.T(f.Key, f.Args...)
		return v.Bare(http.StatusUnauthorized, name, p)
	case fault.Invalid:
		return v.Again(name, p, err)
	}
	return err
}

func gateSignOut(v *web.Visit) error {
	if err := v.People.LeaveGate(v.Context(), v.Gate()); err != nil {
		return err
	}
	v.EndGate()
	return v.Go("/login")
}

func (s *Shell) openFromGate(v *web.Visit) error {
	c, err := caller(v)
	if c == nil {
		return err
	}
	return s.open(v, c, v.Form("tenant"), neutral().Company, neutral().Look)
}

func (s *Shell) showOrganisations(v *web.Visit) error {
	found, err := s.organisations(v, v.Person.AccountID)
	if err != nil {
		return err
	}
	v.Title(v.T("shell.organisations"))
	v.Crumb(v.T("shell.organisations"), "")
	v.Load("org")
	return v.Page("organisations", &gatePage{Organisations: found, CanMake: s.Entrance.SelfService})
}

func (s *Shell) openFromHere(v *web.Visit) error {
	return s.open(v, v.Person.Calling(), v.Form("tenant"), v.Tenant.Name, loginLook(v))
}

// open sends the browser to the organisation's own host. The policy of our pages keeps a form from leading to another host, so this
// answers with a page that goes on by itself.
func (s *Shell) open(v *web.Visit, c *identity.Caller, wanted, company string, look *slot.LoginDesign) error {
	infos, err := s.Tenants.List(v.Context())
	if err != nil {
		return err
	}
	for _, i := range infos {
		if i.ID != wanted || i.State != "active" {
			continue
		}
		token, err := v.People.HandOver(v.Context(), c, i.ID)
		if err != nil {
			return err
		}
		t, err := s.Tenants.Enter(v.Context(), i.Slug)
		if err != nil {
			return err
		}
		defer t.Leave()
		p := &movePage{Company: company, To: t.Name, Look: look, Address: v.SiteOf(t.Address()) + "/login/arrive?token=" + token}
		v.Writer.Header().Set("Refresh", "0; url="+p.Address)
		v.Title(v.T("shell.moving"))
		return v.Bare(http.StatusOK, "moving", p)
	}
	return fault.New(fault.NotFound, "web.not_found")
}

// showArrive says who enters and waits for their word: a link that somebody else made signs nobody in unseen.
func showArrive(v *web.Visit) error {
	p := &movePage{Company: v.Tenant.Name, Look: loginLook(v), Token: v.Query("token")}
	var err error
	p.Name, err = v.People.Arriving(v.Context(), v.Tenant, p.Token)
	return p.draw(v, err)
}

func arrive(v *web.Visit) error {
	token, err := v.People.Arrive(v.Context(), v.Tenant, v.Form("token"), v.Source())
	if half, err := halfWay(v, err, "/"); half {
		return err
	}
	if err != nil {
		return (&movePage{Company: v.Tenant.Name, Look: loginLook(v)}).draw(v, err)
	}
	return letIn(v, token, false, "/")
}

func (p *movePage) draw(v *web.Visit, err error) error {
	v.Title(v.T("shell.arrive"))
	switch {
	case fault.Is(err, fault.SignedOut):
		p.Token = ""
		return v.Bare(http.StatusUnauthorized, "arrive", p)
	case err != nil:
		return err
	}
	return v.Bare(http.StatusOK, "arrive", p)
}
