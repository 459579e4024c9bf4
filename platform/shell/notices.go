package shell

import (
	"context"
	"regexp"
	"strings"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/notify"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// noticesPage is the matrix of what comes by which channel: a person's own, or what the organisation starts with.
type noticesPage struct {
	web.Problems
	Groups       []noticeGroup
	HasMail      bool
	IsHouse      bool // it is the organisation's
	CanHouse     bool // the person may change the organisation's
	Begins, Ends string
	Zone         string
	Mutes        []notify.Muted
	NotMailed    int // in the last week, for those who could change it
}

type noticeGroup struct {
	Name  string
	Lines []noticeLine
}

type noticeLine struct {
	Kind, Text string
	Cells      []noticeCell // bell, mail
}

type noticeCell struct {
	Channel, Label   string
	On, Locked, Stay bool // Stay: nobody can turn it off
}

var channels = []string{notify.Bell, notify.Mail}

func showNotices(v *web.Visit) error {
	page, err := noticesOf(v, v.Person.ID)
	if err != nil {
		return err
	}
	return v.Page("notices", page)
}

func showHouseNotices(v *web.Visit) error {
	page, err := noticesOf(v, "")
	if err != nil {
		return err
	}
	return v.Page("notices", page)
}

// noticesOf is the page of a person, or of the organisation when person is empty.
func noticesOf(v *web.Visit, person string) (*noticesPage, error) {
	page := &noticesPage{HasMail: notify.Has(v.Context(), notify.Mail), IsHouse: person == "", CanHouse: v.Can(manageOrganization)}
	offers, err := offeredNotices(v, person)
	if err != nil {
		return nil, err
	}
	chosen, err := notify.Choices(v.Context(), v.DB, person)
	if err != nil {
		return nil, err
	}
	for _, o := range offers {
		name := sortOf(v, o.Rune, o.What.Kind)
		if n := len(page.Groups); n == 0 || page.Groups[n-1].Name != name {
			page.Groups = append(page.Groups, noticeGroup{Name: name})
		}
		g := &page.Groups[len(page.Groups)-1]
		g.Lines = append(g.Lines, noticeLineOf(v, o.What, chosen))
	}
	v.Load("notices")
	v.Title(v.T("shell.notices"))
	v.Crumb(v.T("shell.preferences"), "/preferences")
	if page.IsHouse {
		v.Crumb(v.T("shell.notices"), "/preferences/notifications")
		v.Crumb(v.T("shell.notices_house_title"), "")
		page.NotMailed, err = notify.NotMailed(v.Context(), v.DB, clock.Now(v.Context()).Add(-7*24*time.Hour))
		return page, err
	}
	v.Crumb(v.T("shell.notices"), "")
	return page, page.own(v)
}

// sortOf names the group of a sort: its rune, or what of the house it is about.
func sortOf(v *web.Visit, rune, kind string) string {
	switch {
	case rune != slot.House:
		return v.T(rune + ".name")
	case strings.HasPrefix(kind, "identity."):
		return v.T("shell.notices_house")
	}
	return v.T("shell.notices_everywhere")
}

// own adds what only a person has: quiet hours and muted things.
func (p *noticesPage) own(v *web.Visit) error {
	q, err := notify.QuietOf(v.Context(), v.DB, v.Person.ID)
	if err != nil {
		return err
	}
	p.Begins, p.Ends, p.Zone = q.Begins, q.Ends, v.Zone().String()
	p.Mutes, err = notify.Mutes(v.Context(), v.DB, v.Person.ID)
	return err
}

// offeredNotices are the sorts this person may get; the organisation chooses for all of them.
func offeredNotices(v *web.Visit, person string) ([]slot.Answer[slot.Notice], error) {
	all, err := slot.Notices.Ask(v.Context(), v.Asker())
	var found []slot.Answer[slot.Notice]
	for _, o := range all {
		if person == "" || v.Can(o.What.Permission) {
			found = append(found, o)
		}
	}
	return found, err
}

func noticeLineOf(v *web.Visit, n slot.Notice, chosen map[string]notify.Choice) noticeLine {
	line := noticeLine{Kind: n.Kind, Text: v.T(n.Title)}
	for _, channel := range channels {
		c, ok := chosen[n.Kind+" "+channel]
		if !ok {
			c.On = usual(n, channel)
		}
		stays := n.Always && channel == notify.Bell
		line.Cells = append(line.Cells, noticeCell{
			Channel: channel, Label: v.T("shell.notices_"+channel) + ": " + line.Text, On: c.On || stays, Locked: c.Locked, Stay: stays,
		})
	}
	return line
}

// usual is what nobody has chosen.
func usual(n slot.Notice, channel string) bool { return channel == notify.Bell || n.Mail }

var timeForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// saveNotices keeps what differs from the organisation's choice, so that the rest goes on following it.
func saveNotices(v *web.Visit) error {
	page, err := noticesOf(v, v.Person.ID)
	if err != nil {
		return err
	}
	quiet := notify.Quiet{Begins: v.Form("begins"), Ends: v.Form("ends"), Zone: v.Zone().String()}
	form := fault.Form{}
	form.Need(quiet.Begins == "" || timeForm.MatchString(quiet.Begins), "begins", "shell.quiet_time")
	form.Need(quiet.Ends == "" || timeForm.MatchString(quiet.Ends), "ends", "shell.quiet_time")
	form.Need(quiet.Begins != "" || quiet.Ends == "", "begins", "shell.quiet_both")
	form.Need(quiet.Ends != "" || quiet.Begins == "", "ends", "shell.quiet_both")
	form.Need(quiet.Begins == "" || quiet.Begins != quiet.Ends, "ends", "shell.quiet_same")
	if err := form.Err(); err != nil {
		page.Begins, page.Ends = quiet.Begins, quiet.Ends
		return v.Again("notices", page, err)
	}
	offers, err := offeredNotices(v, v.Person.ID)
	if err != nil {
		return err
	}
	house, err := notify.Choices(v.Context(), v.DB, "")
	if err != nil {
		return err
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, o := range offers {
			for _, channel := range channels {
				base, ok := house[o.What.Kind+" "+channel]
				if !ok {
					base.On = usual(o.What, channel)
				}
				if base.Locked || o.What.Always && channel == notify.Bell {
					continue // what a person chose before the lock stays for the day it opens
				}
				own := &notify.Choice{On: ticked(v, channel, o.What.Kind)}
				if own.On == base.On {
					own = nil
				}
				if err := notify.Choose(ctx, tx, v.Person.ID, o.What.Kind, channel, own); err != nil {
					return err
				}
			}
		}
		return notify.KeepQuiet(ctx, tx, v.Person.ID, quiet)
	})
	if err != nil {
		return err
	}
	v.Flash(v.T("shell.notices_saved"), "")
	return v.Go("/preferences/notifications")
}

