package team

import (
	"context"
	"slices"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// Guests have a sponsor, who answers for them, and a last day. Forms say it in days of the organisation's zone.

// guestFields are the part of a form about a guest.
type guestFields struct {
	On            bool
	Sponsor, Ends string
	Sponsors      []option
}

// guestFieldsOf fills the part for g; nil is somebody who is no guest yet.
func guestFieldsOf(v *web.Visit, g *identity.Guest, but string) (guestFields, error) {
	f := guestFields{On: g != nil, Sponsor: v.Person.ID, Ends: dayOf(v, clock.Now(v.Context()).Add(identity.GuestLasts))}
	if g != nil {
		f.Sponsor, f.Ends = g.Sponsor, dayOf(v, lastMoment(g))
	}
	if v.Values().Has("ends") {
		f.On, f.Sponsor, f.Ends = v.Form("guest") != "", v.Form("sponsor"), v.Form("ends")
	}
	members, err := v.People.Members(v.Context(), v.Tenant)
	f.Sponsors = []option{{"", v.T("team.guest_sponsor_choose")}}
	for _, m := range members {
		if m.State() == "active" && !m.IsGuest() && m.ID != but {
			f.Sponsors = append(f.Sponsors, option{m.ID, m.Name})
		}
	}
	return f, err
}

// guestAsked is what the form says of a guest; nil without the tick.
func guestAsked(v *web.Visit) (*identity.Guest, error) {
	if v.Form("guest") == "" {
		return nil, nil
	}
	ends, err := endOf(v, v.Form("ends"))
	return &identity.Guest{Sponsor: v.Form("sponsor"), Ends: ends}, err
}

// dayLayouts are the ways in which people write a day in a list.
var dayLayouts = []string{time.DateOnly, "2.1.2006", "2/1/2006"}

// endOf is the end of a day in the organisation's zone.
func endOf(v *web.Visit, day string) (time.Time, error) {
	for _, layout := range dayLayouts {
		if at, err := time.ParseInLocation(layout, strings.TrimSpace(day), zoneOf(v)); err == nil {
			return at.AddDate(0, 0, 1), nil
		}
	}
	form := fault.Form{}
	form.Need(false, "ends", "team.guest_day")
	return time.Time{}, form.Err()
}

func zoneOf(v *web.Visit) *time.Location {
	zone, err := time.LoadLocation(v.Tenant.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

func dayOf(v *web.Visit, at time.Time) string { return at.In(zoneOf(v)).Format(time.DateOnly) }

func lastMoment(g *identity.Guest) time.Time { return g.Ends.Add(-time.Second) }

// lastDay is the guest's last day, to read.
func lastDay(v *web.Visit, g *identity.Guest) string {
	at := lastMoment(g).In(zoneOf(v))
	return v.Date(time.Date(at.Year(), at.Month(), at.Day(), 12, 0, 0, 0, v.Zone()))
}

// soon is how long before the end a page says that it is near.
const soon = 14 * 24 * time.Hour

// guestRow is a guest as pages show them.
type guestRow struct {
	ID, Name, Email, Sponsor, Ends, Tomorrow string
	Face                                     record.Face
	State                                    badge
	Gone, Near                               bool // the sponsor left; the end is near or over
}

// fillGuest says who answers for a guest, and whom a delegate manages.
func (page *memberPage) fillGuest(v *web.Visit, p *identity.Person) error {
	if area, limited := p.Area(); limited {
		names, err := areaNames(v, area)
		if err != nil {
			return err
		}
		page.Area = names
	}
	page.CanGuest = p.Guest == nil && !p.Owner && !page.You && !slices.Contains(p.Roles, "admin")
	if p.Guest == nil {
		return nil
	}
	page.Guest = &guestRow{Ends: lastDay(v, p.Guest), Near: p.Guest.Ends.Before(clock.Now(v.Context()).Add(soon)), Gone: true}
	sponsor, err := v.People.Member(v.Context(), v.Tenant, p.Guest.Sponsor)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err == nil {
		page.Guest.Sponsor, page.Guest.Gone = sponsor.Name, sponsor.State() != "active"
	}
	return err
}

// hostPage decides who answers for a guest, and until when.
type hostPage struct {
	web.Problems
	Heading, Text, Action, Back string
	Guest                       guestFields
	CanEnd                      bool // they can become a regular member
}

func hosting(v *web.Visit) (*identity.Person, *hostPage, error) {
	p, err := memberOf(v)
	if err != nil {
		return nil, nil, err
	}
	page := &hostPage{
		Heading: v.T("team.guest_make_title", "name", p.Name), Text: v.T("team.guest_text"), Action: memberHref(v) + "/guest", Back: memberHref(v), CanEnd: p.Guest != nil,
	}
	if p.Guest != nil {
		page.Heading = v.T("team.guest_title", "name", p.Name)
	}
	page.Guest, err = guestFieldsOf(v, p.Guest, p.ID)
	v.Title(page.Heading)
	v.Crumb(v.T("team.name"), "/team")
	v.Crumb(p.Name, memberHref(v))
	v.Crumb(v.T("team.guest"), "")
	return p, page, err
}

func showHost(v *web.Visit) error {
	_, page, err := hosting(v)
	if err != nil {
		return err
	}
	if until := v.Query("until"); until != "" {
		page.Guest.Ends = until
	}
	return v.Page("host", page)
}

func host(v *web.Visit) error {
	p, page, err := hosting(v)
	if err != nil {
		return err
	}
	if v.Form("regular") != "" {
		if err := v.People.Unhost(v.Context(), v.Tenant, v.Person, p.ID); err != nil {
			return err
		}
		v.Flash(v.T("team.guest_regular_done", "name", p.Name), "")
		return v.Go(memberHref(v))
	}
	ends, err := endOf(v, v.Form("ends"))
	if err == nil {
		err = v.People.Host(v.Context(), v.Tenant, v.Person, p.ID, identity.Guest{Sponsor: v.Form("sponsor"), Ends: ends})
	}
	if err != nil {
		return v.Again("host", page, err)
	}
	v.Flash(v.T("team.guest_saved"), "")
	return v.Go(memberHref(v))
}

// sponsoredOf are the guests that the person answers for.
func sponsoredOf(v *web.Visit) ([]guestRow, error) {
	guests, err := v.People.Sponsored(v.Context(), v.Tenant, v.Person.ID)
	var all []guestRow
	for _, g := range guests {
		all = append(all, guestRow{
			ID: g.ID, Name: g.Name, Email: g.Email, Ends: lastDay(v, g.Guest), Tomorrow: dayOf(v, g.Guest.Ends.Add(identity.GuestLasts)), Face: record.FaceOf(g.Name, g.ID),
			State: badge{v.T("team.state_" + g.State()), kinds[g.State()]},
		})
	}
	return all, err
}

// askLonger is the sponsor's way to more time: those who manage people decide.
func askLonger(v *web.Visit) error {
	ends, err := endOf(v, v.Form("ends"))
	if err == nil {
		err = v.People.AskLonger(v.Context(), v.Tenant, v.Person, v.Param("id"), ends)
	}
	if fault.Is(err, fault.Invalid) {
		p, failed := mineOf(v)
		if failed != nil {
			return failed
		}
		p.Wrong = v.Param("id")
		return v.Again("mine", p, err)
	}
	if err != nil {
		return err
	}
	v.Flash(v.T("team.guest_asked"), "")
	return v.Go(identity.SponsorPath)
}

// guestsOwned makes a sponsor who leaves hand over their guests: none is left without.
var guestsOwned = slot.Owned{
	Kind: "team.guest", Title: "team.guests", Icon: "user-round-check", Must: true,
	Heir: func(p *identity.Person) bool { return !p.IsGuest() },
	Count: func(ctx context.Context, r store.Reader, person string) (int, error) {
		return identity.GuestsOf(ctx, r, person)
	},
	HandOver: identity.HandGuests,
}
