package shell

import (
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

const settingsPath = "/settings"

// sections are those of the organisation's settings, in the order in which everybody learns them.
var sections = []struct{ key, icon string }{
	{"appearance", "building-2"},
	{"themes", "palette"},
	{"access", "shield"},
	{"authentication", "key-round"},
	{"members", "users"},
	{"spaces", "boxes"},
	{"advanced", "sliders-horizontal"},
	{"log", "history"},
	{"purge", "trash-2"},
	{"billing", "credit-card"},
	{"security", "lock"},
}

// ownSettings are the pages of the house itself among them.
var ownSettings = []slot.Setting{
	{Section: "advanced", Title: "shell.setting_notices", Icon: "bell", Link: "/preferences/notifications/all"},
	{Section: "advanced", Title: "shell.services", Icon: "bot", Link: "/account/services"},
	{Section: "security", Title: "isolation.title", Icon: "shield-check", Link: isolationPath},
	{Section: "purge", Title: "shell.bins", Icon: "trash-2", Link: binPath},
}

type settingsPage struct {
	Checklist *checklist
	Sections  []settingsSection
}

// settingsSection is one section with the pages in it.
type settingsSection struct {
	Key, Title, Text, Icon string
	Links                  []web.Entry
}

// showSettings leads the owners to every page of their organisation's settings. A section in which nothing can be opened is absent.
func (s *Shell) showSettings(v *web.Visit) error {
	if !v.Person.Owner {
		return fault.New(fault.NotFound, "web.not_found")
	}
	answers, err := slot.Settings.Ask(v.Context(), v.Asker())
	if err != nil {
		return err
	}
	links := map[string][]web.Entry{}
	for _, l := range slot.Only(answers) {
		open, err := v.MayOpen(l.Link)
		if err != nil {
			return err
		}
		if open {
			links[l.Section] = append(links[l.Section], web.Entry{Icon: l.Icon, Text: v.T(l.Title), Href: l.Link})
		}
	}
	page := &settingsPage{}
	if page.Checklist, err = settledChecklist(v); err != nil {
		return err
	}
	for _, known := range sections {
		if len(links[known.key]) == 0 {
			continue
		}
		page.Sections = append(page.Sections, settingsSection{
			Key: known.key, Icon: known.icon, Links: links[known.key],
			Title: v.T("shell.settings_" + known.key), Text: v.T("shell.settings_" + known.key + "_text"),
		})
	}
	v.Title(v.T("shell.settings"))
	v.Crumb(v.T("shell.settings"), "")
	return v.Page("organisation_settings", page)
}

// ownerBlock is what stands at the end of the sidebar for owners alone.
func (s *Shell) ownerBlock(v *web.Visit, active map[string]bool, here string) (web.Block, error) {
	b := web.Block{Key: "owner", Title: v.T("shell.organisation")}
	if !v.Person.Owner {
		return b, nil
	}
	for _, l := range slot.Settings.Among(s.offers(), active) {
		if l.Section != "members" {
			continue
		}
		open, err := v.MayOpen(l.Link)
		if err != nil {
			return b, err
		}
		if open {
			b.Entries = append(b.Entries, web.Entry{Icon: "users", Text: v.T("shell.members_directory"), Href: l.Link}) // the team's own entry carries the mark
			break
		}
	}
	b.Entries = append(b.Entries, web.Entry{
		Icon: "settings", Text: v.T("shell.settings"), Href: settingsPath, Current: strings.HasPrefix(here+"/", settingsPath+"/"),
	})
	return b, nil
}