// ticked reports whether the box of that kind was ticked.
func ticked(v *web.Visit, name, kind string) bool {
	for _, one := range v.Values()[name] {
		if one == kind {
			return true
		}
	}
	return false
}

// saveHouseNotices keeps what everybody starts with, and what nobody may change.
func saveHouseNotices(v *web.Visit) error {
	offers, err := offeredNotices(v, "")
	if err != nil {
		return err
	}
	before, err := notify.Choices(v.Context(), v.DB, "")
	if err != nil {
		return err
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		was, is := map[string]any{}, map[string]any{}
		for _, o := range offers {
			for _, channel := range channels {
				key := o.What.Kind + " " + channel
				c := notify.Choice{On: ticked(v, channel, o.What.Kind), Locked: ticked(v, channel+"_lock", o.What.Kind)}
				old, ok := before[key]
				if !ok {
					old.On = usual(o.What, channel)
				}
				if old.Own = false; c == old || o.What.Always && channel == notify.Bell {
					continue
				}
				was[key], is[key] = said(old), said(c)
				kept := &c
				if !c.Locked && c.On == usual(o.What, channel) {
					kept = nil
				}
				if err := notify.Choose(ctx, tx, "", o.What.Kind, channel, kept); err != nil {
					return err
				}
			}
		}
		if len(is) == 0 {
			return nil
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "notify.defaults_changed", Object: "notify:defaults", Title: v.Tenant.Name, Before: was, After: is})
	})
	if err != nil {
		return err
	}
	v.Flash(v.T("shell.notices_saved"), "")
	return v.Go("/preferences/notifications/all")
}

// said is a choice as the log keeps it.
func said(c notify.Choice) string {
	text := "off"
	if c.On {
		text = "on"
	}
	if c.Locked {
		text += ", locked"
	}
	return text
}

// unmute lets the person hear of a thing again.
func unmute(v *web.Visit) error {
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		return notify.Unmute(ctx, tx, v.Person.ID, v.Form("object"))
	})
	if err != nil {
		return err
	}
	return v.Go("/preferences/notifications")
}
