package shell

import (
	"context"
	"net/url"

	"runes.im/platform/notify"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

const (
	pageOfNotes  = 50
	panelOfNotes = 12
)

type notificationsPage struct {
	Tabs   []tab
	Items  []note
	Unread int
	All    bool   // read ones too
	Older  string // address of the next page
	Here   string
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
}

func showNotifications(v *web.Visit) error {
	all := v.Query("all") != ""
	page, err := notifications(v, all, v.Query("before"), pageOfNotes)
	if err != nil {
		return err
	}
	page.Tabs = []tab{
		{Text: v.T("shell.tab_new"), Href: "/notifications", Current: !all, Count: page.Unread},
		{Text: v.T("shell.tab_all"), Href: "/notifications?all=1", Current: all},
	}
	v.Title(v.T("shell.notifications"))
	v.Crumb(v.T("shell.notifications"), "")
	return v.Page("notifications", page)
}

// showPanel is the bell: the newest few, read or not.
func showPanel(v *web.Visit) error {
	page, err := notifications(v, true, "", panelOfNotes)
	if err != nil {
		return err
	}
	page.Here = "/notifications/panel"
	return v.Part("bell_panel", page)
}

func notifications(v *web.Visit, all bool, before string, limit int) (*notificationsPage, error) {
	// One more than shown tells whether there is an older page.
	items, err := notify.Items(v.Context(), v.DB, v.Person.ID, !all, before, limit+1)
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
		query := url.Values{"before": {items[limit-1].ID}}
		if all {
			query.Set("all", "1")
		}
		page.Older = "/notifications?" + query.Encode()
	}
	for _, i := range items {
		page.Items = append(page.Items, line(v, i))
	}
	return page, nil
}

func line(v *web.Visit, i notify.Item) note {
	args := make([]any, len(i.Args))
	for n, arg := range i.Args {
		args[n] = arg
	}
	n := note{
		ID: i.ID, Text: v.T("notify."+i.Kind, args...), Icon: i.Icon, Link: i.Link, When: v.When(i.At), Actor: i.Actor,
		Hue: hue(i.Kind), Read: i.Read,
	}
	if n.Icon == "" {
		n.Icon = "bell"
	}
	return n
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
