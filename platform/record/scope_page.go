package record

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// ReachesPage is what the part record_reaches draws: who sees how much.
type ReachesPage struct {
	Heading, Lead string
	Roles, People []Holder
}

// Holder is a role or a member with what was said about them.
type Holder struct {
	Name, Sub, Said, Href string
	IsSaid                bool
	Face                  Face
}

func (k *kind) showReaches(v *web.Visit) error {
	if !v.Can(k.view) {
		return missing()
	}
	said, err := k.reaches(v.Context(), v.DB, nil)
	if err != nil {
		return err
	}
	roles, err := identity.RolesNamed(v.Context(), v.DB)
	if err != nil {
		return err
	}
	members, err := identity.Colleagues(v.Context(), v.DB)
	if err != nil {
		return err
	}
	lists, err := k.listOptions(v)
	if err != nil {
		return err
	}
	p := &ReachesPage{Heading: v.T("record.scope"), Lead: v.T("record.scope_lead", "what", v.T(k.words+"list_short"))}
	for _, r := range roles {
		p.Roles = append(p.Roles, k.holder(v, "role:"+r.ID, r, said, lists, "record.scope_unsaid"))
	}
	for _, m := range members {
		p.People = append(p.People, k.holder(v, "member:"+m.ID, m, said, lists, "record.scope_roles"))
	}
	k.scopeCrumbs(v, "")
	return v.Page("record_reaches", p)
}

func (k *kind) scopeCrumbs(v *web.Visit, name string) {
	v.Title(v.T("record.scope"))
	v.Crumb(v.T(k.rune+".name"), "/"+k.rune)
	v.Crumb(v.T(k.words+"list"), k.at(""))
	if name == "" {
		v.Crumb(v.T("record.scope"), "")
		return
	}
	v.Crumb(v.T("record.scope"), k.at("/scope"))
	v.Crumb(name, "")
}

func (k *kind) holder(v *web.Visit, key string, who identity.Named, said map[string]extent, lists []Option, unsaid string) Holder {
	h := Holder{Name: who.Name, Sub: who.Email, Said: v.T(unsaid), Href: k.at("/scope/" + key), Face: FaceOf(who.Name, who.ID)}
	e, ok := said[key]
	if !ok {
		return h
	}
	h.IsSaid, h.Said = true, v.T("record.scope_"+e.reach)
	var names []string
	for _, l := range lists {
		if slices.Contains(e.lists, l.Value) {
			names = append(names, l.Text)
		}
	}
	if len(names) > 0 {
		h.Said += ": " + strings.Join(names, ", ")
	}
	return h
}

func (k *kind) listOptions(v *web.Visit) ([]Option, error) {
	if k.reach.Lists == nil {
		return nil, nil
	}
	return k.reach.Lists(v.Context(), v.DB)
}

// ReachPage is what the part record_reach draws: what one role or member sees.
type ReachPage struct {
	web.Problems
	Heading, Lead, Action, Back string
	Choices                     []ReachChoice
	Lists                       []ListChoice
}

// ReachChoice is one way to see records.
type ReachChoice struct {
	Value, Text, Help string
	On                bool
}

// ListChoice is a list that may be given.
type ListChoice struct {
	Option
	On bool
}

// holderNamed is the role or member of the address.
func (k *kind) holderNamed(v *web.Visit) (key string, who identity.Named, err error) {
	if !v.Can(k.view) {
		return "", who, missing()
	}
	key = v.Param("holder")
	sort, id, _ := strings.Cut(key, ":")
	var among []identity.Named
	switch sort {
	case "role":
		among, err = identity.RolesNamed(v.Context(), v.DB)
	case "member":
		among, err = identity.MembersNamed(v.Context(), v.DB, []string{id})
	}
	at := slices.IndexFunc(among, func(n identity.Named) bool { return n.ID == id })
	if err != nil || at < 0 {
		if err == nil {
			err = missing()
		}
		return "", who, err
	}
	return key, among[at], nil
}

func (k *kind) showReach(v *web.Visit) error {
	key, who, err := k.holderNamed(v)
	if err != nil {
		return err
	}
	said, err := k.reaches(v.Context(), v.DB, []string{key})
	if err != nil {
		return err
	}
	p, err := k.reachPage(v, key, who, said[key])
	if err != nil {
		return err
	}
	return v.Page("record_reach", p)
}

