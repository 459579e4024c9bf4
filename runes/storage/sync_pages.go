package storage

import (
	"strings"

	"runes.im/platform/device"
	"runes.im/platform/web"
)

// syncPage is all that somebody needs to connect a computer or a phone.
type syncPage struct {
	Server, Username string
	Devices          []*device.Device
	Count            string
}

// deviceForm asks for the name of a device; once made, its secret is shown.
type deviceForm struct {
	web.Problems
	question
	Value                    string
	Secret, Server, Username string
}

func showSync(v *web.Visit) error {
	all, err := device.List(v, syncScope)
	if err != nil {
		return err
	}
	p := &syncPage{Server: v.Site(), Username: v.Person.Email, Devices: all}
	p.Count = v.T("device.n", "n", len(p.Devices))
	v.Title(v.T("storage.desktop_sync"))
	v.Crumb(v.T("storage.name"), "/storage")
	v.Crumb(v.T("storage.desktop_sync"), "")
	return v.Page("sync", p)
}

func newDeviceForm(v *web.Visit) *deviceForm {
	p := &deviceForm{Value: v.Form("name"), Server: v.Site(), Username: v.Person.Email}
	p.Heading, p.Dot = v.T("device.new"), true
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
	p := newDeviceForm(v)
	p.Value = strings.TrimSpace(p.Value)
	secret, err := device.Make(v, syncScope, p.Value)
	if err != nil {
		return v.Again("device_form", p, err)
	}
	p.Secret = secret
	p.Heading = v.T("device.secret_title", "name", p.Value)
	v.Title(p.Heading)
	return v.Page("device_secret", p)
}

func revokeForm(v *web.Visit) (*device.Device, *destroyForm, error) {
	d, err := device.One(v, syncScope, v.Param("id"))
	if err != nil {
		return nil, nil, err
	}
	p := &destroyForm{question: question{
		Heading: v.T("device.revoke_title", "name", d.Label), Text: v.T("storage.revoke_text"),
		Verb: v.T("device.revoke"), Action: "/storage/sync/revoke/" + d.ID, Back: "/storage/sync",
	}}
	v.Title(p.Heading)
	return d, p, nil
}

func showRevoke(v *web.Visit) error {
	_, p, err := revokeForm(v)
	if err != nil {
		return err
	}
	return v.Page("destroy_form", p)
}

func revoke(v *web.Visit) error {
	d, _, err := revokeForm(v)
	if err != nil {
		return err
	}
	if err := device.Revoke(v, d); err != nil {
		return err
	}
	v.Flash(v.T("device.revoked", "name", d.Label), "")
	return v.Go("/storage/sync")
}
