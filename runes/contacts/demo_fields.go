package contacts

import (
	"context"
	"fmt"

	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// demoFields are what the demo workspace wants to know of companies beyond what every workspace does.
func demoFields(ctx context.Context, t *tenant.Tenant, by *identity.Person) error {
	ctx = store.WithActor(ctx, store.Actor{ID: by.ID, Name: by.Name})
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, f := range []struct {
			sort, label string
			choices     []string
		}{{"text", "Customer Number", nil}, {"choice", "Segment", demoSegments}, {"money", "Yearly Volume", nil}} {
			if _, err := companies.AddField(ctx, tx, f.sort, f.label, "Relationship", f.choices...); err != nil {
				return err
			}
		}
		return nil
	})
}

var demoSegments = []string{"Key account", "Standard", "Prospect"}

// demoValues fills the fields of most companies, as people do.
func demoValues(ctx context.Context, tx *store.Tx, n int, c *Company) error {
	values := map[string]string{"x_customer_number": fmt.Sprintf("K-%04d", 1040+n*17), "x_segment": demoSegments[n*7%3], "x_yearly_volume": fmt.Sprintf("CHF %d.00", 4800+n*n*370%91000)}
	if n%4 == 3 {
		values = map[string]string{"x_segment": "Prospect"}
	}
	for name, text := range values {
		if err := companies.Put(ctx, tx, c, name, text); err != nil {
			return err
		}
	}
	return nil
}

// demoTwins are companies and people that somebody added a second time, each in another way.
func demoTwins(ctx context.Context, t *tenant.Tenant, by *identity.Person) error {
	ctx = store.WithActor(ctx, store.Actor{ID: by.ID, Name: by.Name})
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		robotics := &Company{LegalName: "Alpine Robotcs", Phone: "+41 44 555 00 10", City: "Zürich", Country: "CH"}
		for _, c := range []*Company{
			robotics,
			{LegalName: "Bright Harbor Foods", Website: "https://www.brightharbor.example/shop", City: "Bristol", Country: "GB"},
			{LegalName: "Cobalt Pharma Deutschland", VATID: "DE291554870", City: "München", Country: "DE"},
		} {
			if err := companies.Create(ctx, tx, c); err != nil {
				return err
			}
		}
		return people.Create(ctx, tx, &Person{Company: robotics.ID, FirstName: "Loic", LastName: "Frey", Email: "loic.frey@alpinerobotics.example"})
	})
}
