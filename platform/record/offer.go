package record

import (
	"context"
	"html/template"

	"runes.im/platform/fault"
	"runes.im/platform/slot"
	"runes.im/platform/store"
)

// Offers are what a noun answers in slots: what its records are called, that they can be found and chosen, where the
// removed ones wait, how many there are, and, when they have an owner, that they can be handed over.
func Offers(of Kind) []slot.Offer {
	k := of.kindOf()
	found := slot.Search{Kind: k.key, Title: k.words + "list_short", Icon: k.icon, Permission: k.view}
	if k.scope != nil {
		found.Allowed, found.Scope = k.allowed, k.searched
	}
	picker := slot.Picker{Kind: k.key, Title: k.words + "list_short", Icon: k.icon, Permission: k.view, Find: k.pick, Manage: k.manage}
	if k.nameOnly() != nil {
		picker.Create = k.pickNew
	}
	offers := []slot.Offer{
		slot.Searches.Offer(found),
		slot.RefTitles.Offer(slot.Titles{Kind: k.key, Resolve: k.titles}),
		slot.Pickers.Offer(picker),
		slot.Bins.Offer(slot.Bin{
			Kind: k.key, Title: k.words + "list_short", Icon: k.icon, Permission: k.manage, Link: k.at("/bin"),
			Count: func(ctx context.Context, a slot.Asker) (int, error) {
				return k.count(ctx, a.Tenant.DB, a.Person, Query{Bin: true, Where: "deleted_with = ''"})
			},
		}),
		slot.Statistics.Offer(slot.Statistic{
			ID: k.rune + "." + k.plural, Title: k.words + "list_short", Icon: k.icon, Permission: k.view, Link: k.at(""),
			Figure: func(ctx context.Context, a slot.Asker) (int64, error) {
				n, err := k.count(ctx, a.Tenant.DB, a.Person, Query{})
				return int64(n), err
			},
		}),
	}
	if k.ownerField() != nil {
		offers = append(offers, slot.OwnedThings.Offer(k.owned()), slot.Scopes.Offer(k.scoped()))
	}
	return offers
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

// pick finds records to choose from; without a text those that somebody worked on last.
func (k *kind) pick(ctx context.Context, a slot.Asker, text string, limit int) ([]slot.Picked, error) {
	if !a.Person.Can(k.view) {
		return nil, nil
	}
	q := Query{Search: text, Limit: limit}
	if text == "" {
		q.Sort, q.Down = "updated_at", true
	}
	all, err := k.list(ctx, a.Tenant.DB, a.Person, q)
	found := make([]slot.Picked, len(all))
	for i, rec := range all {
		found[i] = k.picked(rec)
	}
	return found, err
}

func (k *kind) picked(rec any) slot.Picked {
	return slot.Picked{ID: k.of(rec).ID, Title: k.title(rec), Subtitle: k.joined(rec, func(f *Field) bool { return f.sub }, ", ")}
}

// nameOnly is the one field that a new record needs, when it is its name; nil when it takes more.
func (k *kind) nameOnly() *Field {
	var name *Field
	for _, f := range k.given() {
		switch {
		case !f.Need:
		case name == nil && f.title && f.Sort == "text":
			name = f
		default:
			return nil
		}
	}
	if k.inside {
		return nil
	}
	return name
}

// pickNew makes a record that has nothing but its name. What the noun would ask first is a refusal here.
func (k *kind) pickNew(ctx context.Context, a slot.Asker, name string) (slot.Picked, error) {
	if !a.Person.Can(k.manage) {
		return slot.Picked{}, missing()
	}
	rec, form, f := k.fresh(), fault.Form{}, k.nameOnly()
	f.put(rec, f.clean(name, &form))
	if err := form.Err(); err != nil {
		p := fault.Of(err).Problems[f.Name]
		return slot.Picked{}, fault.New(fault.Invalid, p.Key, p.Args...)
	}
	q, err := k.ask(ctx, a.Tenant.DB, nil, rec)
	if err != nil {
		return slot.Picked{}, err
	}
	if q != nil {
		return slot.Picked{}, fault.New(fault.Invalid, q.Key, q.Args...)
	}
	err = a.Tenant.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return k.create(ctx, tx, rec) })
	return k.picked(rec), err
}

// CountryIn is the country's name in that language.
func CountryIn(lang, code string) string {
	if code == "" {
		return ""
	}
	return countryName(lang, code)
}
