package record

import (
	"context"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// A member field points at somebody of the organisation, by their id. In files they stand with their address.
var memberRef = Ref{
	Names: func(ctx context.Context, r store.Reader, ids []string) (map[string]string, error) {
		members, err := identity.MembersNamed(ctx, r, ids)
		names := make(map[string]string, len(members))
		for _, m := range members {
			names[m.ID] = m.Email
		}
		return names, err
	},
	Find: func(ctx context.Context, r store.Reader, name string) (string, error) {
		id, err := identity.ActiveMember(ctx, r, name)
		if id == "" {
			id = name // the check refuses what names nobody
		}
		return id, err
	},
}

// memberName is what a member is called; somebody who has left keeps the name.
func memberName(v *web.Visit, id string) string {
	members, err := identity.MembersNamed(v.Context(), v.DB, []string{id})
	if err != nil || len(members) == 0 {
		return v.T("record.nobody")
	}
	return members[0].Name
}

// memberOptions are the people to choose from, and whoever stands in the field.
func memberOptions(v *web.Visit, chosen string) ([]Option, error) {
	members, err := identity.Colleagues(v.Context(), v.DB)
	options := []Option{{Text: v.T("record.nobody")}}
	seen := chosen == ""
	for _, m := range members {
		options = append(options, Option{m.ID, m.Name})
		seen = seen || m.ID == chosen
	}
	if !seen {
		options = append(options, Option{chosen, memberName(v, chosen)})
	}
	return options, err
}

// settle fills in whoever makes the record, and refuses members that are none. before is nil for a new record.
func (k *kind) settle(ctx context.Context, r store.Reader, before, rec any) error {
	form := fault.Form{}
	for _, f := range k.fields {
		if f.Sort != "member" {
			continue
		}
		if before == nil && f.maker && f.text(rec) == "" {
			f.put(rec, store.ActorOf(ctx).ID)
			continue
		}
		if who := f.text(rec); who != "" && (before == nil || who != f.text(before)) {
			id, err := identity.ActiveMember(ctx, r, who)
			if err != nil {
				return err
			}
			form.Need(id == who, f.Name, "record.member")
		}
	}
	return form.Err()
}
