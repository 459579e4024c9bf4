package shell

import (
	"context"
	"net/url"
	"slices"
	"time"

	"runes.im/platform/notify"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

const (
	pageOfNotes  = 50
	panelOfNotes = 12
)

type notificationsPage struct {
	Tabs   []tab
	Runes  []tab // to see those of one rune alone
	Items  []note
	Unread int
	All    bool   // read ones too
	Older  string // address of the next page
	Here   string
	Panel  bool // it is the bell, where less is offered
}

type tab struct {
	Text, Href, Icon string
	Bare             bool
	Current          bool
	Count            int
}

type note struct {
	ID, Text, Icon, Link, When, Actor string
	Hue                               int
	Read                              bool
	CanMute                           bool
	Face                              *web.Face // who did it; nil for the house
}

func (s *Shell) showNotifications(v *web.Visit) error {
	all, rune := v.Query("all") != "", v.Query("rune")
	page, err := notifications(v, all, notify.Which{Rune: rune, Before: v.Query("before"), Limit: pageOfNotes})
	if err != nil {
		return err
	}
	page.Tabs = []tab{
		{Text: v.T("shell.tab_new"), Href: notesAt(false, rune, ""), Current: !all, Count: page.Unread},
		{Text: v.T("shell.tab_all"), Href: notesAt(true, rune, ""), Current: all},
	}
	if page.Runes, err = s.runesOfNotes(v, all, rune); err != nil {
		return err
	}
	v.Title(v.T("shell.notifications"))
	v.Crumb(v.T("shell.notifications"), "")
	return v.Page("notifications", page)
}

// runesOfNotes are the filters; with one rune alone there is nothing to choose.
func (s *Shell) runesOfNotes(v *web.Visit, all bool, chosen string) ([]tab, error) {
	known, err := notify.Runes(v.Context(), v.DB, v.Person.ID)
	if err != nil || len(known) < 2 {
		return nil, err
	}
	tabs := []tab{{Text: v.T("shell.notes_of_all"), Href: notesAt(all, "", ""), Current: !slices.Contains(known, chosen)}}
	for _, id := range known {
		one := tab{Text: sortOf(v, slot.House, id+"."), Icon: "shield", Href: notesAt(all, id, ""), Current: id == chosen}
		for _, in := range s.Runes {
			if in.ID == id {
				one.Text, one.Icon = v.T(id+".name"), in.Manifest.UIHooks.Icon
			}
		}
		tabs = append(tabs, one)
	}
	return tabs, nil
}

// notesAt is the address of the page with these filters.
func notesAt(all bool, rune, before string) string {
	query := url.Values{}
	if all {
		query.Set("all", "1")
	}
	if rune != "" {
		query.Set("rune", rune)
	}
	if before != "" {
		query.Set("before", before)
	}
	if len(query) == 0 {
		return "/notifications"
	}
	return "/notifications?" + query.Encode()
}

// showPanel is the bell: the newest few, read or not.
func showPanel(v *web.Visit) error {
	page, err := notifications(v, true, notify.Which{Limit: panelOfNotes})
	if err != nil {
		return err
	}
	page.Here, page.Panel = "/notifications/panel", true
	return v.Part("bell_panel", page)
}

func notifications(v *web.Visit, all bool, which notify.Which) (*notificationsPage, error) {
	limit := which.Limit
	which.Unread, which.Limit = !all, limit+1 // one more than shown tells whether there is an older page
	items, err := notify.Items(v.Context(), v.DB, v.Person.ID, which)
	if err != nil {
		return nil, err
	}
	unread, err := notify.Unread(v.Context(), v.DB, v.Person.ID)
	if err != nil {
		return nil, err
	}
	page := &notificationsPage{Unread: unread, All: all, Here: v.Here()}
	if len(items) > limit {
		items = items[:limit]
		page.Older = notesAt(all, which.Rune, items[limit-1].ID)
	}
	for _, i := range items {
		page.Items = append(page.Items, line(v, i))
	}
	return page, nil
}

func line(v *web.Visit, i notify.Item) note {
	args := readable(v, i.Args)
	n := note{
		ID: i.ID, Text: v.T("notify."+i.Kind, args...), Icon: i.Icon, Link: i.Link, When: v.When(i.At), Actor: i.Actor,
		Hue: hue(i.Kind), Read: i.Read, CanMute: i.Object != "" && !i.Security,
	}
	if i.ActorID != "" {
		n.Face = &web.Face{ID: i.ActorID, Name: i.Actor, Initials: initials(i.Actor), Hue: hue(i.ActorID)}
	}
	if n.Icon == "" {
		n.Icon = "bell"
	}
	return n
}

// readable are the values of a note as this person reads them: a day as a date, an address with its place beside it.
func readable(v *web.Visit, values []string) []any {
	args := make([]any, len(values))
	for n, value := range values {
		args[n] = value
		if n%2 == 0 {
			continue
		}
		switch values[n-1] {
		case "address":
			args = append(args, "place", v.Place(value))
		case "date":
			if day, err := time.ParseInLocation(time.DateOnly, value, v.Zone()); err == nil {
				args[n] = v.Date(day)
			}
		}
	}
	return args
}

// markRead takes one note, or all without an id.
func markRead(v *web.Visit) error {
	person, id := v.Person.ID, v.Form("id")
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		return notify.MarkRead(ctx, tx, person, id)
	})
	if err != nil {
		return err
	}
	return v.Back()
}

// markUnread makes one note new again.
func markUnread(v *web.Visit) error {
	person, id := v.Person.ID, v.Form("id")
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		return notify.MarkUnread(ctx, tx, person, id)
	})
	if err != nil {
		return err
	}
	return v.Back()
}

// mute ends the news about what a note is about.
func mute(v *web.Visit) error {
	items, err := notify.Items(v.Context(), v.DB, v.Person.ID, notify.Which{ID: v.Form("id"), Limit: 1})
	if err != nil {
		return err
	}
	for _, i := range items {
		title := line(v, i).Text
		err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
			return notify.Mute(ctx, tx, v.Person.ID, i.ID, title)
		})
		if err != nil {
			return err
		}
		v.Flash(v.T("shell.muted"), "")
	}
	return v.Back()
}
