package record

import (
	"context"
	"html/template"

	"runes.im/platform/slot"
)

// Offers are what a noun answers in slots: what its records are called, and that they can be found.
func Offers(of Kind) []slot.Offer {
	k := of.kindOf()
	found := slot.Search{Kind: k.key, Title: k.words + "list_short", Icon: k.icon, Permission: k.view}
	if k.scope != nil {
		found.Allowed = k.allowed
	}
	return []slot.Offer{
		slot.Searches.Offer(found),
		slot.RefTitles.Offer(slot.Titles{Kind: k.key, Resolve: k.titles}),
	}
}

// allowed leaves out what lies outside of the person's scope.
func (k *kind) allowed(ctx context.Context, a slot.Asker, ids []string) (map[string]slot.Sight, error) {
	titles, err := k.titles(ctx, a, ids)
	seen := make(map[string]slot.Sight, len(titles))
	for id := range titles {
		seen[id] = slot.Sight{}
	}
	return seen, err
}

// titles says what records are called, for those who may see them.
func (k *kind) titles(ctx context.Context, a slot.Asker, ids []string) (map[string]slot.Title, error) {
	found := map[string]slot.Title{}
	if !a.Person.Can(k.view) || len(ids) == 0 {
		return found, nil
	}
	all, err := k.list(ctx, a.Tenant.DB, a.Person, Query{IDs: ids, Limit: len(ids)})
	for _, rec := range all {
		// The address is made of the noun's path and an id of ours.
		found[k.of(rec).ID] = slot.Title{Text: k.title(rec), Icon: k.icon, Href: template.URL(k.href(rec))}
	}
	return found, err
}
