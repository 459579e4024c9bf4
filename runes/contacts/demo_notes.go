package contacts

import (
	"context"
	"errors"

	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// demoNotes are what the demo's members wrote about two of their companies and somebody there.
func demoNotes(ctx context.Context, t *tenant.Tenant, members []*identity.Person) error {
	alpine, err := demoNamed(ctx, t, "Alpine Robotics AG")
	if err != nil || len(members) < 3 {
		return err
	}
	cobalt, err := demoNamed(ctx, t, "Cobalt Pharma GmbH")
	if err != nil {
		return err
	}
	as := func(p *identity.Person) context.Context {
		return store.WithActor(ctx, store.Actor{ID: p.ID, Name: p.Name})
	}
	for _, n := range []struct {
		by     *identity.Person
		about  *Company
		text   string
		pinned bool
	}{
		{members[1], alpine, "Frame contract runs until **31 March**. Renewal needs the signature of both directors.\n\n- prices fixed for 12 months\n- delivery within 10 working days\n- contact for drawings: plant engineering", true},
		{members[2], alpine, "Called about the spare parts for line 3. They expect an offer this week.\n\n@" + members[1].Name + " can you check the stock of the grippers?", false},
		{members[0], alpine, "Visit in Zürich went well. Photos are in the project folder, see https://alpinerobotics.example for the new hall.", false},
		{members[1], cobalt, "Invoices by e-mail only, with their order number in the subject. Without it they go back.", true},
	} {
		err := t.DB.Write(as(n.by), func(ctx context.Context, tx *store.Tx) error {
			return companies.WriteNote(ctx, tx, n.about, n.text, n.pinned)
		})
		if err != nil {
			return err
		}
	}
	found, err := people.List(ctx, t.DB, nil, record.Query{Where: "company = ?", Args: []any{alpine.ID}, Limit: 1})
	if err != nil || len(found) == 0 {
		return err
	}
	err = t.DB.Write(as(members[0]), func(ctx context.Context, tx *store.Tx) error {
		return people.WriteNote(ctx, tx, found[0], "Best reached before nine. Prefers a call to a mail.", false)
	})
	a := slot.Asker{Tenant: t, Person: members[1]}
	return errors.Join(
		err,
		companies.Attach(as(members[1]), a, alpine, "Frame contract 2026.txt", []byte(demoContract)),
		companies.Attach(as(members[2]), slot.Asker{Tenant: t, Person: members[2]}, alpine, "Spare parts line 3.csv", []byte("part,quantity,price\nGripper G-40,12,148.00\nSeal kit S-2,40,9.80\nDrive belt 1200,6,61.50\n")),
	)
}

const demoContract = "Frame contract\n\nBetween Halden & Fjord and Alpine Robotics AG, Zürich.\n\n1. Prices are fixed for 12 months from 1 April 2025.\n2. Delivery within 10 working days.\n3. Either side may end the contract with three months' notice.\n"

func demoNamed(ctx context.Context, t *tenant.Tenant, name string) (*Company, error) {
	id, err := companyNamed(ctx, t.DB, name)
	if err != nil {
		return nil, err
	}
	return companies.One(ctx, t.DB, nil, id)
}
