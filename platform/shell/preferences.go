package shell

import (
	_ "embed"
	"slices"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/web"
	"runes.im/platform/words"
)

//go:embed zones.txt
var zoneList string

// zones is one name for every clock that people live by.
var zones = strings.Fields(zoneList)

var themes = []string{"light", "dark", "system"}

type preferencesPage struct {
	web.Problems
	Name, Email, Role string
	Face              web.Face
	Locale            string `form:"locale"`
	Zone              string `form:"zone"`
	Theme             string `form:"theme"`
	Locales, Zones    []option
}

type option struct{ Value, Text string }

func showPreferences(v *web.Visit) error { return v.Page("preferences", preferences(v)) }

func preferences(v *web.Visit) *preferencesPage {
	p := v.Person
	page := &preferencesPage{
		Name: p.Name, Email: p.Email, Role: role(v), Face: face(p), Locale: v.Lang(), Zone: v.Zone().String(), Theme: p.Theme,
	}
	for _, l := range spoken {
		page.Locales = append(page.Locales, option{l.Code, l.Name})
	}
	for _, name := range zones {
		page.Zones = append(page.Zones, option{name, strings.ReplaceAll(name, "_", " ")})
	}
	if !slices.Contains(zones, page.Zone) {
		page.Zones = append(page.Zones, option{page.Zone, page.Zone})
	}
	v.Title(v.T("shell.preferences"))
	v.Crumb(v.T("shell.preferences"), "")
	return page
}

func savePreferences(v *web.Visit) error {
	page := preferences(v)
	v.Fill(page)
	err := page.check(v)
	if err == nil {
		err = v.People.SavePreferences(v.Context(), v.Tenant, v.Person, page.Locale, page.Zone, page.Theme)
	}
	if err != nil {
		return v.Again("preferences", page, err)
	}
	v.Speak(page.Locale)
	v.Flash(v.T("shell.preferences_saved"), "")
	return v.Go("/preferences")
}

func (p *preferencesPage) check(v *web.Visit) error {
	form := fault.Form{}
	form.Need(slices.Contains(words.Languages, p.Locale), "locale", "shell.choose_language")
	form.Need(p.Zone == v.Zone().String() || slices.Contains(zones, p.Zone), "zone", "shell.choose_zone")
	form.Need(slices.Contains(themes, p.Theme), "theme", "shell.choose_theme")
	return form.Err()
}

// saveTheme and saveLanguage are the switches of the account menu.
func saveTheme(v *web.Visit) error {
	theme := v.Form("theme")
	if !slices.Contains(themes, theme) {
		return fault.New(fault.Invalid, "shell.choose_theme")
	}
	if err := v.People.SavePreferences(v.Context(), v.Tenant, v.Person, v.Lang(), v.Zone().String(), theme); err != nil {
		return err
	}
	return v.Back()
}

func saveLanguage(v *web.Visit) error {
	locale := v.Form("locale")
	if !slices.Contains(words.Languages, locale) {
		return fault.New(fault.Invalid, "shell.choose_language")
	}
	if err := v.People.SavePreferences(v.Context(), v.Tenant, v.Person, locale, v.Zone().String(), v.Person.Theme); err != nil {
		return err
	}
	return v.Back()
}
