package cert

import (
	"cmp"
	"context"
	"crypto/x509"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Set keeps an uploaded certificate for a host, in the place of an earlier one; the next handshake uses it. The host may be
// *.BASE-DOMAIN.
func (k *Keeper) Set(ctx context.Context, host, chain, key string) (Info, error) {
	whose, err := k.whose(ctx, host)
	if err != nil {
		return Info{}, err
	}
	b, err := Read(chain, key)
	if err == nil {
		err = b.check(whose.Host, clock.Now(ctx))
	}
	if err != nil {
		return Info{}, err
	}
	if err := k.keep(ctx, place{whose.Host, Upload}, whose, b); err != nil {
		return Info{}, err
	}
	return k.Info(ctx, whose.Host), nil
}

// SetFor is Set for a name of that tenant alone.
func (k *Keeper) SetFor(ctx context.Context, t *tenant.Tenant, host, chain, key string) (Info, error) {
	if !k.IsOf(ctx, t, host) {
		return Info{}, foreign(host)
	}
	return k.Set(ctx, host, chain, key)
}

// Forget removes what there is for a name that leads nowhere any more, its keys too.
func (k *Keeper) Forget(ctx context.Context, host string) error {
	for _, source := range []string{Upload, ACME} {
		if k.at(host, source) == nil {
			continue
		}
		if err := k.remove(ctx, place{host, source}); err != nil {
			return err
		}
	}
	return nil
}

// ForgetTenant is Forget for all names of a tenant that is no more.
func (k *Keeper) ForgetTenant(ctx context.Context, tenantID string) error {
	for at, h := range k.all() {
		if h.tenantID != tenantID {
			continue
		}
		if err := k.remove(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

// Remove forgets the uploaded certificate of a host.
func (k *Keeper) Remove(ctx context.Context, host string) error {
	return k.remove(ctx, place{strings.ToLower(host), Upload})
}

// RemoveFor is Remove for a name of that tenant alone.
func (k *Keeper) RemoveFor(ctx context.Context, t *tenant.Tenant, host string) error {
	if !k.IsOf(ctx, t, host) {
		return foreign(host)
	}
	return k.Remove(ctx, host)
}

// IsOf reports whether the name is the tenant's.
func (k *Keeper) IsOf(ctx context.Context, t *tenant.Tenant, host string) bool {
	return slices.Contains(t.Names(ctx), host)
}

func foreign(host string) error { return fault.New(fault.NotFound, "cert.host_foreign", "host", host) }

// whose is the holder of a name, or of all names directly below the base domain.
func (k *Keeper) whose(ctx context.Context, host string) (tenant.Holder, error) {
	host = strings.ToLower(host)
	if host == k.wildcard() {
		return tenant.Holder{Host: host, IsActive: true}, nil
	}
	h, ok := k.o.Tenants.Holder(ctx, host)
	if !ok {
		return h, foreign(host)
	}
	return h, nil
}

func (k *Keeper) wildcard() string { return "*." + k.o.Tenants.Base() }

// keep writes a certificate, sealed, and then has it at hand.
func (k *Keeper) keep(ctx context.Context, at place, whose tenant.Holder, b *Bundle) error {
	der, err := x509.MarshalPKCS8PrivateKey(b.key)
	if err != nil {
		return err
	}
	k.changing.Lock()
	defer k.changing.Unlock()
	err = k.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO cert_certs (host, source, tenant_id, chain, key, made_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (host, source)
			DO UPDATE SET tenant_id = excluded.tenant_id, chain = excluded.chain, key = excluded.key, made_at = excluded.made_at`,
			at.host, at.source, whose.TenantID, b.PEM(), k.o.Box.Seal(at.purpose(), der), clock.Text(clock.Now(ctx)))
		if err != nil {
			return err
		}
		return note(ctx, tx, "appliance.cert_set", at, whose.TenantID, b)
	})
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.held[at] = &held{Bundle: b, tenantID: whose.TenantID, cert: b.forTLS()}
	return nil
}

func (k *Keeper) remove(ctx context.Context, at place) error {
	k.changing.Lock()
	defer k.changing.Unlock()
	err := k.o.System.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var tenantID string
		err := tx.QueryRow(ctx, `SELECT tenant_id FROM cert_certs WHERE host = ? AND source = ?`, at.host, at.source).Scan(&tenantID)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "cert.missing", "host", at.host)
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM cert_certs WHERE host = ? AND source = ?`, at.host, at.source); err != nil {
			return err
		}
		return note(ctx, tx, "appliance.cert_removed", at, tenantID, nil)
	})
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.held, at)
	return nil
}

// note writes into the appliance's log, under the tenant whose name it is.
func note(ctx context.Context, tx *store.Tx, action string, at place, tenantID string, b *Bundle) error {
	object := "cert:" + at.host
	if tenantID != "" {
		object = "tenant:" + tenantID
	}
	after := map[string]any{"source": at.source}
	if b != nil {
		after["fingerprint"], after["until"] = b.Fingerprint(), b.Leaf.NotAfter.UTC().Format(time.DateOnly)
	}
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: object, Title: at.host, After: after})
}

