package brand

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

func subdomainRoutes(r *web.Router) {
	const right = "manage_network_governance"
	r.Get("/network/subdomain", right, checkSubdomain)
	r.Post("/network/subdomain", right, moveHouse)
	r.Post("/network/subdomain/release", right, releaseSubdomain)
}

// leadsFor is how many days the old address leads to the new one where nobody chooses otherwise.
const leadsFor = 90

// subdomainForm is the part of the network page where the organisation moves.
type subdomainForm struct {
	Slug, Days string // as typed
	Base       string
	Max        int
	Left       []leftAddress
}

// leftAddress is an earlier address that still leads here.
type leftAddress struct{ Label, Host, Until string }

func subdomain(v *web.Visit, slug, days string) subdomainForm {
	f := subdomainForm{Slug: slug, Days: days, Base: v.Tenant.Base(), Max: tenant.MostDays}
	for _, l := range v.Tenant.Left(v.Context()) {
		f.Left = append(f.Left, leftAddress{l.Label, l.Host, v.Date(l.Until)})
	}
	return f
}

// checkSubdomain answers while somebody types.
func checkSubdomain(v *web.Visit) error {
	slug := strings.TrimSpace(v.Query("slug"))
	err := v.Tenant.MayMove(v.Context(), slug)
	f := fault.Of(err)
	if err != nil && f == nil {
		return err
	}
	answer := struct {
		Free bool   `json:"free"`
		Text string `json:"text"`
	}{err == nil, v.T("brand.subdomain.free", "host", slug+"."+v.Tenant.Base())}
	if f != nil {
		p := f.Problems["slug"]
		answer.Text = v.T(p.Key, p.Args...)
	}
	return v.JSON(http.StatusOK, answer)
}

// movedPage is what the template moved draws: the last page at the old address.
type movedPage struct{ Host, Href string }

// moveHouse gives the organisation another subdomain. Sessions belong to one host, so everybody signs in again; the browser
// goes there by itself, because no form may lead away from its own site.
func moveHouse(v *web.Visit) error {
	slug, days := strings.TrimSpace(v.Form("slug")), strings.TrimSpace(v.Form("days"))
	old := v.Tenant.Address()
	n, err := strconv.Atoi(days)
	if err != nil {
		n = -1
	}
	if err := v.Tenant.Move(v.Context(), slug, n); err != nil {
		return moveAgain(v, slug, days, err)
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		tellPages(ctx, tx, v.Tenant)
		return audit.Record(ctx, tx, audit.Entry{
			Action: "brand.subdomain_changed", Object: "brand.network",
			Before: map[string]any{"address": old}, After: map[string]any{"address": v.Tenant.Address(), "days": n},
		})
	})
	if err != nil {
		return err
	}
	there := url.URL{Scheme: "http", Host: v.Tenant.Address(), Path: "/brand/network"}
	here, err := url.Parse(v.Site())
	if err != nil {
		return err
	}
	there.Scheme = here.Scheme
	if port := here.Port(); port != "" {
		there.Host += ":" + port
	}
	v.Writer.Header().Set("Refresh", "4; url="+there.String())
	v.Title(v.T("brand.subdomain.moved"))
	return v.Bare(http.StatusOK, "moved", &movedPage{Host: v.Tenant.Address(), Href: there.String()})
}

func moveAgain(v *web.Visit, slug, days string, err error) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	if f.Problems == nil {
		field := "slug"
		if f.Key == "tenant.move_days" {
			field = "days"
		}
		err = problem(field, f.Key, f.Args...)
	}
	n, reading := networkOf(v.Context(), v.DB)
	if reading != nil {
		return reading
	}
	page, reading := networkForm(v, n)
	if reading != nil {
		return reading
	}
	page.Subdomain = subdomain(v, slug, days)
	return v.Again("network", page, err)
}

// releaseSubdomain lets others have an earlier address before its time.
func releaseSubdomain(v *web.Visit) error {
	name := v.Form("label")
	if err := v.Tenant.Release(v.Context(), name); err != nil {
		return err
	}
	return hostChanged(v, "brand.subdomain_released", name+"."+v.Tenant.Base(), "brand.subdomain.released")
}
