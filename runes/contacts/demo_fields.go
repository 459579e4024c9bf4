package contacts

import (
	"context"
	"fmt"

	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// demoFields are what the demo workspace wants to know of companies beyond what every workspace does.
func demoFields(ctx context.Context, t *tenant.Tenant, by *identity.Person) error {
	ctx = store.WithActor(ctx, store.Actor{ID: by.ID, Name: by.Name})
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, f := range []record.NewField{
			{Sort: "text", Label: "Customer Number", Translations: inOthers("Kundennummer", "Numéro de client", "Numero cliente")},
			{Sort: "choice", Label: "Segment", Choices: demoSegments, Translations: map[string]record.Translation{
				"de": {Choices: map[string]string{"Key account": "Schlüsselkunde", "Prospect": "Interessent"}},
				"fr": {Choices: map[string]string{"Key account": "Grand compte", "Prospect": "Client potentiel"}},
				"it": {Label: "Segmento", Choices: map[string]string{"Key account": "Cliente strategico", "Prospect": "Potenziale cliente"}},
			}},
			{Sort: "money", Label: "Yearly Volume", Translations: inOthers("Jahresumsatz", "Volume annuel", "Volume annuo")},
		} {
			f.Section = "Relationship"
			for lang, section := range map[string]string{"de": "Geschäftsbeziehung", "fr": "Relation commerciale", "it": "Rapporto commerciale"} {
				in := f.Translations[lang]
				in.Section = section
				f.Translations[lang] = in
			}
			if _, err := companies.AddField(ctx, tx, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func inOthers(de, fr, it string) map[string]record.Translation {
	return map[string]record.Translation{"de": {Label: de}, "fr": {Label: fr}, "it": {Label: it}}
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
