package app

import (
	"context"
	"slices"
	"strings"

	"runes.im/platform/identity"
	"runes.im/platform/notify"
	"runes.im/platform/runekit"
	"runes.im/platform/tenant"
	"runes.im/platform/words"
)

// offeredRoles are the roles that the rune suggests and nobody has made, in whatever language.
func (a *App) offeredRoles(ctx context.Context, t *tenant.Tenant, in *runekit.Installed) ([]runekit.RolePreset, error) {
	roles, err := a.People.Roles(ctx, t)
	if err != nil {
		return nil, err
	}
	isMade := func(p runekit.RolePreset) bool {
		return slices.ContainsFunc(words.Languages, func(lang string) bool {
			name := a.presetName(lang, in, p)
			return slices.ContainsFunc(roles, func(o identity.Role) bool { return strings.EqualFold(o.Name, name) })
		})
	}
	return slices.DeleteFunc(slices.Clone(in.Manifest.RolePresets), isMade), nil
}

func (a *App) presetName(lang string, in *runekit.Installed, p runekit.RolePreset) string {
	return a.Words.Text(lang, in.ID+".preset."+p.Key)
}

// offerRoles is what those are told, with the activation itself, who could make the roles that a rune suggests.
func (a *App) offerRoles(ctx context.Context, t *tenant.Tenant, in *runekit.Installed) ([]notify.Note, error) {
	offered, err := a.offeredRoles(ctx, t, in)
	if err != nil || len(offered) == 0 {
		return nil, err
	}
	members, err := a.People.Members(ctx, t)
	var notes []notify.Note
	for _, to := range members {
		var names []string
		for _, p := range offered {
			if !slices.ContainsFunc(p.Permissions, func(right string) bool { return !to.Can(right) }) {
				names = append(names, a.presetName(to.Locale, in, p))
			}
		}
		if to.State() != "active" || !to.Can("manage_roles") || len(names) == 0 {
			continue
		}
		notes = append(notes, notify.Note{
			To: to.ID, Kind: "identity.roles_offered", Icon: "sparkles", Link: "/team/roles",
			Args: []string{"module", a.Words.Text(to.Locale, in.ID+".name"), "roles", strings.Join(names, ", ")},
		})
	}
	return notes, err
}
