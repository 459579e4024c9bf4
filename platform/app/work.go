package app

import (
	"context"
	"time"

	"runes.im/platform/entitlement"
	"runes.im/platform/event"
	"runes.im/platform/job"
	"runes.im/platform/live"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// work is what runs beside requests: deliveries and jobs, of every tenant that is open.
type work struct {
	deliveries *event.Dispatcher
	jobs       *job.Runner
	rounds     context.CancelFunc
	ended      chan struct{}
}

// startWork begins it. ctx carries the clock and the bell; it outlives the signal to stop.
func (a *App) startWork(ctx context.Context) (*work, error) {
	w := &work{ended: make(chan struct{})}
	var err error
	if w.deliveries, err = event.New(a.listeners()); err != nil {
		return nil, err
	}
	kinds := a.roomJobs()
	for _, in := range a.Runes {
		kinds = append(kinds, in.Jobs...)
	}
	if w.jobs, err = job.New(job.Options{Kinds: kinds, Active: entitlement.Active, Log: a.log}); err != nil {
		return nil, err
	}
	a.Tenants.OnOpen(func(_ context.Context, t *tenant.Tenant) error {
		w.deliveries.Attach(tenant.With(ctx, t), t.DB)
		w.jobs.Attach(tenant.With(ctx, t), t.DB)
		// What waited for a rune goes on when it is active again, its work in hand ends when it is suspended, and open
		// pages follow. The listener goes with the database.
		t.DB.OnSignal(entitlement.Changed, func() {
			w.deliveries.Wake(t.DB)
			w.jobs.Wake(t.DB)
			a.Hub.Send(t.ID, "", live.Message{Name: live.Frame})
		})
		return nil
	})
	a.Tenants.OnClose(func(t *tenant.Tenant) {
		w.jobs.Detach(t.DB)
		w.deliveries.Detach(t.DB)
	})
	return w, nil
}

func (a *App) listeners() event.Options {
	o := event.Options{Active: entitlement.Active, Log: a.log}
	for _, e := range Events() {
		o.Topics = append(o.Topics, e.Topic())
	}
	for _, in := range a.Runes {
		o.Listeners = append(o.Listeners, in.Listens...)
		for _, e := range in.Emits {
			o.Topics = append(o.Topics, e.Topic())
		}
	}
	return o
}

// How often the house looks after tenants that nobody visits, and how long it stays with one that has work.
const (
	roundEvery = time.Hour
	stayAtMost = time.Minute
	lookAgain  = 200 * time.Millisecond
)

// walk opens every tenant once in a while, so that the work of those nobody visits gets done too.
func (a *App) walk(ctx context.Context, w *work) {
	ctx, w.rounds = context.WithCancel(ctx)
	go func() {
		defer close(w.ended)
		round := time.NewTicker(roundEvery)
		defer round.Stop()
		for {
			a.deleteOverdue(store.WithActor(ctx, store.Actor{Name: "appliance"}))
			if err := a.Certs.Round(ctx); err != nil {
				a.log.Error("round of the certificates", "err", err)
			}
			if err := a.tellOfCerts(ctx); err != nil && ctx.Err() == nil {
				a.log.Error("somebody does not hear that a certificate ends", "err", err)
			}
			a.visitAll(ctx, w)
			select {
			case <-round.C:
			case <-ctx.Done():
				return
			}
		}
	}()
}

func (a *App) visitAll(ctx context.Context, w *work) {
	infos, err := a.Tenants.List(ctx)
	if err != nil && ctx.Err() == nil {
		a.log.Error("round of the tenants", "err", err)
	}
	for _, i := range infos {
		if i.State != "active" || ctx.Err() != nil {
			continue
		}
		t, err := a.Tenants.Enter(ctx, i.Slug)
		if err != nil {
			a.log.Error("tenant does not open", "tenant", i.Slug, "err", err)
			continue
		}
		w.stay(ctx, t)
		t.Leave()
	}
}

// stay gives the tenant's work time to begin, and keeps the tenant open while it goes on.
func (w *work) stay(ctx context.Context, t *tenant.Tenant) {
	end := time.NewTimer(stayAtMost)
	defer end.Stop()
	for {
		select {
		case <-time.After(lookAgain):
			if !w.jobs.Busy(t.DB) {
				return
			}
		case <-end.C:
			return
		case <-t.Gone():
			return
		case <-ctx.Done():
			return
		}
	}
}

// stop ends the rounds, lets jobs in hand finish and breaks off those that take too long.
func (a *App) stop(w *work) {
	w.rounds()
	<-w.ended
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := w.jobs.Stop(ctx); err != nil {
		a.log.Warn("jobs were broken off and will be tried again", "err", err)
	}
}
