package brand

import (
	"cmp"
	"context"
	"errors"

	"runes.im/platform/fault"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// founded writes what somebody said of their organisation while they made it into its company profile.
func founded(ctx context.Context, tx *store.Tx, c slot.Company) error {
	p := &profile{
		LegalName: c.Name, Address: c.Address, PostalCode: c.PostalCode, City: c.City, Country: c.Country, Phone: c.Phone, Email: c.Email, VAT: c.VAT,
	}
	p.tidy()
	if err := p.check(); err != nil {
		return errors.Join(errors.New("the wizard let through what the profile refuses"), err)
	}
	return p.save(ctx, tx, c.Name)
}

// logoOf is the sign of the published theme, or its logo, for pages of other hosts that name the organisation in a small square.
func logoOf(ctx context.Context, t *tenant.Tenant) (kind string, content []byte, err error) {
	w, err := wornBy(ctx, t)
	if err != nil {
		return "", nil, err
	}
	id := cmp.Or(w.contents["icon"], w.contents["logo"])
	if id == "" {
		return "", nil, fault.New(fault.NotFound, "web.not_found")
	}
	p, err := keptPicture(ctx, t, id)
	if err != nil {
		return "", nil, err
	}
	return p.Type, p.Content, nil
}
