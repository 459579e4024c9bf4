package contacts

import (
	"context"
	"encoding/csv"
	"fmt"
	"strings"

	"runes.im/data"
	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// fillDemo gives the demo workspace its companies and their people.
func fillDemo(ctx context.Context, t *tenant.Tenant, members []*identity.Person) error {
	rows, err := csv.NewReader(strings.NewReader(data.DemoContacts)).ReadAll()
	if err != nil {
		return err
	}
	if err := demoMessages(ctx, t, members[0]); err != nil {
		return err
	}
	if err := demoFields(ctx, t, members[0]); err != nil {
		return err
	}
	for n, row := range rows[1:] {
		by := members[n%len(members)]
		ctx := store.WithActor(ctx, store.Actor{ID: by.ID, Name: by.Name})
		err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return demoCompany(ctx, tx, n, row) })
		if err != nil {
			return fmt.Errorf("demo company %s: %w", row[0], err)
		}
	}
	if err := demoNotes(ctx, t, members); err != nil {
		return err
	}
	if err := demoGift(ctx, t, members[0], members[1]); err != nil {
		return err
	}
	return demoTwins(ctx, t, members[len(members)-1])
}

// demoGift hands one company to the owner of the workspace, who finds that in the bell.
func demoGift(ctx context.Context, t *tenant.Tenant, to, by *identity.Person) error {
	found, err := companies.List(ctx, t.DB, nil, record.Query{Where: "created_by = ?", Args: []any{by.ID}, Limit: 1})
	if err != nil || len(found) == 0 {
		return err
	}
	given := *found[0]
	given.Owner = to.ID
	ctx = store.WithActor(ctx, store.Actor{ID: by.ID, Name: by.Name})
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return companies.Change(ctx, tx, found[0], &given) })
}

// demoCompany reads a line of the file: a company, then "First|Last|Role|mail|phone|marks" for each of its people.
func demoCompany(ctx context.Context, tx *store.Tx, n int, row []string) error {
	c := &Company{LegalName: row[0], VATID: row[1], Website: row[2], Address: row[3], PostalCode: row[4], City: row[5], Country: row[6]}
	if err := demoValues(ctx, tx, n, c); err != nil {
		return err
	}
	if err := companies.Create(ctx, tx, c); err != nil {
		return err
	}
	for _, who := range strings.Split(row[7], ";") {
		w := strings.Split(who, "|")
		p := &Person{
			Company: c.ID, FirstName: w[0], LastName: w[1], JobRole: w[2], Email: w[3], Phone: w[4],
			Billing: strings.Contains(w[5], "b"), Technical: strings.Contains(w[5], "t"),
		}
		if err := people.Create(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

// demoMessages are two templates of mails.
func demoMessages(ctx context.Context, t *tenant.Tenant, by *identity.Person) error {
	ctx = store.WithActor(ctx, store.Actor{ID: by.ID, Name: by.Name})
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, m := range []Message{
			{Name: "Introduction", Subject: "Halden & Fjord and [[ customer.legal_name ]]", Text: "Dear [[ contact.first_name ]],\n\nthank you for your interest. I look after [[ customer.legal_name ]] from today on and would like to hear what you are planning in [[ customer.city ]].\n\nWould a call next week suit you?\n\nKind regards\n[[ user.name ]]\n[[ user.email ]]"},
			{Name: "Invoice address", Subject: "Where invoices for [[ customer.legal_name ]] go", Text: "Dear [[ contact.first_name ]],\n\nour invoices go to [[ customer.billing_contact.name ]], [[ customer.billing_contact.email ]]. Is that still right on [[ date.today ]]?\n\nKind regards\n[[ user.first_name ]]"},
		} {
			if err := messages.Create(ctx, tx, &m); err != nil {
				return err
			}
		}
		return nil
	})
}
