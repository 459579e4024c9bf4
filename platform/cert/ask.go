package cert

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Limits of asking. Authorities refuse whoever asks too often, for days; so nobody must be able to make us.
const (
	firstPause    = 30 * time.Minute // after a refusal; each further one doubles it
	outPause      = 5 * time.Minute  // after the authority could not be reached
	longestPause  = 24 * time.Hour
	shortestPause = 10 * time.Minute // before somebody may try again by hand
	mostOrders    = 30               // an hour
	mostOfOne     = 10               // an hour, of one organisation
	orderTime     = 3 * time.Minute
	orderWay      = 4 // at once
)

// try is what the authority refused last.
type try struct {
	failures        int
	triedAt, nextAt time.Time
	problem         string
}

// asked is an order, for the limits.
type asked struct {
	at       time.Time
	tenantID string
}

// run is an order under way.
type run struct {
	done chan struct{}
	err  error
}

// ask gets a certificate from the authority and waits as long as ctx allows; the order itself goes on. by is true when a person wants
// it now, who need not wait for the next try.
func (k *Keeper) ask(ctx context.Context, host string, by bool) error {
	r := k.begin(ctx, host, by)
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin joins the order for the host that is under way, or starts one.
func (k *Keeper) begin(ctx context.Context, host string, by bool) *run {
	k.asking.Lock()
	defer k.asking.Unlock()
	if r := k.runs[host]; r != nil {
		return r
	}
	r := &run{done: make(chan struct{})}
	whose, err := k.mayAsk(ctx, host, by)
	if err != nil {
		r.err = err
		close(r.done)
		return r
	}
	k.runs[host] = r
	k.orders = append(k.orders, asked{clock.Steady(ctx), whose.TenantID})
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), orderTime)
	stop := context.AfterFunc(k.life, cancel)
	k.work.Go(func() {
		defer cancel()
		defer stop()
		r.err = k.fetch(work, host, whose)
		k.asking.Lock()
		defer k.asking.Unlock()
		delete(k.runs, host)
		close(r.done)
	})
	return r
}

// mayAsk looks at every limit. k.asking is held.
func (k *Keeper) mayAsk(ctx context.Context, host string, by bool) (whose tenant.Holder, err error) {
	whose, ok := k.o.Tenants.Holder(ctx, host)
	if k.authority == nil || !ok || !k.o.Tenants.MayCertify(ctx, host) || k.life.Err() != nil {
		return whose, foreign(host)
	}
	now, steady := clock.Now(ctx), clock.Steady(ctx)
	if t, failed := k.tries[host]; failed {
		next := t.nextAt
		if by {
			next = slices.MinFunc([]time.Time{next, t.triedAt.Add(shortestPause)}, time.Time.Compare)
		}
		if now.Before(next) && !now.Before(t.triedAt) {
			return whose, fault.New(fault.TooMany, "cert.pause", "minutes", int(next.Sub(now).Minutes())+1)
		}
	}
	k.orders = slices.DeleteFunc(k.orders, func(o asked) bool { return steady.Sub(o.at) >= time.Hour || steady.Before(o.at) })
	ofOne := 0
	for _, o := range k.orders {
		if o.tenantID == whose.TenantID {
			ofOne++
		}
	}
	if len(k.orders) >= mostOrders || whose.TenantID != "" && ofOne >= mostOfOne {
		return whose, fault.New(fault.TooMany, "cert.often")
	}
	return whose, nil
}

// fetch runs one order and keeps what came of it.
func (k *Keeper) fetch(ctx context.Context, host string, whose tenant.Holder) error {
	select {
	case k.lanes <- struct{}{}:
		defer func() { <-k.lanes }()
	case <-ctx.Done():
		return ctx.Err()
	}
	b, err := k.authority.obtain(ctx, host)
	if k.life.Err() != nil {
		return k.life.Err() // the server stops: that is nobody's failure
	}
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		slog.WarnContext(ctx, "the authority gave no certificate", "host", host, "err", err)
		return k.failed(ctx, host, err)
	}
	if now, ok := k.o.Tenants.Holder(ctx, host); !ok || now.TenantID != whose.TenantID {
		return foreign(host)
	}
	if err := k.keep(store.WithActor(ctx, store.Actor{Name: "appliance"}), place{host, ACME}, whose, b); err != nil {
		return err
	}
	slog.InfoContext(ctx, "the authority gave a certificate", "host", host, "until", b.Leaf.NotAfter)
	return k.forgetTry(ctx, host)
}

