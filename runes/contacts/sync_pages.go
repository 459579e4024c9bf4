package contacts

import (
	"strings"

	"runes.im/platform/device"
	"runes.im/platform/web"
)

// syncPage is all that somebody needs to have these contacts on a phone.
type syncPage struct {
	Server, Address, Username string
	Devices                   []*device.Device
	Books                     []*book
	CanManage                 bool
}

// deviceForm asks for the name of a device, shows its secret once, or asks whether to revoke it.
type deviceForm struct {
	web.Problems
	Heading, Value, Secret, Server, Username, Action string
}

func showSync(v *web.Visit) error {
	devices, err := device.List(v, cardScope)
	if err != nil {
		return err
	}
	p := &syncPage{Server: v.Site(), Address: v.Site() + davRoot + "/", Username: v.Person.Email, Devices: devices, CanManage: v.Can("manage_contacts")}
	if p.Books, err = books(v.Context(), v.DB, v.Person, v.T("contacts.book_all")); err != nil {
		return err
	}
	v.Title(v.T("contacts.sync"))
	v.Crumb(v.T("contacts.name"), "/contacts")
	v.Crumb(v.T("contacts.sync"), "")
	return v.Page("contacts_sync", p)
}

func newDeviceForm(v *web.Visit) *deviceForm {
	p := &deviceForm{Heading: v.T("device.new"), Server: v.Site(), Username: v.Person.Email, Action: "/contacts/sync/new"}
	v.Title(p.Heading)
	return p
}

func showNewDevice(v *web.Visit) error { return v.Page("contacts_device", newDeviceForm(v)) }

// makeDevice answers with the secret at once, not after a redirect: it is shown this one time and never kept.
func makeDevice(v *web.Visit) error {
	p := newDeviceForm(v)
	p.Value = strings.TrimSpace(v.Form("name"))
	secret, err := device.Make(v, cardScope, p.Value)
	if err != nil {
		return v.Again("contacts_device", p, err)
	}
	p.Secret, p.Heading = secret, v.T("device.secret_title", "name", p.Value)
	v.Title(p.Heading)
	return v.Page("contacts_secret", p)
}

func showRevoke(v *web.Visit) error {
	d, err := device.One(v, cardScope, v.Param("id"))
	if err != nil {
		return err
	}
	p := &deviceForm{Heading: v.T("device.revoke_title", "name", d.Label), Action: "/contacts/sync/revoke/" + d.ID}
	v.Title(p.Heading)
	return v.Page("contacts_revoke", p)
}

func revoke(v *web.Visit) error {
	d, err := device.One(v, cardScope, v.Param("id"))
	if err != nil {
		return err
	}
	if err := device.Revoke(v, d); err != nil {
		return err
	}
	v.Flash(v.T("device.revoked", "name", d.Label), "")
	return v.Go("/contacts/sync")
}
