package shell

import (
	"strings"

	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// services is where administrators keep the accounts of programs.
const services = "/account/services"

type servicesPage struct{ Services []serviceRow }

type serviceRow struct {
	ID, Name, Rights, Meta string
	IsSuspended            bool
}

// serviceForm asks for a new account.
type serviceForm struct {
	web.Problems
	Name   string `form:"name"`
	Groups []rightGroup
}

// servicePage is one account with its tokens.
type servicePage struct {
	serviceRow
	tokensPage
}

func (s *Shell) showServices(v *web.Visit) error {
	found, err := v.People.Services(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	p := &servicesPage{}
	for _, one := range found {
		p.Services = append(p.Services, s.serviceRow(v, one))
	}
	v.Title(v.T("shell.services"))
	v.Crumb(v.T("shell.preferences"), "/preferences")
	v.Crumb(v.T("shell.services"), "")
	return v.Page("services", p)
}

func (s *Shell) serviceRow(v *web.Visit, one identity.Service) serviceRow {
	meta := []string{v.T("shell.n_tokens", "n", one.Tokens)}
	if one.MadeBy != "" {
		meta = append(meta, v.T("shell.service_by", "name", one.MadeBy, "day", v.Date(one.MadeAt)))
	}
	return serviceRow{
		ID: one.ID, Name: one.Name, Rights: s.rightsNamed(v, one.Permissions), Meta: strings.Join(meta, " · "),
		IsSuspended: one.State != "active",
	}
}

func (s *Shell) newService(v *web.Visit) (*serviceForm, error) {
	p := &serviceForm{}
	var err error
	p.Groups, err = s.rightGroups(v, nil, v.Values()["scope"])
	v.Title(v.T("shell.new_service"))
	v.Crumb(v.T("shell.preferences"), "/preferences")
	v.Crumb(v.T("shell.services"), services)
	v.Crumb(v.T("shell.new_service"), "")
	return p, err
}

func (s *Shell) showNewService(v *web.Visit) error {
	p, err := s.newService(v)
	if err != nil {
		return err
	}
	return v.Page("service_form", p)
}

func (s *Shell) makeService(v *web.Visit) error {
	p, err := s.newService(v)
	if err != nil {
		return err
	}
	v.Fill(p)
	id, err := v.People.AddService(v.Context(), v.Tenant, v.Person, p.Name, v.Values()["scope"])
	if err != nil {
		return v.Again("service_form", p, err)
	}
	v.Flash(v.T("shell.service_made", "name", p.Name), "")
	return v.Go(services + "/" + id)
}

func (s *Shell) showService(v *web.Visit) error {
	one, err := v.People.Service(v.Context(), v.Tenant, v.Param("service"))
	if err != nil {
		return err
	}
	p := &servicePage{serviceRow: s.serviceRow(v, one), tokensPage: tokensPage{Home: services + "/" + one.ID}}
	if p.Tokens, err = s.tokenRows(v, one.ID); err != nil {
		return err
	}
	v.Title(one.Name)
	v.Crumb(v.T("shell.preferences"), "/preferences")
	v.Crumb(v.T("shell.services"), services)
	v.Crumb(one.Name, "")
	return v.Page("service", p)
}

// serviceToken is the form for a token of the account in the address, within what this person holds too: nobody gives
// themselves more through a service.
func (s *Shell) serviceToken(v *web.Visit) (*tokenPage, string, error) {
	one, err := v.People.Service(v.Context(), v.Tenant, v.Param("service"))
	if err != nil {
		return nil, "", err
	}
	p, err := s.newToken(v, services+"/"+one.ID, one.Name, one.Permissions)
	return p, one.ID, err
}

func (s *Shell) showServiceToken(v *web.Visit) error {
	p, _, err := s.serviceToken(v)
	if err != nil {
		return err
	}
	return v.Page("token_form", p)
}

func (s *Shell) makeServiceToken(v *web.Visit) error {
	p, id, err := s.serviceToken(v)
	if err != nil {
		return err
	}
	return p.make(v, id)
}

func (s *Shell) revokeServiceToken(v *web.Visit) error {
	id := v.Param("service")
	if _, err := v.People.Service(v.Context(), v.Tenant, id); err != nil {
		return err
	}
	return revoke(v, id, services+"/"+id)
}

func (s *Shell) switchService(v *web.Visit) error {
	id, on := v.Param("service"), v.Form("on") == "true"
	if err := v.People.SwitchService(v.Context(), v.Tenant, v.Person, id, on); err != nil {
		return err
	}
	return v.Go(services + "/" + id)
}

func (s *Shell) removeService(v *web.Visit) error {
	if err := v.People.RemoveService(v.Context(), v.Tenant, v.Person, v.Param("service")); err != nil {
		return err
	}
	v.Flash(v.T("shell.service_removed"), "")
	return v.Go(services)
}
