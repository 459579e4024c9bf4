package team

import (
	"context"
	"slices"

	"runes.im/platform/identity"
	"runes.im/platform/slot"
)

// The steps of setting up that are about people: roles come before invitations.
var (
	rolesStep = slot.Step{
		ID: "team.roles", Icon: "shield-check", Title: "team.step_roles", Text: "team.step_roles_text", Link: "/team/roles", Order: 30,
		Done: func(ctx context.Context, a slot.Asker) (bool, error) {
			roles, err := identity.HouseOf(ctx).Roles(ctx, a.Tenant)
			return slices.ContainsFunc(roles, func(o identity.Role) bool { return !o.Fixed }), err
		},
	}
	inviteStep = slot.Step{
		ID: "team.invite", Icon: "user-plus", Title: "team.step_invite", Text: "team.step_invite_text", Link: "/team", Order: 40,
		Done: func(ctx context.Context, a slot.Asker) (bool, error) {
			all, err := identity.HouseOf(ctx).Directory(ctx, a.Tenant)
			return len(all) > 1, err
		},
	}
)
