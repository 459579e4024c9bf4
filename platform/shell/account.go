package shell

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"runes.im/data"
	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/search"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// My Profile, and its tabs.
const (
	ownProfile = "/account"
	ownGroups  = "/account/groups"
	ownLogins  = "/account/logins"
	ownData    = "/account/data"
)

func accountRoutes(r *web.Router) {
	r.Get(ownProfile, web.SignedIn, showProfile)
	r.Post(ownProfile, web.SignedIn, saveProfile)
	r.Get(ownGroups, web.SignedIn, showGroups)
	r.Get(ownLogins, web.SignedIn, showLogins)
	r.Get(ownData, web.SignedIn, showData)
	r.Post(ownData, web.SignedIn, takeData)
	pictureRoutes(r)
	emailRoutes(r)
}

// accountTab is one page of My Profile, as the part "segments" draws it.
type accountTab struct {
	Text, Icon, Href string
	Current, Bare    bool
	Count            int
}

// accountTabs are the pages of My Profile.
func accountTabs(v *web.Visit) []accountTab {
	here := v.Request.URL.Path
	var tabs []accountTab
	for _, tab := range [][2]string{
		{"shell.details", ownProfile},
		{"shell.security_tab", ownSecurity},
		{"shell.groups", ownGroups},
		{"shell.logins", ownLogins},
		{"shell.notifications", "/preferences/notifications"},
		{"shell.private_data", ownData},
	} {
		tabs = append(tabs, accountTab{Text: v.T(tab[0]), Href: tab[1], Current: here == tab[1]})
	}
	return tabs
}

// profilePage is what somebody says of themselves.
type profilePage struct {
	web.Problems
	identity.Profile
	Locale  string `form:"locale"`
	Zone    string `form:"zone"`
	Email   string
	Role    string
	ID      string
	Face    web.Face
	Tabs    []accountTab
	Locales []option
	Zones   []option
	Lands   []option
}

func showProfile(v *web.Visit) error {
	p, err := profile(v)
	if err != nil {
		return err
	}
	return v.Page("own_profile", p)
}

func profile(v *web.Visit) (*profilePage, error) {
	said, err := v.People.ProfileOf(v.Context(), v.Tenant, v.Person.ID)
	if err != nil {
		return nil, err
	}
	p := &profilePage{
		Profile: said, Locale: v.Lang(), Zone: v.Zone().String(), Email: v.Person.Email, Role: roleOf(v, v.Person), ID: v.Person.ID,
		Face: face(v.Person), Tabs: accountTabs(v), Locales: localeOptions(), Zones: zoneOptions(v.Zone().String()), Lands: []option{{}},
	}
	for _, c := range data.Countries() {
		p.Lands = append(p.Lands, option{c.Code, c.Names[v.Lang()]})
	}
	slices.SortFunc(p.Lands, func(a, b option) int { return strings.Compare(search.Fold(a.Text), search.Fold(b.Text)) })
	v.Title(v.T("shell.my_profile"))
	v.Crumb(v.T("shell.my_profile"), "")
	return p, nil
}

// saveProfile keeps the details here, and language and time zone for every organisation.
func saveProfile(v *web.Visit) error {
	p, err := profile(v)
	if err != nil {
		return err
	}
	v.Fill(p)
	v.Fill(&p.Profile)
	form := fault.Form{}
	form.Need(slices.ContainsFunc(p.Lands, func(o option) bool { return o.Value == p.Country }), "country", "identity.country_unknown")
	wanted := v.Person.Preferences()
	wanted.Locale, wanted.Zone = p.Locale, p.Zone
	form.Need(slices.ContainsFunc(p.Zones, func(o option) bool { return o.Value == p.Zone }), "zone", "shell.choose_zone")
	form.Need(slices.ContainsFunc(p.Locales, func(o option) bool { return o.Value == p.Locale }), "locale", "shell.choose_language")
	if err = form.Err(); err == nil {
		err = v.People.SaveProfile(v.Context(), v.Tenant, v.Person, p.Profile)
	}
	if err == nil {
		err = v.People.SavePreferences(v.Context(), v.Person, wanted)
	}
	if err != nil {
		return v.Again("own_profile", p, err)
	}
	v.Speak(p.Locale)
	v.Flash(v.T("shell.profile_saved"), "")
	return v.Go(ownProfile)
}

