package shell

import (
	"html/template"
	"slices"
	"strings"

	"runes.im/platform/clock"
	"runes.im/platform/entitlement"
	"runes.im/platform/notify"
	"runes.im/platform/web"
)

type homePage struct {
	Banner    string
	Greeting  string
	Lead      string
	Action    web.Entry  // the first thing this person may create
	Checklist *checklist // what is still to set up; nil: nothing, or nobody's matter
	Widgets   []widget
	// MayArrange says that there are cards, shown or hidden.
	MayArrange bool
}

type widget struct {
	Title, Icon, Link, LinkText string
	Body                        template.HTML
}

func (s *Shell) home(v *web.Visit) error {
	active, err := entitlement.Active(v.Context(), v.DB)
	if err != nil {
		return err
	}
	unread, err := notify.Unread(v.Context(), v.DB, v.Person.ID)
	if err != nil {
		return err
	}
	page := &homePage{Banner: v.Look().Banner, Greeting: greeting(v), Lead: lead(v, unread)}
	if err := putChecklist(v, page); err != nil {
		return err
	}
	if err := s.putWidgets(v, page); err != nil {
		return err
	}
	if actions := s.actions(v, active); len(actions) > 0 {
		page.Action = actions[0]
	}
	v.Title(v.T("shell.home"))
	v.Crumb(v.T("shell.home"), "")
	return v.Page("home", page)
}

// putWidgets draws the cards that the runes offer, as this person or the organisation arranged them. One that fails is left
// out: Home opens all the same.
func (s *Shell) putWidgets(v *web.Visit, page *homePage) error {
	cards, l, _, err := s.cards(v)
	if err != nil {
		return err
	}
	page.MayArrange = len(cards) > 0
	for _, a := range cards {
		w := a.What
		if slices.Contains(l.Hidden, w.ID) {
			continue
		}
		data, err := w.Data(v.Context(), v.Asker())
		if err != nil {
			s.Server.Log.WarnContext(v.Context(), "a card on Home is left out", "widget", w.ID, "err", err)
			continue
		}
		body, err := v.Draw(a.Rune, w.Template, data)
		if err != nil {
			s.Server.Log.WarnContext(v.Context(), "a card on Home is left out", "widget", w.ID, "err", err)
			continue
		}
		page.Widgets = append(page.Widgets, widget{Title: v.T(w.Title), Icon: w.Icon, Link: w.Link, LinkText: v.T(w.LinkText), Body: body})
	}
	return nil
}

// greeting goes by the person's own clock.
func greeting(v *web.Visit) string {
	key := "shell.good_evening"
	switch hour := clock.Now(v.Context()).In(v.Zone()).Hour(); {
	case hour >= 5 && hour < 12:
		key = "shell.good_morning"
	case hour >= 12 && hour < 18:
		key = "shell.good_day"
	}
	first, _, _ := strings.Cut(v.Person.Name, " ")
	return v.T(key, "name", first)
}

func lead(v *web.Visit, unread int) string {
	day := v.Day(clock.Now(v.Context()))
	if unread == 0 {
		return v.T("shell.lead_quiet", "day", day)
	}
	return v.T("shell.lead_news", "day", day, "n", unread)
}
