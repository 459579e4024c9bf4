package shell

import (
	"html/template"
	"strings"

	"runes.im/platform/clock"
	"runes.im/platform/entitlement"
	"runes.im/platform/notify"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

type homePage struct {
	Greeting string
	Lead     string
	Action   web.Entry // the first thing this person may create
	Widgets  []widget
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
	page := &homePage{Greeting: greeting(v), Lead: lead(v, unread), Widgets: s.widgets(v, active)}
	if actions := s.actions(v, active); len(actions) > 0 {
		page.Action = actions[0]
	}
	v.Title(v.T("shell.home"))
	v.Crumb(v.T("shell.home"), "")
	return v.Page("home", page)
}

// widgets are the cards that the runes offer. One that fails is left out: Home opens all the same.
func (s *Shell) widgets(v *web.Visit, active map[string]bool) []widget {
	var cards []widget
	for _, a := range slot.Widgets.Answers(s.offers(), active) {
		w := a.What
		if !v.Can(w.Permission) {
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
		cards = append(cards, widget{Title: v.T(w.Title), Icon: w.Icon, Link: w.Link, LinkText: v.T(w.LinkText), Body: body})
	}
	return cards
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
