package brand

import (
	"context"
	"strconv"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/cert"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

func networkRoutes(r *web.Router) {
	r.Get("/network", "manage_network_governance", showNetwork)
	r.Post("/network", "manage_network_governance", saveNetwork)
	r.Post("/network/hosts", "manage_network_governance", addHost)
	r.Post("/network/hosts/prove", "manage_network_governance", proveHost)
	r.Post("/network/hosts/withdraw", "manage_network_governance", withdrawHost)
	r.Post("/network/hosts/remove", "manage_network_governance", removeHost)
	certificateRoutes(r)
}

// networkPage is what the template network draws.
type networkPage struct {
	web.Problems
	*network
	Own     string    // the address that always works
	Hosts   []hostRow // further names
	OwnCert certState
	Claims  []claimRow
	Host    string // as typed
	Address string // where this person is
	Nav     []settingsLink

	Subdomain subdomainForm
}

func showNetwork(v *web.Visit) error {
	n, err := networkOf(v.Context(), v.DB)
	if err != nil {
		return err
	}
	page, err := networkForm(v, n)
	if err != nil {
		return err
	}
	return v.Page("network", page)
}

// hostRow is a domain that leads here.
type hostRow struct {
	Host string
	Cert certState
}

func hostRows(v *web.Visit) []hostRow {
	var rows []hostRow
	for _, host := range v.Tenant.Hosts() {
		rows = append(rows, hostRow{host, certStateOf(v, host)})
	}
	return rows
}

// claimRow is a domain that waits for its proof.
type claimRow struct {
	Host, Record, Proof, FileAddress, Problem, Tried string
}

func claimRows(v *web.Visit) ([]claimRow, error) {
	claims, err := v.Tenant.Claims(v.Context())
	var rows []claimRow
	for _, c := range claims {
		row := claimRow{Host: c.Host, Record: c.RecordName(), Proof: c.Proof(), FileAddress: "http://" + c.Host + tenant.ProofPath}
		if c.Problem != "" {
			row.Problem, row.Tried = v.T(c.Problem, "host", c.Host), v.When(c.TriedAt)
		}
		rows = append(rows, row)
	}
	return rows, err
}

func networkForm(v *web.Visit, n *network) (*networkPage, error) {
	claims, err := claimRows(v)
	if err != nil {
		return nil, err
	}
	v.Title(v.T("brand.network.title"))
	v.Crumb(v.T("brand.name"), "/brand")
	v.Crumb(v.T("brand.network.title"), "")
	return &networkPage{
		network: n, Own: v.Tenant.Address(), Hosts: hostRows(v), OwnCert: certStateOf(v, v.Tenant.Address()), Claims: claims, Address: v.Address(), Nav: settingsNav(v, "/brand/network"),
		Subdomain: subdomain(v, v.Tenant.Label(), strconv.Itoa(leadsFor)),
	}, nil
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
	page, reading := networkForm(v, n)
	if reading != nil {
		return reading
	}
	page.Host = host
	return v.Again("network", page, err)
}

// addHost says that a domain is the organisation's own. It leads here only after that is proven.
func addHost(v *web.Visit) error {
	host := strings.TrimSpace(v.Form("host"))
	if err := v.Tenant.Claim(v.Context(), host); err != nil {
		n, reading := networkOf(v.Context(), v.DB)
		if reading != nil {
			return reading
		}
		return networkAgain(v, n, host, err)
	}
	return hostChanged(v, "brand.host_claimed", host, "brand.network.host_claimed")
}

// proveHost looks for the proof now. Without one the page says what is missing.
func proveHost(v *web.Visit) error {
	host := v.Form("host")
	err := v.Tenant.ProveHost(v.Context(), host)
	if f := fault.Of(err); f != nil && (f.Kind == fault.Conflict || f.Kind == fault.TooMany) {
		v.Flash(v.T(f.Key, f.Args...), "")
		return v.Go("/brand/network")
	}
	if err != nil {
		return err
	}
	return hostChanged(v, "brand.host_added", host, "brand.network.host_added")
}

func withdrawHost(v *web.Visit) error {
	host := v.Form("host")
	if err := v.Tenant.Unclaim(v.Context(), host); err != nil {
		return err
	}
	return hostChanged(v, "brand.host_withdrawn", host, "brand.network.host_withdrawn")
}

func removeHost(v *web.Visit) error {
	host := v.Form("host")
	if err := v.Tenant.RemoveHost(v.Context(), host); err != nil {
		return err
	}
	if err := cert.From(v.Context()).Forget(v.Context(), host); err != nil {
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