func (k *kind) reachPage(v *web.Visit, key string, who identity.Named, e extent) (*ReachPage, error) {
	lists, err := k.listOptions(v)
	if err != nil {
		return nil, err
	}
	p := &ReachPage{Heading: v.T("record.scope_of", "name", who.Name), Action: k.at("/scope/" + key), Back: k.at("/scope")}
	unsaid := "record.scope_unsaid"
	if strings.HasPrefix(key, "member:") {
		unsaid = "record.scope_roles"
	}
	p.Choices = []ReachChoice{{Value: "", Text: v.T(unsaid), Help: v.T(unsaid + "_help"), On: e.reach == ""}}
	for _, reach := range []string{reachAll, reachOwn, reachLists} {
		if reach != reachLists || len(lists) > 0 {
			p.Choices = append(p.Choices, ReachChoice{Value: reach, Text: v.T("record.scope_" + reach), Help: v.T("record.scope_" + reach + "_help"), On: e.reach == reach})
		}
	}
	for _, l := range lists {
		p.Lists = append(p.Lists, ListChoice{l, slices.Contains(e.lists, l.Value)})
	}
	k.scopeCrumbs(v, who.Name)
	return p, nil
}

func (k *kind) saveReach(v *web.Visit) error {
	key, who, err := k.holderNamed(v)
	if err != nil {
		return err
	}
	e := extent{reach: v.Form("reach")}
	p, err := k.reachPage(v, key, who, e)
	if err != nil {
		return err
	}
	form := fault.Form{}
	form.Need(slices.ContainsFunc(p.Choices, func(c ReachChoice) bool { return c.Value == e.reach }), "reach", "record.choice")
	for i, l := range p.Lists {
		if p.Lists[i].On = slices.Contains(v.Values()["list"], l.Value); p.Lists[i].On && e.reach == reachLists {
			e.lists = append(e.lists, l.Value)
		}
	}
	form.Need(e.reach != reachLists || len(e.lists) > 0, "reach", "record.scope_choose")
	if err := form.Err(); err != nil {
		return v.Again("record_reach", p, err)
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return k.writeReach(ctx, tx, key, who.Name, e) })
	if err != nil {
		return err
	}
	v.Flash(v.T("record.scope_saved", "name", who.Name), "")
	return v.Go(k.at("/scope"))
}

// writeReach says how far a role or member sees; an empty reach says nothing about them any more. It holds from the
// next request on: nothing about it is remembered.
func (k *kind) writeReach(ctx context.Context, tx *store.Tx, key, name string, e extent) error {
	said, err := k.reaches(ctx, tx, []string{key})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM record_reaches WHERE kind = ? AND holder = ?", k.key, key); err != nil {
		return err
	}
	facts := func(e extent) map[string]any {
		return map[string]any{"reach": e.reach, "lists": append([]string{}, e.lists...)}
	}
	if e.reach != "" {
		lists, err := json.Marshal(append([]string{}, e.lists...))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "INSERT INTO record_reaches (kind, holder, reach, lists) VALUES (?, ?, ?, ?)", k.key, key, e.reach, string(lists)); err != nil {
			return err
		}
	}
	k.show(ctx, tx, "")
	return audit.Record(ctx, tx, audit.Entry{Action: k.key + "_scope_saved", Object: key, Title: name, Before: facts(said[key]), After: facts(e)})
}

// SetReach says how far a role or member ("role:employee", "member:0190…") sees: all, own, or lists with their ids.
func (n *Noun[T]) SetReach(ctx context.Context, tx *store.Tx, holder, reach string, lists ...string) error {
	return n.writeReach(ctx, tx, holder, holder, extent{reach, lists})
}

// GivePage is what the part record_give draws: whose the chosen records will be.
type GivePage struct {
	web.Problems
	Heading, Text, Action, Back, Label, Name, Verb string
	IDs                                            []string
	Options                                        []Option
	Value                                          string
}

func (k *kind) givePage(v *web.Visit, found []any) (*GivePage, error) {
	f := k.ownerField()
	options, err := memberOptions(v, "")
	p := &GivePage{
		Heading: v.T("record.give"), Text: v.T("record.give_text", "what", v.T(k.words+"count", "n", len(found))), Action: k.at("/give"),
		Back: k.at(""), Label: v.T(f.Label), Name: f.Name, Verb: v.T("record.give"), Options: options, Value: v.Form(f.Name),
	}
	for _, rec := range found {
		p.IDs = append(p.IDs, k.of(rec).ID)
	}
	v.Title(p.Heading)
	return p, err
}

func (k *kind) showGive(v *web.Visit) error {
	found, err := k.chosenRecords(v, false)
	if err != nil {
		return k.chooseFirst(v, "", err)
	}
	p, err := k.givePage(v, found)
	if err != nil {
		return err
	}
	return v.Page("record_give", p)
}

// give makes somebody the owner of the chosen records, of all or of none.
func (k *kind) give(v *web.Visit) error {
	found, err := k.chosenRecords(v, false)
	if err != nil {
		return k.chooseFirst(v, "", err)
	}
	f := k.ownerField()
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, before := range found {
			rec := k.copyOf(before)
			f.put(rec, v.Form(f.Name))
			if err := k.change(ctx, tx, before, rec); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		p, broken := k.givePage(v, found)
		if broken != nil {
			return broken
		}
		return v.Again("record_give", p, err)
	}
	v.Flash(v.T("record.given", "what", v.T(k.words+"count", "n", len(found))), "")
	return v.Go(k.at(""))
}
