package tenant

import (
	"context"
	"slices"
	"strings"

	"runes.im/platform/clock"
)

// Holder says whose a host name is today. A name of the appliance itself has no tenant.
type Holder struct {
	Host           string
	TenantID, Slug string
	IsActive       bool // people get in: its tenant is not suspended
}

// Holder finds who has the name: a tenant for its domains, its address and the addresses it left that still lead to it; the
// appliance for the base domain and its further names.
func (r *Registry) Holder(ctx context.Context, name string) (Holder, bool) {
	h, ok := parseHost(name)
	if !ok || h.address || h.name != name {
		return Holder{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if slug, ok := r.hosts[name]; ok {
		return r.holder(name, slug), true
	}
	if label, under := strings.CutSuffix(name, "."+r.o.BaseDomain); under {
		if l, ok := r.labels[label]; ok && l.leads(clock.Now(ctx)) {
			return r.holder(name, l.slug), true
		}
	}
	return Holder{Host: name, IsActive: true}, r.own[name]
}

// holder is called while r.mu is held.
func (r *Registry) holder(name, slug string) Holder {
	i := r.known[slug]
	return Holder{Host: name, TenantID: i.ID, Slug: slug, IsActive: i.State == "active"}
}

// MayCertify reports whether the appliance may ask an authority for a certificate of the name: only where people get in, and only
// for what somebody set up. A stranger who makes names up must never cause a question.
func (r *Registry) MayCertify(ctx context.Context, name string) bool {
	h, ok := r.Holder(ctx, name)
	if !ok || !h.IsActive || !strings.Contains(name, ".") || strings.HasSuffix(name, ".localhost") {
		return false
	}
	// The machine's own name is in nobody's hands but its administrator's: it counts when it was given with --host.
	return h.TenantID != "" || name == r.o.BaseDomain || slices.ContainsFunc(r.o.ExtraHosts, func(extra string) bool { return lower(extra) == name })
}

// Base is the domain under which tenants have their addresses.
func (r *Registry) Base() string { return r.o.BaseDomain }

// Holders are all names with whose they are, in alphabetical order.
func (r *Registry) Holders(ctx context.Context) []Holder {
	now := clock.Now(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	all := []Holder{{Host: r.o.BaseDomain, IsActive: true}}
	for _, extra := range r.o.ExtraHosts {
		if name := lower(extra); r.hosts[name] == "" && name != r.o.BaseDomain {
			all = append(all, Holder{Host: name, IsActive: true})
		}
	}
	for name, slug := range r.hosts {
		all = append(all, r.holder(name, slug))
	}
	for label, l := range r.labels {
		if l.leads(now) {
			all = append(all, r.holder(label+"."+r.o.BaseDomain, l.slug))
		}
	}
	slices.SortFunc(all, func(a, b Holder) int { return strings.Compare(a.Host, b.Host) })
	return slices.CompactFunc(all, func(a, b Holder) bool { return a.Host == b.Host })
}

// Names are the tenant's: its address, its domains, then the addresses it left that still lead to it.
func (t *Tenant) Names(ctx context.Context) []string {
	names := append([]string{t.Address()}, t.Hosts()...)
	for _, l := range t.Left(ctx) {
		names = append(names, l.Host)
	}
	return names
}
