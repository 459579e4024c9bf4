package app

import (
	"context"
	"fmt"
	"os"

	"runes.im/data"
	"runes.im/platform/config"
	"runes.im/platform/identity"
	"runes.im/platform/price"
	"runes.im/platform/shell"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// entrance is what the operator lets people do by themselves.
func (a *App) entrance() shell.Entrance {
	c := a.Config
	return shell.Entrance{
		SelfService: c.Organisations == config.SelfService, Registers: c.Registers(), Domains: c.Domains(), MayRegister: c.MayRegister,
	}
}

// prices is the operator's list, or the one that comes along.
func (a *App) prices() (*price.List, error) {
	var products []price.Product
	for _, in := range a.Runes {
		p := price.Product{ID: in.ID, Core: in.Core, Needs: in.Manifest.Dependencies}
		if asked := in.Manifest.Pricing; asked.Model != "" {
			p.Price = price.Price{Model: asked.Model, Amounts: map[string]int64{asked.Currency: asked.Amount}}
		}
		products = append(products, p)
	}
	name := a.Config.Prices
	if name == "" {
		return price.Usual(data.Prices, products)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	list, err := price.Read(file, products)
	if err != nil {
		return nil, fmt.Errorf("the price list %s: %w", name, err)
	}
	return list, nil
}

// establish makes what the wizard was filled in for: files, tables, roles, active runes, the company's data, the owner and the
// order, all of it or nothing, wherever the machine stops.
func (a *App) establish(ctx context.Context, e shell.Establishing) (tenantID string, err error) {
	a.building.Lock()
	defer a.building.Unlock()
	ctx = context.WithoutCancel(ctx) // a browser that goes away leaves nothing half known
	active := map[string]bool{}
	for _, id := range e.Runes {
		active[id] = true
	}
	t, err := a.build(ctx, tenant.New{Slug: e.Slug, Name: e.Company.Name, Locale: e.Locale, Zone: e.Zone}, plan{
		owner:  func(*tenant.Tenant) (identity.NewMember, error) { return e.Owner, nil },
		active: active,
		furnish: func(ctx context.Context, tx *store.Tx) error {
			for _, f := range slot.Foundings.Among(slot.Offered(ctx), active) {
				if err := f.Do(ctx, tx, e.Company); err != nil {
					return err
				}
			}
			return nil
		},
		register: func(ctx context.Context, tx *store.Tx, t *tenant.Tenant) error {
			if err := tenant.PutOrder(ctx, tx, t.ID, e.Order); err != nil {
				return err
			}
			return identity.FinishDraft(ctx, tx, e.Order.AccountID)
		},
	})
	if err != nil {
		return "", err
	}
	defer t.Leave()
	return t.ID, nil
}
