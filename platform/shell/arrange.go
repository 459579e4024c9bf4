package shell

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/desk"
	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// Names of choices on the desk: the order of Home, and the one before it was reset.
const (
	homeChoice       = "home"
	homeBeforeChoice = "home_before"
)

// layout is the cards of Home in their order. Cards that are not named in it (of a rune activated since) follow.
type layout struct {
	Order  []string `json:"order"`
	Hidden []string `json:"hidden"`
}

// layoutOf is the person's own arrangement, else the organisation's, else none.
func layoutOf(v *web.Visit) (l layout, isOwn bool, err error) {
	for _, whose := range []string{v.Person.ID, desk.House} {
		kept, err := desk.Choice(v.Context(), v.DB, whose, homeChoice)
		if err != nil {
			return l, false, err
		}
		if kept != "" && json.Unmarshal([]byte(kept), &l) == nil {
			return l, whose == v.Person.ID, nil
		}
	}
	return l, false, nil
}

// sort puts the cards in the order of the layout.
func (l layout) sort(cards []slot.Answer[slot.Widget]) {
	place := func(a slot.Answer[slot.Widget]) int {
		if n := slices.Index(l.Order, a.What.ID); n >= 0 {
			return n
		}
		return len(l.Order)
	}
	slices.SortStableFunc(cards, func(a, b slot.Answer[slot.Widget]) int { return place(a) - place(b) })
}

// cards are what this person may have on Home, in their order.
func (s *Shell) cards(v *web.Visit) (cards []slot.Answer[slot.Widget], l layout, isOwn bool, err error) {
	active, err := entitlement.Active(v.Context(), v.DB)
	if err != nil {
		return nil, l, false, err
	}
	for _, a := range slot.Widgets.Answers(s.offers(), active) {
		if v.Can(a.What.Permission) && (a.What.ID != glance.ID || s.hasFigures(v, active)) {
			cards = append(cards, a)
		}
	}
	l, isOwn, err = layoutOf(v)
	l.sort(cards)
	return cards, l, isOwn, err
}

type arrangePage struct {
	Cards  []arranged
	IsOwn  bool // there is something to reset
	IsHead bool // may set what everybody starts with
}

type arranged struct {
	ID, Title, Icon         string
	IsShown, IsFirst, IsEnd bool
}

// showArrange lists the cards to show, hide and order.
func (s *Shell) showArrange(v *web.Visit) error {
	cards, l, isOwn, err := s.cards(v)
	if err != nil {
		return err
	}
	page := &arrangePage{IsOwn: isOwn, IsHead: v.Can(manageOrganization)}
	for n, a := range cards {
		page.Cards = append(page.Cards, arranged{
			ID: a.What.ID, Title: v.T(a.What.Title), Icon: a.What.Icon,
			IsShown: !slices.Contains(l.Hidden, a.What.ID), IsFirst: n == 0, IsEnd: n == len(cards)-1,
		})
	}
	v.Load("home")
	v.Title(v.T("shell.arrange_home"))
	v.Crumb(v.T("shell.home"), "/")
	v.Crumb(v.T("shell.arrange"), "")
	return v.Page("arrange", page)
}

// arrange keeps the order that was posted, with one card moved where a button says so: it works without script.
func (s *Shell) arrange(v *web.Visit) error {
	cards, _, _, err := s.cards(v)
	if err != nil {
		return err
	}
	var next layout
	for _, id := range v.Values()["order"] {
		known := slices.ContainsFunc(cards, func(a slot.Answer[slot.Widget]) bool { return a.What.ID == id })
		if known && !slices.Contains(next.Order, id) {
			next.Order = append(next.Order, id)
			if !slices.Contains(v.Values()["show"], id) {
				next.Hidden = append(next.Hidden, id)
			}
		}
	}
	if len(next.Order) == 0 {
		return fault.New(fault.Malformed, "web.malformed")
	}
	if id, way, ok := strings.Cut(v.Form("move"), ":"); ok {
		next.move(id, way)
	}
	if err := keepLayout(v, v.Person.ID, next); err != nil {
		return err
	}
	if v.WantsJSON() {
		return v.JSON(200, map[string]bool{"kept": true})
	}
	return v.Go("/home")
}

// move puts a card one place up or down.
func (l layout) move(id, way string) {
	from := slices.Index(l.Order, id)
	to := from + 1
	if way == "up" {
		to = from - 1
	}
	if from >= 0 && to >= 0 && to < len(l.Order) {
		l.Order[from], l.Order[to] = l.Order[to], l.Order[from]
	}
}

func keepLayout(v *web.Visit, whose string, l layout) error {
	raw, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		return desk.Choose(ctx, tx, whose, homeChoice, string(raw))
	})
}

// resetHome goes back to what everybody starts with; Undo brings the own arrangement back.
func resetHome(v *web.Visit) error {
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		own, err := desk.Choice(ctx, tx, v.Person.ID, homeChoice)
		if err != nil || own == "" {
			return err
		}
		if err := desk.Choose(ctx, tx, v.Person.ID, homeBeforeChoice, own); err != nil {
			return err
		}
		return desk.Choose(ctx, tx, v.Person.ID, homeChoice, "")
	})
	if err != nil {
		return err
	}
	v.Flash(v.T("shell.home_reset"), "/home/restore")
	return v.Go("/home")
}

func restoreHome(v *web.Visit) error {
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		before, err := desk.Choice(ctx, tx, v.Person.ID, homeBeforeChoice)
		if err != nil || before == "" {
			return err
		}
		return desk.Choose(ctx, tx, v.Person.ID, homeChoice, before)
	})
	if err != nil {
		return err
	}
	v.Flash(v.T("shell.home_restored"), "")
	return v.Go("/home")
}

// shareHome makes one's own arrangement what everybody starts with who has none.
func (s *Shell) shareHome(v *web.Visit) error {
	if !v.Can(manageOrganization) {
		return fault.New(fault.NotFound, "web.not_found")
	}
	cards, l, _, err := s.cards(v)
	if err != nil {
		return err
	}
	shared := layout{Hidden: l.Hidden}
	for _, a := range cards {
		shared.Order = append(shared.Order, a.What.ID)
	}
	raw, err := json.Marshal(shared)
	if err != nil {
		return err
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := desk.Choose(ctx, tx, desk.House, homeChoice, string(raw)); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "shell.home_shared", Object: "organisation", Title: v.Tenant.Name, After: map[string]any{"order": shared.Order, "hidden": shared.Hidden},
		})
	})
	if err != nil {
		return err
	}
	v.Flash(v.T("shell.home_shared"), "")
	return v.Go("/home")
}
