package app

import (
	"context"

	"runes.im/platform/entitlement"
	"runes.im/platform/event"
	"runes.im/platform/tenant"
)

// startWork begins what runs beside requests: the deliveries and jobs of every tenant, for as long as the tenant is
// open. ctx carries the clock and the bell.
func (a *App) startWork(ctx context.Context) error {
	o := event.Options{Active: entitlement.Active, Log: a.log}
	for _, e := range roomEvents() {
		o.Topics = append(o.Topics, e.Topic())
	}
	for _, in := range a.Runes {
		o.Listeners = append(o.Listeners, in.Listens...)
		for _, e := range in.Emits {
			o.Topics = append(o.Topics, e.Topic())
		}
	}
	deliveries, err := event.New(o)
	if err != nil {
		return err
	}
	a.Tenants.OnOpen(func(_ context.Context, t *tenant.Tenant) error {
		deliveries.Attach(tenant.With(ctx, t), t.DB)
		return nil
	})
	a.Tenants.OnClose(func(t *tenant.Tenant) { deliveries.Detach(t.DB) })
	return nil
}