// failed notes a refusal, and when the next try may be.
func (k *Keeper) failed(ctx context.Context, host string, why error) error {
	k.asking.Lock()
	defer k.asking.Unlock()
	now := clock.Now(ctx)
	t := try{failures: k.tries[host].failures, triedAt: now, nextAt: now.Add(outPause), problem: problemOf(why)}
	if !isOut(why) {
		t.nextAt = now.Add(min(longestPause, firstPause<<min(t.failures, 10)))
		t.failures++
	}
	if wait := waitOf(why); wait > 0 && now.Add(wait).After(t.nextAt) {
		t.nextAt = now.Add(wait)
	}
	err := k.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO cert_tries (host, failures, tried_at, next_at, problem) VALUES (?, ?, ?, ?, ?) ON CONFLICT (host) DO UPDATE SET
			failures = excluded.failures, tried_at = excluded.tried_at, next_at = excluded.next_at, problem = excluded.problem`,
			host, t.failures, clock.Text(t.triedAt), clock.Text(t.nextAt), t.problem)
		return err
	})
	k.tries[host] = t
	if err != nil {
		return err
	}
	if t.problem == unreachable {
		return fault.New(fault.Unavailable, unreachable)
	}
	return fault.New(fault.Unavailable, "cert.refused", "problem", t.problem)
}

func (k *Keeper) forgetTry(ctx context.Context, host string) error {
	k.asking.Lock()
	defer k.asking.Unlock()
	if _, failed := k.tries[host]; !failed {
		return nil
	}
	delete(k.tries, host)
	return k.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM cert_tries WHERE host = ?`, host)
		return err
	})
}

func (k *Keeper) readTries(ctx context.Context) error {
	rows, err := k.o.System.Query(ctx, `SELECT host, failures, tried_at, next_at, problem FROM cert_tries`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var host, triedAt, nextAt string
		var t try
		if err := rows.Scan(&host, &t.failures, &triedAt, &nextAt, &t.problem); err != nil {
			return err
		}
		if t.triedAt, err = clock.Parse(triedAt); err == nil {
			t.nextAt, err = clock.Parse(nextAt)
		}
		if err != nil {
			return err
		}
		k.tries[host] = t
	}
	return rows.Err()
}

// AskFor gets a certificate for a name of that tenant now, and waits for it as long as ctx allows.
func (k *Keeper) AskFor(ctx context.Context, t *tenant.Tenant, host string) error {
	if !k.IsOf(ctx, t, host) || !k.asks(ctx, host) {
		return foreign(host)
	}
	if i := k.Info(ctx, host); !i.Wanting() {
		return fault.New(fault.Conflict, "cert.good", "host", host)
	}
	return k.ask(ctx, host, true)
}

// asks reports whether the authority may be asked about the host at all.
func (k *Keeper) asks(ctx context.Context, host string) bool {
	return k.authority != nil && k.o.Tenants.MayCertify(ctx, host)
}

// Round renews what the authority gave before it ends, and clears away what nobody can use any more. It waits for nothing.
func (k *Keeper) Round(ctx context.Context) error {
	now := clock.Now(ctx)
	for at, h := range k.all() {
		switch {
		case at.source != ACME:
		case now.Sub(h.Leaf.NotAfter) > keptAfter:
			if err := k.remove(store.WithActor(ctx, store.Actor{Name: "appliance"}), at); err != nil {
				return err
			}
		case k.asks(ctx, at.host) && k.own(ctx, at.host, ACME) == h && due(h, now):
			if best, source := k.choose(ctx, at.host); source == ACME || nearEnd(best.Leaf, source, now) {
				k.begin(ctx, at.host, false)
			}
		}
	}
	return nil
}

// keptAfter is how long a certificate of the authority is kept after its end.
const keptAfter = 30 * 24 * time.Hour

// due reports whether a third of its life is left, or less.
func due(h *held, now time.Time) bool {
	return h.Leaf.NotAfter.Sub(now) <= h.Leaf.NotAfter.Sub(h.Leaf.NotBefore)/3
}
