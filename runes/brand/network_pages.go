package brand

import (
	"context"
	"strconv"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

func networkRoutes(r *web.Router) {
	r.Get("/network", "manage_network_governance", showNetwork)
	r.Post("/network", "manage_network_governance", saveNetwork)
	r.Post("/network/hosts", "manage_network_governance", addHost)
	r.Post("/network/hosts/remove", "manage_network_governance", removeHost)
}

// networkPage is what the template network draws.
type networkPage struct {
	web.Problems
	*network
	Own     string   // the address that always works
	Hosts   []string // further names
	Host    string   // as typed
	Address string   // where this person is
	Nav     []settingsLink

	Subdomain subdomainForm
}

func showNetwork(v *web.Visit) error {
	n, err := networkOf(v.Context(), v.DB)
	if err != nil {
		return err
	}
	return v.Page("network", networkForm(v, n))
}

func networkForm(v *web.Visit, n *network) *networkPage {
	v.Title(v.T("brand.network.title"))
	v.Crumb(v.T("brand.name"), "/brand")
	v.Crumb(v.T("brand.network.title"), "")
	return &networkPage{
		network: n, Own: v.Tenant.Address(), Hosts: v.Tenant.Hosts(), Address: v.Address(), Nav: settingsNav(v, "/brand/network"),
		Subdomain: subdomain(v, v.Tenant.Label(), strconv.Itoa(leadsFor)),
	}
}

func saveNetwork(v *web.Visit) error {
	n := new(network)
	v.Fill(n)
	err := n.check(v.Address())
	if err == nil {
		err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return n.save(ctx, tx, v.Tenant) })
	}
	if err != nil {
		return networkAgain(v, n, "", err)
	}
	v.Flash(v.T("brand.network.saved"), "")
	return v.Go("/brand/network")
}

func networkAgain(v *web.Visit, n *network, host string, err error) error {
	if f := fault.Of(err); f != nil && f.Kind == fault.Conflict || f != nil && f.Problems == nil && f.Kind == fault.Invalid {
		err = &fault.Fault{Kind: fault.Invalid, Key: "fault.form", Problems: map[string]fault.Problem{"host": {Key: f.Key, Args: f.Args}}}
	}
	page := networkForm(v, n)
	page.Host = host
	return v.Again("network", page, err)
}

// addHost makes a domain lead here. Whoever owns it points it at this machine; until then nobody arrives by it.
func addHost(v *web.Visit) error {
	host := strings.TrimSpace(v.Form("host"))
	if err := v.Tenant.AddHost(v.Context(), host); err != nil {
		n, reading := networkOf(v.Context(), v.DB)
		if reading != nil {
			return reading
		}
		return networkAgain(v, n, host, err)
	}
	return hostChanged(v, "brand.host_added", host, "brand.network.host_added")
}

func removeHost(v *web.Visit) error {
	host := v.Form("host")
	if err := v.Tenant.RemoveHost(v.Context(), host); err != nil {
		return err
	}
	return hostChanged(v, "brand.host_removed", host, "brand.network.host_removed")
}

func hostChanged(v *web.Visit, action, host, said string) error {
	err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "brand.network", Title: host})
	})
	if err != nil {
		return err
	}
	v.Flash(v.T(said, "host", host), "")
	return v.Go("/brand/network")
}
