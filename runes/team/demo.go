package team

import (
	"context"

	"runes.im/platform/clock"
	"runes.im/platform/identity"
	"runes.im/platform/tenant"
)

// fillDemo gives the demo workspace what Team Management is about: a role of its own, an exception, invitations, somebody
// on leave and somebody who left.
func fillDemo(ctx context.Context, t *tenant.Tenant, people []*identity.Person) error {
	h := identity.HouseOf(ctx)
	owner := people[0]
	role, err := h.KeepRole(ctx, t, owner, identity.Role{
		Name: "People Desk", Description: "Welcomes newcomers and looks after accounts.", Category: "Operations", Permissions: []string{"manage_users", "manage_invite_settings"},
		Limited: true, Area: []string{"employee", "guest"},
	})
	if err != nil {
		return err
	}
	if err := h.GiveRoles(ctx, t, owner, people[2].ID, []string{role}); err != nil {
		return err
	}
	if err := h.Decide(ctx, t, owner, people[2].ID, "manage_invite_settings", identity.Deny); err != nil {
		return err
	}
	for _, s := range h.Catalogue() {
		if last := len(s.Entries) - 1; last > 0 && s.Rune != "team" {
			if err := h.HideEntries(ctx, t, owner, people[3].ID, []string{s.Rune + "." + s.Entries[last].Key}); err != nil {
				return err
			}
			break
		}
	}
	_, _, err = h.InviteAll(ctx, t, owner, []identity.Invitee{
		{Email: "ines.moreau@halden-fjord.example", Name: "Inès Moreau", Roles: []string{"employee"}},
		{Email: "jonas.lindqvist@halden-fjord.example", Name: "Jonas Lindqvist", Roles: []string{"employee", role}},
		{Email: "revision@treuhand-aare.example", Roles: []string{"guest"}, Guest: &identity.Guest{Sponsor: people[1].ID, Ends: clock.Now(ctx).AddDate(0, 6, 0)}},
	})
	if err != nil {
		return err
	}
	for _, p := range people {
		if !p.IsGuest() {
			continue
		}
		if err := h.Host(ctx, t, owner, p.ID, identity.Guest{Sponsor: people[2].ID, Ends: clock.Now(ctx).AddDate(1, 0, 0)}); err != nil {
			return err
		}
	}
	for n, gone := range []identity.NewMember{
		{Email: "petra.sommer@halden-fjord.example", Name: "Petra Sommer", Role: "employee", Locale: "de"},
		{Email: "oskar.nyberg@halden-fjord.example", Name: "Oskar Nyberg", Role: "employee", Locale: "en"},
	} {
		p, err := h.AddMember(ctx, t, gone)
		if err != nil {
			return err
		}
		do := h.Suspend
		if n == 1 {
			do = h.Deactivate
		}
		if err := do(ctx, t, owner, p.ID); err != nil {
			return err
		}
	}
	return nil
}