// Info is what people may know about the certificate of a host.
type Info struct {
	Host        string    `json:"host"`
	Source      string    `json:"source"` // upload, acme, file; empty: there is none
	Names       []string  `json:"names,omitempty"`
	Issuer      string    `json:"issuer,omitempty"`
	From        time.Time `json:"from,omitzero"`
	Until       time.Time `json:"until,omitzero"`
	Fingerprint string    `json:"fingerprint,omitempty"`
	Fits        bool      `json:"fits"`     // it is for this host; the server's own serves others as well, with a warning of the browser
	Uploaded    bool      `json:"uploaded"` // one was uploaded for exactly this host, in use or not
	Ends        bool      `json:"ends"`     // within the time in which somebody should act
	Ended       bool      `json:"ended"`
	Asked       bool      `json:"asked"`             // the authority can be asked for one, and is at the next visit unless there is one
	Problem     string    `json:"problem,omitempty"` // what the authority said last, or the words key cert.unreachable
	NextTry     time.Time `json:"next_try,omitzero"`
}

// Wanting reports whether asking the authority now would help.
func (i Info) Wanting() bool {
	return i.Asked && (i.Source == "" || !i.Fits || i.Ends || i.Ended || i.Problem != "")
}

// Info describes what a handshake for the host gets now.
func (k *Keeper) Info(ctx context.Context, host string) Info {
	now := clock.Now(ctx)
	i := Info{Host: host, Uploaded: k.own(ctx, host, Upload) != nil}
	h, source := k.choose(ctx, host)
	if h != nil {
		leaf := h.Leaf
		i.Source, i.Names, i.Issuer, i.Fingerprint = source, namesOf(leaf), issuerOf(leaf), h.Fingerprint()
		i.From, i.Until = leaf.NotBefore.UTC(), leaf.NotAfter.UTC()
		i.Fits, i.Ended = h.Covers(host), now.After(leaf.NotAfter)
		i.Ends = !i.Ended && nearEnd(leaf, source, now)
	}
	if source == ACME || !i.Fits || i.Ended {
		i.Asked = k.asks(ctx, host)
		k.asking.Lock()
		defer k.asking.Unlock()
		if t, failed := k.tries[host]; failed && i.Asked {
			i.Problem, i.NextTry = t.problem, t.nextAt
		}
	}
	return i
}

// List is Info of every name of the appliance, and of the wildcard where one was uploaded.
func (k *Keeper) List(ctx context.Context) []Info {
	var all []Info
	if k.at(k.wildcard(), Upload) != nil {
		all = append(all, k.Info(ctx, k.wildcard()))
	}
	for _, h := range k.o.Tenants.Holders(ctx) {
		all = append(all, k.Info(ctx, h.Host))
	}
	slices.SortStableFunc(all, func(a, b Info) int { return cmp.Compare(a.Host, b.Host) })
	return all
}

// soon is how long before its end people hear of a certificate that somebody has to replace.
const soon = 21 * 24 * time.Hour

// nearEnd reports whether somebody should act. What the authority gives is renewed at a third of its life; when much less is left,
// that failed again and again.
func nearEnd(leaf *x509.Certificate, source string, now time.Time) bool {
	span := soon
	if source == ACME {
		span = min(span, leaf.NotAfter.Sub(leaf.NotBefore)*2/9)
	}
	return leaf.NotAfter.Sub(now) <= span
}
