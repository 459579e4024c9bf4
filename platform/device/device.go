// Package device is what people see of the programs that they let in with app passwords: a rune that has a door for
// programs shows them on a page of its own.
package device

import (
	"embed"
	"slices"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// Words are the sentences about devices.
//
//go:embed words
var Words embed.FS

// Device is an app password as people see it: one for each program that they let in.
type Device struct {
	ID, Label, Client, LastUsed, LastFrom, Meta, Icon string
	Hue                                               int
}

// List is the person's devices that may use the scope, the newest first.
func List(v *web.Visit, scope string) ([]*Device, error) {
	all, err := v.People.AppPasswords(v.Context(), v.Tenant, v.Person.ID)
	if err != nil {
		return nil, err
	}
	var found []*Device
	for _, one := range all {
		if slices.Contains(one.Scopes, scope) {
			found = append(found, show(v, one))
		}
	}
	return found, nil
}

// One is the person's device with that id.
func One(v *web.Visit, scope, id string) (*Device, error) {
	all, err := List(v, scope)
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if d.ID == id {
			return d, nil
		}
	}
	return nil, fault.New(fault.NotFound, "device.missing")
}

// Make lets a device in and answers its secret, this once.
func Make(v *web.Visit, scope, name string) (string, error) {
	const longest = 100
	form := fault.Form{}
	form.Need(name != "", "name", "device.needs_name")
	form.Need(len(name) <= longest, "name", "device.name_long", "n", longest)
	if err := form.Err(); err != nil {
		return "", err
	}
	_, secret, err := v.People.MakeAppPassword(v.Context(), v.Tenant, v.Person.ID, name, []string{scope})
	return secret, err
}

// Revoke shuts a device out at once.
func Revoke(v *web.Visit, d *Device) error {
	return v.People.RevokeAppPassword(v.Context(), v.Tenant, v.Person.ID, d.ID)
}

func show(v *web.Visit, a identity.AppPassword) *Device {
	d := &Device{ID: a.ID, Label: a.Label, LastFrom: a.LastFrom, LastUsed: v.T("device.never_used")}
	if !a.LastUsed.IsZero() {
		d.LastUsed = v.When(a.LastUsed)
	}
	d.Client, d.Icon, d.Hue = Program(v, a.Client)
	d.Meta = v.T("device.meta", "program", d.Client, "when", d.LastUsed)
	if a.LastUsed.IsZero() {
		d.Meta = v.T("device.unused", "when", v.When(a.MadeAt))
	}
	return d
}

// Program is a client program in words, out of the User-Agent it sends.
func Program(v *web.Visit, agent string) (name, icon string, hue int) {
	small := strings.ToLower(agent)
	switch {
	case agent == "":
		return v.T("device.no_program"), "key-round", 7
	case strings.Contains(small, "davx5"):
		return "DAVx⁵", "smartphone", 9
	case strings.Contains(small, "dataaccessd"), strings.Contains(small, "ios/") && !strings.Contains(small, "nextcloud"):
		return v.T("device.program_ios"), "smartphone", 9
	case strings.Contains(small, "addressbookcore"), strings.Contains(small, "macos/"):
		return v.T("device.program_macos"), "laptop", 6
	case strings.Contains(small, "thunderbird"):
		return "Thunderbird", "laptop", 6
	case strings.Contains(small, "android"), strings.Contains(small, "iphone"), strings.Contains(small, "ios"):
		return v.T("device.program_phone"), "smartphone", 9
	case strings.Contains(small, "mirall"):
		return v.T("device.program_desktop") + systemOf(agent), "laptop", 6
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
