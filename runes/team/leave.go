package team

import (
	"context"
	"strconv"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// Somebody leaves: what they are answerable for goes to others, kind by kind, in the same write that shuts them out.

// leavePage asks who takes over what.
type leavePage struct {
	web.Problems
	Heading, Text, Verb, Done, Action, Back string
	Things                                  []thing
}

// thing is one kind of record that the leaver is answerable for.
type thing struct {
	Field, Icon, Label, Value, Problem string
	Heirs                              []option

	owned   slot.Owned
	count   int
	refused *fault.Fault // why the chosen one cannot take it over
}

// stays says that nobody takes over: the records keep the name of whoever left.
const stays = "stays"

func showDeactivate(v *web.Visit) error {
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	page, err := leaving(v, p)
	if err != nil {
		return err
	}
	return v.Page("leave", page)
}

func leaving(v *web.Visit, p *identity.Person) (*leavePage, error) {
	page := &leavePage{Heading: v.T("team.deactivate_title", "name", p.Name), Text: v.T("team.deactivate_text"), Verb: v.T("team.deactivate"), Done: v.T("team.deactivated"), Action: memberHref(v) + "/deactivate", Back: memberHref(v)}
	if p.State() == "deactivated" { // they left by themselves
		page.Heading, page.Text, page.Verb, page.Done = v.T("team.hand_over_title", "name", p.Name), v.T("team.hand_over_left", "name", p.Name), v.T("team.hand_over"), v.T("team.handed")
	}
	answers, err := slot.OwnedThings.Ask(v.Context(), v.Asker())
	if err != nil {
		return nil, err
	}
	people, err := v.People.Members(v.Context(), v.Tenant)
	if err != nil {
		return nil, err
	}
	for n, a := range answers {
		count, err := a.What.Count(v.Context(), v.DB, p.ID)
		if err != nil {
			return nil, err
		}
		if count == 0 {
			continue
		}
		field := "heir" + strconv.Itoa(n)
		t := thing{Field: field, Icon: a.What.Icon, Label: v.T("team.hand_over_of", "n", v.Number(int64(count)), "what", v.T(a.What.Title)), Value: v.Form(field), owned: a.What, count: count}
		t.Heirs = []option{{"", v.T("team.hand_over_choose")}}
		if !a.What.Must {
			t.Heirs = append(t.Heirs, option{stays, v.T("team.hand_over_stays", "name", p.Name)})
		}
		for _, heir := range people {
			if heir.ID != p.ID && heir.Can(a.What.Permission) && (a.What.Heir == nil || a.What.Heir(heir)) {
				t.Heirs = append(t.Heirs, option{heir.ID, heir.Name})
			}
		}
		page.Things = append(page.Things, t)
	}
	v.Title(page.Heading)
	v.Crumb(v.T("team.name"), "/team")
	v.Crumb(p.Name, memberHref(v))
	v.Crumb(page.Verb, "")
	return page, nil
}

// heirName is who takes the thing over; empty when the choice is none that was offered.
func (t thing) heirName() string {
	for _, o := range t.Heirs[1:] {
		if o.Value == t.Value {
			return o.Text
		}
	}
	return ""
}

func deactivate(v *web.Visit) error {
	if v.Param("id") == v.Person.ID {
		return fault.New(fault.Conflict, "team.not_yourself")
	}
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	page, err := leaving(v, p)
	if err != nil {
		return err
	}
	form := fault.Form{}
	var told []string
	for n, t := range page.Things {
		form.Need(t.heirName() != "", t.Field, "team.hand_over_missing")
		if t.heirName() == "" {
			page.Things[n].Problem = v.T("team.hand_over_missing")
		} else if t.Value != stays {
			told = append(told, v.T("team.handed_over", "what", t.Label, "name", t.heirName()))
		}
	}
	if err := form.Err(); err != nil {
		return v.Again("leave", page, err)
	}
	err = v.People.Leave(v.Context(), v.Tenant, v.Person, p.ID, func(ctx context.Context, tx *store.Tx) error { return handOver(ctx, tx, p, page.Things) })
	for n, t := range page.Things {
		if t.refused != nil {
			page.Things[n].Problem = v.T(t.refused.Key, t.refused.Args...)
			return v.Again("leave", page, err)
		}
	}
	if err != nil {
		return err
	}
	v.Flash(strings.Join(append([]string{page.Done}, told...), " "), "")
	return v.Go(memberHref(v))
}

// handOver gives each kind to its heir. One who left in the meantime is refused, and with it everything.
func handOver(ctx context.Context, tx *store.Tx, p *identity.Person, things []thing) error {
	handed := map[string]any{}
	for n, t := range things {
		if t.Value == stays {
			continue
		}
		heir, err := identity.ActiveMember(ctx, tx, t.Value)
		if err != nil {
			return err
		}
		if heir == "" {
			return fault.New(fault.Conflict, "team.heir_gone", "name", t.heirName())
		}
		if err := t.owned.HandOver(ctx, tx, p.ID, heir); err != nil {
			if fault.Is(err, fault.Invalid) {
				things[n].refused = fault.Of(err)
			}
			return err
		}
		handed[t.owned.Kind] = map[string]any{"to": heir, "count": t.count}
	}
	if len(handed) == 0 {
		return nil
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "team.handed_over", Object: "member:" + p.ID, Title: p.Name, After: handed})
}

// showReturn asks before somebody is let in again who left by themselves: it was their own will.
func showReturn(v *web.Visit) error {
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	if left, err := v.People.LeftAlone(v.Context(), v.Tenant, p.ID); err != nil {
		return err
	} else if !left {
		return v.Go(memberHref(v))
	}
	return ask(v, question{
		Heading: v.T("team.return_title", "name", p.Name), Text: v.T("team.return_text", "name", p.Name), Verb: v.T("team.reactivate"), Mild: true,
		Action: memberHref(v) + "/return", Back: memberHref(v),
	})
}

func letReturn(v *web.Visit) error {
	if err := v.People.Resume(v.Context(), v.Tenant, v.Person, v.Param("id")); err != nil {
		return err
	}
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	v.Flash(v.T("team.resumed", "name", p.Name), "")
	return v.Go(memberHref(v))
}
