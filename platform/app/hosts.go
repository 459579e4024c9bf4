package app

import (
	"context"
	"strings"

	"runes.im/platform/tenant"
)

// HostArgs name a tenant and the domains that it gets and loses by the operator's word.
type HostArgs struct{ Slug, Add, Remove string }

// HostsInfo is where a tenant is found.
type HostsInfo struct {
	Address string   `json:"address"` // always
	Hosts   []string `json:"hosts"`   // domains of its own
	Waiting []string `json:"waiting"` // for a proof, or for the operator's word
}

func tenantHosts(ctx context.Context, a *App, args HostArgs) (any, error) {
	if args.Add != "" {
		if err := a.Tenants.AddHost(ctx, args.Slug, args.Add); err != nil {
			return nil, err
		}
	}
	if args.Remove != "" {
		if err := a.Tenants.RemoveHost(ctx, args.Slug, args.Remove); err != nil {
			return nil, err
		}
	}
	if args.Remove != "" {
		if err := a.Certs.Forget(ctx, strings.ToLower(args.Remove)); err != nil {
			return nil, err
		}
	}
	info := HostsInfo{Address: a.host(args.Slug), Hosts: []string{}, Waiting: []string{}}
	err := a.Tenants.Beside(ctx, args.Slug, func(ctx context.Context, t *tenant.Tenant) error {
		info.Hosts = append(info.Hosts, t.Hosts()...)
		claims, err := t.Claims(ctx)
		for _, c := range claims {
			info.Waiting = append(info.Waiting, c.Host)
		}
		return err
	})
	return info, err
}
