package contacts

import (
	"context"

	"runes.im/platform/fault"
	"runes.im/platform/record"
	"runes.im/platform/slot"
)

// contactTokens and customerTokens are what texts can say about the person and the company they are written for.
var (
	contactTokens = slot.Tokens{
		Namespace: "contact", Permission: "view_contacts", Values: contactValues, Paths: contactPaths("", "contacts.token.contact_"),
	}
	customerTokens = slot.Tokens{
		Namespace: "customer", Permission: "view_contacts", Values: customerValues, Paths: append([]slot.Path{
			{Path: "legal_name", Title: "contacts.token.customer_legal_name"},
			{Path: "vat", Title: "contacts.token.customer_vat"},
			{Path: "address", Title: "contacts.token.customer_address"},
			{Path: "city", Title: "contacts.token.customer_city"},
			{Path: "postal_code", Title: "contacts.token.customer_postal_code"},
			{Path: "country", Title: "contacts.token.customer_country"},
			{Path: "phone", Title: "contacts.token.customer_phone"},
			{Path: "website", Title: "contacts.token.customer_website"},
		}, contactPaths("billing_contact.", "contacts.token.billing_")...),
	}
)

func contactPaths(before, title string) []slot.Path {
	var all []slot.Path
	for _, name := range []string{"name", "first_name", "last_name", "email", "phone", "job_role"} {
		all = append(all, slot.Path{Path: before + name, Title: title + name})
	}
	return all
}

// person adds what a text can say about a person; nobody gives empty values.
func (p *Person) tokens(before string, to map[string]string) {
	values := map[string]string{"first_name": p.FirstName, "last_name": p.LastName, "email": p.Email, "phone": p.Phone, "job_role": p.JobRole}
	if p.FirstName != "" {
		values["name"] = p.Name()
	} else {
		values["name"] = p.LastName
	}
	for name, value := range values {
		to[before+name] = value
	}
}

func contactValues(ctx context.Context, a slot.Asker, about map[string]string, _ []string) (map[string]string, error) {
	p, err := aboutPerson(ctx, a, about)
	if p == nil || err != nil {
		return nil, err
	}
	values := map[string]string{}
	p.tokens("", values)
	return values, nil
}

func customerValues(ctx context.Context, a slot.Asker, about map[string]string, _ []string) (map[string]string, error) {
	id := about["contacts.company"]
	if id == "" {
		p, err := aboutPerson(ctx, a, about)
		if p == nil || err != nil {
			return nil, err
		}
		id = p.Company
	}
	c, err := companies.One(ctx, a.Tenant.DB, a.Person, id)
	if err != nil {
		return nil, unlessMissing(err)
	}
	values := map[string]string{
		"legal_name": c.LegalName, "vat": c.VATID, "address": c.Address, "city": c.City, "postal_code": c.PostalCode,
		"country": record.CountryIn(a.Lang(), c.Country), "phone": c.Phone, "website": c.Website,
	}
	billing, err := people.List(ctx, a.Tenant.DB, a.Person, record.Query{Where: "company = ? AND billing = 1", Args: []any{id}, Limit: 1})
	if err != nil {
		return nil, err
	}
	billing = append(billing, &Person{}) // nobody gets the invoices: the values are empty
	billing[0].tokens("billing_contact.", values)
	return values, nil
}

// aboutPerson is the person a text is written for; nil when there is none, or none that the asker may see.
func aboutPerson(ctx context.Context, a slot.Asker, about map[string]string) (*Person, error) {
	if about["contacts.person"] == "" {
		return nil, nil
	}
	p, err := people.One(ctx, a.Tenant.DB, a.Person, about["contacts.person"])
	if err != nil {
		return nil, unlessMissing(err)
	}
	if _, err := companies.One(ctx, a.Tenant.DB, a.Person, p.Company); err != nil {
		return nil, unlessMissing(err)
	}
	return p, nil
}

func unlessMissing(err error) error {
	if f := fault.Of(err); f != nil && f.Kind == fault.NotFound {
		return nil
	}
	return err
}
