package contacts

import (
	"runes.im/platform/fault"
	"runes.im/platform/record"
	"runes.im/platform/web"
)

// personPage is a person with what is known and was written about them.
type personPage struct {
	*Person
	Face      record.Face
	Employer  *Company // nil when the visitor may not see it
	Details   []record.Detail
	Stamps    []record.Detail
	Merges    []record.Merged
	Notes     *record.Notes
	Files     *record.Files
	History   []record.Happened
	CanManage bool
}

func showPerson(v *web.Visit) error {
	one, err := people.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	p := &personPage{Person: one, Face: record.FaceOf(one.Name(), one.ID), Stamps: people.Stamps(v, one), CanManage: v.Can("manage_contacts")}
	if p.Employer, err = companies.One(v.Context(), v.DB, v.Person, one.Company); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if p.Details, err = people.Details(v, one); err != nil {
		return err
	}
	if p.Merges, err = people.Merges(v, one.ID); err != nil {
		return err
	}
	if p.Notes, err = people.NotesOn(v, one); err != nil {
		return err
	}
	if p.Files, err = people.FilesOf(v, one); err != nil {
		return err
	}
	if p.History, err = people.History(v, one.ID, 20); err != nil {
		return err
	}
	v.Title(one.Name())
	v.Crumb(v.T("contacts.name"), "/contacts")
	v.Crumb(v.T("contacts.person.list"), "/contacts/people")
	v.Crumb(one.Name(), "")
	return v.Page("person", p)
}
