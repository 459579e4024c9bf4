package contacts

import "runes.im/platform/record"

// CompanyCreated tells of a new company, or of one that came back from the bin.
type CompanyCreated struct{ record.Change }

// Topic names the news.
func (CompanyCreated) Topic() string { return "contacts.company_created" }

// CompanyUpdated tells that fields of a company changed.
type CompanyUpdated struct{ record.Change }

// Topic names the news.
func (CompanyUpdated) Topic() string { return "contacts.company_updated" }

// CompanyDeleted tells that a company went into the bin.
type CompanyDeleted struct{ record.Change }

// Topic names the news.
func (CompanyDeleted) Topic() string { return "contacts.company_deleted" }

// ContactCreated tells of a new person, or of one who came back from the bin.
type ContactCreated struct{ record.Change }

// Topic names the news.
func (ContactCreated) Topic() string { return "contacts.contact_created" }

// ContactUpdated tells that fields of a person changed.
type ContactUpdated struct{ record.Change }

// Topic names the news.
func (ContactUpdated) Topic() string { return "contacts.contact_updated" }

// ContactDeleted tells that a person went into the bin.
type ContactDeleted struct{ record.Change }

// Topic names the news.
func (ContactDeleted) Topic() string { return "contacts.contact_deleted" }

// CompaniesMerged tells that one company became part of another: who points at it points at the other from now on.
type CompaniesMerged struct{ record.Merging }

// Topic names the news.
func (CompaniesMerged) Topic() string { return "contacts.companies_merged" }

// CompaniesUnmerged tells that such a merge was taken back.
type CompaniesUnmerged struct{ record.Merging }

// Topic names the news.
func (CompaniesUnmerged) Topic() string { return "contacts.companies_unmerged" }

// ContactsMerged tells that two people are one.
type ContactsMerged struct{ record.Merging }

// Topic names the news.
func (ContactsMerged) Topic() string { return "contacts.contacts_merged" }

// ContactsUnmerged tells that they are two again.
type ContactsUnmerged struct{ record.Merging }

// Topic names the news.
func (ContactsUnmerged) Topic() string { return "contacts.contacts_unmerged" }
