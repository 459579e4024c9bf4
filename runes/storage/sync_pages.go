package storage

import (
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// syncPage is all that somebody needs to connect a computer or a phone.
type syncPage struct {
	Server, Username string
	Devices          []*device
	Count            string
}

// device is an app password as people see it: one for each program that they let in.
type device struct {
	ID, Label, Client, LastUsed, LastFrom, Meta, Icon string
	Hue                                               int
}

// deviceForm asks for the name of a device; once made, its secret is shown.
type deviceForm struct {
	web.Problems
	question
	Value                    string
	Secret, Server, Username string
}

func showSync(v *web.Visit) error {
	all, err := v.People.AppPasswords(v.Context(), v.Tenant, v.Person.ID)
	if err != nil {
		return err
	}
	p := &syncPage{Server: v.Site(), Username: v.Person.Email}
	for _, one := range all {
		if opensSync(one) {
			p.Devices = append(p.Devices, deviceOf(v, one))
		}
	}
	p.Count = v.T("storage.devices_n", "n", len(p.Devices))
	v.Title(v.T("storage.desktop_sync"))
	v.Crumb(v.T("storage.name"), "/storage")
	v.Crumb(v.T("storage.desktop_sync"), "")
	return v.Page("sync", p)
}

func opensSync(a identity.AppPassword) bool {
	for _, scope := range a.Scopes {
		if scope == syncScope {
			return true
		}
	}
	return false
}

func deviceOf(v *web.Visit, a identity.AppPassword) *device {
	d := &device{ID: a.ID, Label: a.Label, LastFrom: a.LastFrom, LastUsed: v.T("storage.never_used"), Icon: "key-round", Hue: 7}
	if !a.LastUsed.IsZero() {
		d.LastUsed = v.When(a.LastUsed)
	}
	d.Client, d.Icon, d.Hue = program(v, a.Client)
	d.Meta = v.T("storage.device_meta", "program", d.Client, "when", d.LastUsed)
	if a.LastUsed.IsZero() {
		d.Meta = v.T("storage.device_unused", "when", v.When(a.MadeAt))
	}
	return d
}

// program is a client program in words, out of the User-Agent it sends.
func program(v *web.Visit, agent string) (name, icon string, hue int) {
	small := strings.ToLower(agent)
	switch {
	case agent == "":
		return v.T("storage.no_program"), "key-round", 7
	case strings.Contains(small, "android"), strings.Contains(small, "iphone"), strings.Contains(small, "ios"):
		return v.T("storage.program_phone"), "smartphone", 9
	case strings.Contains(small, "mirall"):
		return v.T("storage.program_desktop") + systemOf(agent), "laptop", 6
	}
	if len(agent) > 60 {
		agent = strings.ToValidUTF8(agent[:60], "") + "…"
	}
	return agent, "monitor-smartphone", 4
}

// systemOf is the system in "Mozilla/5.0 (Linux) mirall/3.7.3": ", Linux".
func systemOf(agent string) string {
	_, rest, found := strings.Cut(agent, "(")
	system, _, closed := strings.Cut(rest, ")")
	if !found || !closed || system == "" || len(system) > 30 {
		return ""
	}
	return ", " + system
}

func newDeviceForm(v *web.Visit) *deviceForm {
	p := &deviceForm{Value: v.Form("name"), Server: v.Site(), Username: v.Person.Email}
	p.Heading, p.Dot = v.T("storage.new_app_password"), true
	v.Title(p.Heading)
	return p
}

func showNewDevice(v *web.Visit) error {
	p := newDeviceForm(v)
	p.Value = ""
	return v.Page("device_form", p)
}

// makeDevice answers with the secret at once, not after a redirect: it is shown this one time and never kept.
func makeDevice(v *web.Visit) error {
	const longest = 100
	p := newDeviceForm(v)
	p.Value = strings.TrimSpace(p.Value)
	form := fault.Form{}
	form.Need(p.Value != "", "name", "storage.device_needs_name")
	form.Need(len(p.Value) <= longest, "name", "storage.device_name_long", "n", longest)
	if err := form.Err(); err != nil {
		return v.Again("device_form", p, err)
	}
	_, secret, err := v.People.MakeAppPassword(v.Context(), v.Tenant, v.Person.ID, p.Value, []string{syncScope})
	if err != nil {
		return v.Again("device_form", p, err)
	}
	p.Secret = secret
	p.Heading = v.T("storage.secret_title", "name", p.Value)
	v.Title(p.Heading)
	return v.Page("device_secret", p)
}

func revokeForm(v *web.Visit) (*identity.AppPassword, *destroyForm, error) {
	all, err := v.People.AppPasswords(v.Context(), v.Tenant, v.Person.ID)
	if err != nil {
		return nil, nil, err
	}
	for i := range all {
		a := &all[i]
		if a.ID != v.Param("id") || !opensSync(*a) {
			continue
		}
		p := &destroyForm{question: question{
			Heading: v.T("storage.revoke_title", "name", a.Label), Text: v.T("storage.revoke_text"),
			Verb: v.T("storage.revoke"), Action: "/storage/sync/revoke/" + a.ID, Back: "/storage/sync",
		}}
		v.Title(p.Heading)
		return a, p, nil
	}
	return nil, nil, fault.New(fault.NotFound, "storage.no_such_device")
}

func showRevoke(v *web.Visit) error {
	_, p, err := revokeForm(v)
	if err != nil {
		return err
	}
	return v.Page("destroy_form", p)
}

func revoke(v *web.Visit) error {
	a, _, err := revokeForm(v)
	if err != nil {
		return err
	}
	if err := v.People.RevokeAppPassword(v.Context(), v.Tenant, v.Person.ID, a.ID); err != nil {
		return err
	}
	v.Flash(v.T("storage.revoked", "name", a.Label), "")
	return v.Go("/storage/sync")
}
