package shell

import (
	"bytes"
	"net/http"
	"slices"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/picture"
	"runes.im/platform/slot"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// organisation is one that an account belongs to, or is asked to join.
type organisation struct {
	ID, Name, Initials, Host, Role string
	State                          string // why it cannot be opened, or that a price is awaited; empty: active
	Logo                           string // address of its logo; empty: initials
	Hue                            int
	Here, CanOpen, Invited         bool
}

// listRoutes are what the list of organisations needs, on the appliance's own host and inside an organisation.
func (s *Shell) listRoutes(r *web.Router, permission string) {
	r.Get("/organizations/{id}/logo", permission, s.showLogo)
	r.Post("/organizations/accept", permission, s.answerInvitation(true))
	r.Post("/organizations/decline", permission, s.answerInvitation(false))
}

// seeker is who looks at the list; nil when they were led to the sign-in.
func seeker(v *web.Visit) (*identity.Caller, error) {
	if v.Person != nil {
		return v.Person.Calling(), nil
	}
	return caller(v)
}

// organisations are those the account belongs to or is asked to join, those that can be opened in front, then by name, with what it is
// there right now.
func (s *Shell) organisations(v *web.Visit, accountID string) ([]organisation, error) {
	members, err := v.People.Memberships(v.Context(), accountID)
	if err != nil {
		return nil, err
	}
	invited, err := v.People.InvitedTo(v.Context(), accountID)
	if err != nil {
		return nil, err
	}
	infos, err := s.Tenants.List(v.Context())
	if err != nil {
		return nil, err
	}
	waiting, err := s.Tenants.AwaitingQuote(v.Context())
	if err != nil {
		return nil, err
	}
	var found []organisation
	for _, i := range infos {
		member, belongs := members[i.ID]
		if !belongs && (!slices.Contains(invited, i.ID) || i.State != "active") {
			continue
		}
		o := organisation{ID: i.ID, Name: i.Name, Initials: initials(i.Name), Hue: hue(i.ID), Invited: !belongs}
		o.Here = v.Tenant != nil && v.Tenant.ID == i.ID
		if i.State != "active" {
			o.State = v.T("shell.organisation_suspended")
			found = append(found, o)
			continue
		}
		closed, err := s.lookInto(v, &o, i, accountID, member)
		switch {
		case err != nil && !belongs:
			continue // no invitation is open any more
		case err != nil:
			o.State, closed = v.T("shell.organisation_broken"), true // one that is broken hides no other
		case o.State == "" && waiting[i.ID] && o.Role == v.T("shell.role_owner"):
			o.State = v.T("shell.organisation_quote")
		}
		o.CanOpen = belongs && !closed && !o.Here
		found = append(found, o)
	}
	rank := func(o organisation) int {
		switch {
		case o.Invited:
			return 0
		case o.CanOpen:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(found, func(a, b organisation) int { return rank(a) - rank(b) })
	return found, nil
}

// hasOthers reports whether the list of organisations has anything to offer beside the one the person is in.
func (s *Shell) hasOthers(v *web.Visit) (bool, error) {
	if s.Entrance.SelfService {
		return true, nil
	}
	members, err := v.People.Memberships(v.Context(), v.Person.AccountID)
	if err != nil || len(members) > 1 {
		return true, err
	}
	invited, err := v.People.InvitedTo(v.Context(), v.Person.AccountID)
	return len(invited) > 0, err
}

// lookInto asks the organisation itself: what the person is there, or whether an invitation is open.
func (s *Shell) lookInto(v *web.Visit, o *organisation, i tenant.Info, accountID, member string) (closed bool, err error) {
	t, err := s.Tenants.Enter(v.Context(), i.Slug)
	if err != nil {
		return false, err
	}
	defer t.Leave()
	ctx := tenant.With(v.Context(), t)
	o.Host = t.Address()
	if look, err := lookOf(v, t); err == nil && look != nil && look.Icon+look.Logo != "" {
		o.Logo = "/organizations/" + i.ID + "/logo"
	}
	if member == "" {
		_, err := v.People.InvitationFor(ctx, t, accountID)
		o.State = v.T("shell.organisation_invited")
		return true, err
	}
	p, err := v.People.Member(ctx, t, member)
	if err != nil {
		return false, err
	}
	o.Role = roleOf(v, p)
	if p.State() != "active" {
		o.State = v.T("shell.organisation_ended")
		return true, nil
	}
	return false, nil
}

// lookOf is how another organisation looks; nil where nobody says so.
func lookOf(v *web.Visit, t *tenant.Tenant) (*slot.Appearance, error) {
	answers, err := slot.Looks.Ask(v.Context(), slot.Asker{Tenant: t})
	if err != nil || len(answers) == 0 {
		return nil, err
	}
	return answers[0].What.Of(tenant.With(v.Context(), t), t)
}

// showLogo is the logo of an organisation that the account belongs to or is asked to join: its own host is not this one, and pages
// show pictures of their own host alone.
func (s *Shell) showLogo(v *web.Visit) error {
	c, err := seeker(v)
	if c == nil {
		return err
	}
	missing := fault.New(fault.NotFound, "web.not_found")
	t, err := s.tenantOf(v, v.Param("id"))
	if err != nil {
		return err
	}
	defer t.Leave()
	ctx := tenant.With(v.Context(), t)
	members, err := v.People.Memberships(ctx, c.AccountID)
	if err != nil {
		return err
	}
	if members[t.ID] == "" {
		if _, err := v.People.InvitationFor(ctx, t, c.AccountID); err != nil {
			return missing
		}
	}
	answers, err := slot.Looks.Ask(ctx, slot.Asker{Tenant: t})
	if err != nil || len(answers) == 0 || answers[0].What.Logo == nil {
		return missing
	}
	kind, content, err := answers[0].What.Logo(ctx, t)
	if err != nil {
		return err
	}
	h := v.Writer.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", picture.LogoPolicy)
	h.Set("Cache-Control", "private, max-age=300")
	http.ServeContent(v.Writer, v.Request, "", time.Time{}, bytes.NewReader(content))
	return nil
}

// tenantOf enters an organisation by its id. The caller calls Leave.
func (s *Shell) tenantOf(v *web.Visit, id string) (*tenant.Tenant, error) {
	infos, err := s.Tenants.List(v.Context())
	if err != nil {
		return nil, err
	}
	for _, i := range infos {
		if i.ID == id && i.State == "active" {
			return s.Tenants.Enter(v.Context(), i.Slug)
		}
	}
	return nil, fault.New(fault.NotFound, "web.not_found")
}

// answerInvitation takes up an invitation for the address of who is signed in, or refuses it. There is none for an address that
// nobody vouches for.
func (s *Shell) answerInvitation(yes bool) web.Handler {
	return func(v *web.Visit) error {
		c, err := seeker(v)
		if c == nil {
			return err
		}
		t, err := s.tenantOf(v, v.Form("tenant"))
		if err != nil {
			return err
		}
		defer t.Leave()
		ctx := tenant.With(v.Context(), t)
		if yes {
			err = v.People.Accept(ctx, t, c)
		} else {
			err = v.People.Decline(ctx, t, c)
		}
		if err != nil {
			return err
		}
		if v.Tenant == nil {
			return v.Go("/?all")
		}
		return v.Go("/organizations")
	}
}
