package team

import (
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// detailsPage changes what the organisation knows about a person. The rest of the profile is the person's own.
type detailsPage struct {
	web.Problems
	Heading, Action, Back string
	identity.Profile
}

func detailsOf(v *web.Visit) (*identity.Person, *detailsPage, error) {
	p, err := memberOf(v)
	if err != nil {
		return nil, nil, err
	}
	if !v.People.Manages(v.Person, p) {
		return nil, nil, fault.New(fault.Forbidden, "identity.above", "name", p.Name)
	}
	page := &detailsPage{Heading: v.T("team.details_edit"), Action: memberHref(v) + "/details", Back: memberHref(v)}
	if page.Profile, err = v.People.ProfileOf(v.Context(), v.Tenant, p.ID); err != nil {
		return nil, nil, err
	}
	headed(v, page.Heading, p.Name, memberHref(v))
	return p, page, nil
}

func showDetails(v *web.Visit) error {
	_, page, err := detailsOf(v)
	if err != nil {
		return err
	}
	return v.Page("details", page)
}

func saveDetails(v *web.Visit) error {
	p, page, err := detailsOf(v)
	if err != nil {
		return err
	}
	page.Name, page.JobTitle, page.Phone = v.Form("name"), v.Form("job_title"), v.Form("phone")
	if err := v.People.SaveProfile(v.Context(), v.Tenant, p, page.Profile); err != nil {
		return v.Again("details", page, err)
	}
	v.Flash(v.T("team.details_saved"), "")
	return v.Go(memberHref(v))
}

// past is a sign-in that is over.
type past struct{ Device, Method, Address, Place, When, Why string }

// methodOf is how somebody signed in; a dash when nobody noted it.
func methodOf(v *web.Visit, method string) string {
	if method == "" {
		return "–"
	}
	return v.T("shell.by_" + method)
}

// pastOf are the newest sign-ins that are over, with the reason of their end.
func pastOf(v *web.Visit, p *identity.Person) ([]past, error) {
	const most = 8
	all, err := v.People.Logins(v.Context(), v.Tenant, p.ID)
	var found []past
	for _, l := range all {
		if l.Ended != "" && len(found) < most {
			found = append(found, past{Device: l.Device, Method: methodOf(v, l.Method), Address: l.Address, Place: v.Place(l.Address), When: v.When(l.MadeAt), Why: v.T("team.ended_" + l.Ended)})
		}
	}
	return found, err
}