func localeOptions() []option {
	var all []option
	for _, l := range spoken {
		all = append(all, option{l.Code, l.Name})
	}
	return all
}

// zoneOptions are all zones, and the one that holds if it goes by another name.
func zoneOptions(current string) []option {
	var all []option
	for _, name := range zones {
		all = append(all, option{name, strings.ReplaceAll(name, "_", " ")})
	}
	if !slices.Contains(zones, current) {
		all = append(all, option{current, current})
	}
	return all
}

// groupsPage is the roles one has, to read.
type groupsPage struct {
	Tabs  []accountTab
	Roles []groupRow
	Owner bool
}

type groupRow struct{ Name, Text string }

func showGroups(v *web.Visit) error {
	all, err := v.People.Roles(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	p := &groupsPage{Tabs: accountTabs(v), Owner: v.Person.Owner}
	for _, r := range all {
		if !slices.Contains(v.Person.Roles, r.ID) {
			continue
		}
		name := r.Name
		if key := roles[r.ID]; key != "" {
			name = v.T(key)
		}
		p.Roles = append(p.Roles, groupRow{name, r.Description})
	}
	accountTitle(v, "shell.groups")
	return v.Page("own_groups", p)
}

func accountTitle(v *web.Visit, key string) {
	v.Title(v.T(key))
	v.Crumb(v.T("shell.my_profile"), ownProfile)
	v.Crumb(v.T(key), "")
}

// loginsPage is where somebody was signed in within 90 days.
type loginsPage struct {
	Tabs []accountTab
	Rows []loginRow
}

type loginRow struct {
	ID, Time, Address, Place, Device, Method, State string
	Here, Lasts                                     bool
}

func showLogins(v *web.Visit) error {
	all, err := v.People.Logins(v.Context(), v.Tenant, v.Person.ID)
	if err != nil {
		return err
	}
	p := &loginsPage{Tabs: accountTabs(v)}
	for _, l := range all {
		row := loginRow{
			ID: l.ID, Time: v.Date(l.MadeAt) + " " + v.Time(l.MadeAt), Address: l.Address, Place: v.Place(l.Address), Device: l.Device, Method: methodOf(v, l.Method),
			Here: l.ID == v.Person.Session, Lasts: l.Ended == "", State: v.T("shell.login_lasts", "when", v.When(l.SeenAt)),
		}
		if row.Here {
			row.State = v.T("shell.login_here")
		} else if !row.Lasts {
			row.State = v.T("shell.login_" + l.Ended)
		}
		p.Rows = append(p.Rows, row)
	}
	accountTitle(v, "shell.logins")
	return v.Page("own_logins", p)
}

// methodOf is how somebody signed in; a dash when nobody noted it.
func methodOf(v *web.Visit, method string) string {
	if method == "" {
		return "–"
	}
	return v.T("shell.by_" + method)
}

type dataPage struct{ Tabs []accountTab }

func showData(v *web.Visit) error {
	accountTitle(v, "shell.private_data")
	return v.Page("own_data", &dataPage{accountTabs(v)})
}

// takeData is the copy of everything that the house and its runes know about the person.
func takeData(v *web.Visit) error {
	offers, err := slot.PersonalData.Ask(v.Context(), v.Asker())
	if err != nil {
		return err
	}
	known, err := slot.KnownAbout(v.Context(), v.DB, offers, slot.Subject{Member: v.Person.ID, Email: v.Person.Email})
	if err != nil {
		return err
	}
	for i := range known {
		known[i].Title = v.T(known[i].Title)
	}
	now := clock.Now(v.Context())
	text, err := json.MarshalIndent(map[string]any{"organisation": v.Tenant.Name, "email": v.Person.Email, "at": now, "known": known}, "", "  ")
	if err != nil {
		return err
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "identity.data_exported", Object: "member:" + v.Person.ID, Title: v.Person.Name})
	})
	if err != nil {
		return err
	}
	v.Download(v.Tenant.Slug+"-"+now.Format("2006-01-02")+".json", "application/json; charset=utf-8")
	_, err = v.Writer.Write(text)
	return err
}
