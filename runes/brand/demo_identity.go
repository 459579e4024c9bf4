package brand

import (
	"context"

	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// fillIdentity gives the demo workspace its company data and a theme with the pictures of the library.
func fillIdentity(ctx context.Context, t *tenant.Tenant) error {
	p := &profile{
		LegalName: "Halden & Fjord AG", Slogan: "Quiet tools for loud days.", Address: "Gerechtigkeitsgasse 12", PostalCode: "3011",
		City: "Bern", Country: "CH", Phone: "+41 31 555 01 00", Email: "hello@halden-fjord.example", Website: "https://halden-fjord.example",
		VAT: "CHE-123.456.788", Register: "CH-036.3.045.119-4", Holder: "Halden & Fjord AG", Bank: "Aare Bank", IBAN: "CH9300762011623852957", BIC: "AAREBECH",
	}
	if err := p.check(); err != nil {
		return err
	}
	err := t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return p.save(ctx, tx, t.Name) })
	if err != nil {
		return err
	}
	d := houseDesign()
	d.Secondary, d.FocusY = "#0b8a6f", 60
	all, err := assets.List(ctx, t.DB, nil, record.Query{Limit: 50})
	if err != nil {
		return err
	}
	for _, a := range all {
		for which, name := range map[string]string{
			"logo": "Halden & Fjord logo", "logo_dark": "Halden & Fjord logo, white", "icon": "Halden & Fjord mark", "banner": "Fjord at dawn",
		} {
			if a.Name == name {
				d.Pictures[which] = a.ID
			}
		}
	}
	return publishDesign(ctx, t, d)
}
