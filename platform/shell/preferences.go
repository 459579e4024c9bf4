package shell

import (
	"context"
	_ "embed"
	"slices"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/desk"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/web"
	"runes.im/platform/words"
)

//go:embed zones.txt
var zoneList string

// zones is one name for every clock that people live by.
var zones = strings.Fields(zoneList)

var (
	themes    = []string{"light", "dark", "system"}
	densities = []string{"comfortable", "compact"}
)

type preferencesPage struct {
	web.Problems
	Name, Email, Role string
	Face              web.Face
	Locale            string `form:"locale"`
	Zone              string `form:"zone"`
	Theme             string `form:"theme"`
	Density           string `form:"density"`
	Letters           bool   `form:"letters"`
	Palette           bool   `form:"palette"`
	HasPalette        bool   // the organisation has not switched it off
	MayManage         bool   // sets what holds for everybody
	Company           string
	Locales, Zones    []option
}

type option struct{ Value, Text string }

func (s *Shell) showPreferences(v *web.Visit) error {
	page, err := s.preferences(v)
	if err != nil {
		return err
	}
	return v.Page("preferences", page)
}

func (s *Shell) preferences(v *web.Visit) (*preferencesPage, error) {
	p := v.Person
	page := &preferencesPage{
		Name: p.Name, Email: p.Email, Role: roleOf(v, p), Face: face(p), Locale: v.Lang(), Zone: v.Zone().String(), Theme: p.Theme,
		Density: p.Density, Letters: p.Letters,
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
	house, own, err := paletteChoices(v)
	if err != nil {
		return nil, err
	}
	page.HasPalette, page.Palette = house != switchedOff, own != switchedOff
	page.MayManage, page.Company = v.Can(manageOrganization), v.Tenant.Name
	v.Title(v.T("shell.preferences"))
	v.Crumb(v.T("shell.preferences"), "")
	return page, nil
}

func (s *Shell) savePreferences(v *web.Visit) error {
	page, err := s.preferences(v)
	if err != nil {
		return err
	}
	v.Fill(page)
	if err = page.check(v); err == nil {
		err = v.People.SavePreferences(v.Context(), v.Person, identity.Preferences{
			Locale: page.Locale, Zone: page.Zone, Theme: page.Theme, Density: page.Density, Letters: page.Letters,
		})
	}
	if err == nil && page.HasPalette {
		err = choosePalette(v, v.Person.ID, page.Palette)
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
	form.Need(slices.Contains(densities, p.Density), "density", "shell.choose_density")
	return form.Err()
}

// saveTheme, saveLanguage, saveDensity and saveLetters are the switches of the account menu and of the key sheet.
func saveTheme(v *web.Visit) error {
	return keep(v, v.Form("theme"), themes, "shell.choose_theme", func(to *identity.Preferences, value string) { to.Theme = value })
}

func saveLanguage(v *web.Visit) error {
	return keep(v, v.Form("locale"), words.Languages, "shell.choose_language", func(to *identity.Preferences, value string) { to.Locale = value })
}

func saveDensity(v *web.Visit) error {
	return keep(v, v.Form("density"), densities, "shell.choose_density", func(to *identity.Preferences, value string) { to.Density = value })
}

func saveLetters(v *web.Visit) error {
	return keep(v, v.Form("letters"), []string{"on", "off"}, "shell.choose_letters", func(to *identity.Preferences, value string) { to.Letters = value == "on" })
}

// keep changes one preference and leads back to where the switch was.
func keep(v *web.Visit, value string, among []string, sentence string, set func(to *identity.Preferences, value string)) error {
	if !slices.Contains(among, value) {
		return fault.New(fault.Invalid, sentence)
	}
	wanted := v.Person.Preferences()
	wanted.Locale, wanted.Zone = v.Lang(), v.Zone().String()
	set(&wanted, value)
	if err := v.People.SavePreferences(v.Context(), v.Person, wanted); err != nil {
		return err
	}
	return v.Back()
}

// The palette can be switched off, by a person and by the organisation for everybody.
const (
	paletteChoice      = "palette"
	switchedOff        = "off"
	manageOrganization = "manage_organization"
)

func paletteChoices(v *web.Visit) (house, own string, err error) {
	house, err = desk.Choice(v.Context(), v.DB, desk.House, paletteChoice)
	if err == nil {
		own, err = desk.Choice(v.Context(), v.DB, v.Person.ID, paletteChoice)
	}
	return house, own, err
}

func choosePalette(v *web.Visit, whose string, isOn bool) error {
	value := ""
	if !isOn {
		value = switchedOff
	}
	return v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		return desk.Choose(ctx, tx, whose, paletteChoice, value)
	})
}

// saveHouse is what holds for everybody in the organisation.
func saveHouse(v *web.Visit) error {
	if !v.Can(manageOrganization) {
		return fault.New(fault.NotFound, "web.not_found")
	}
	isOn, value := v.Form("palette") == "on", ""
	if !isOn {
		value = switchedOff
	}
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := desk.Choose(ctx, tx, desk.House, paletteChoice, value); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "shell.house_saved", Object: "organisation", Title: v.Tenant.Name, After: map[string]any{"palette": isOn}})
	})
	if err != nil {
		return err
	}
	v.Flash(v.T("shell.house_saved"), "")
	return v.Go("/preferences")
}
