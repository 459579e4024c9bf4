package contacts

import (
	"context"
	"encoding/csv"
	"fmt"
	"strings"

	"runes.im/data"
	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// fillDemo gives the demo workspace its companies and their people.
func fillDemo(ctx context.Context, t *tenant.Tenant, members []*identity.Person) error {
	rows, err := csv.NewReader(strings.NewReader(data.DemoContacts)).ReadAll()
	if err != nil {
		return err
	}
	for n, row := range rows[1:] {
		by := members[n%len(members)]
		ctx := store.WithActor(ctx, store.Actor{ID: by.ID, Name: by.Name})
		err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return demoCompany(ctx, tx, row) })
		if err != nil {
			return fmt.Errorf("demo company %s: %w", row[0], err)
		}
	}
	return nil
}

// demoCompany reads a line of the file: a company, then "First|Last|Role|mail|phone|marks" for each of its people.
func demoCompany(ctx context.Context, tx *store.Tx, row []string) error {
	c := &Company{LegalName: row[0], VATID: row[1], Website: row[2], Address: row[3], PostalCode: row[4], City: row[5], Country: row[6]}
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
