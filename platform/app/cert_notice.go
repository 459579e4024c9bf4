package app

import (
	"context"
	"errors"
	"time"

	"runes.im/platform/cert"
	"runes.im/platform/notify"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// tellOfCerts rings the bell of those who can replace a certificate, three weeks before it ends and once: who may set the domains of
// the organisation whose name it serves, and the operators.
func (a *App) tellOfCerts(ctx context.Context) error {
	ending, err := a.Certs.Ending(ctx)
	if err != nil {
		return err
	}
	for _, e := range ending {
		heard, telling := a.tellHolders(ctx, e)
		telling = errors.Join(telling, a.tellOperators(ctx, e, heard))
		if telling == nil {
			telling = a.Certs.Told(ctx, e.Fingerprint)
		}
		err = errors.Join(err, telling)
	}
	return err
}

// tellHolders answers with the members who heard it, so that no operator among them hears it twice.
func (a *App) tellHolders(ctx context.Context, e cert.Ending) (map[string]bool, error) {
	heard := map[string]bool{}
	var all error
	told := map[string]bool{}
	for _, whose := range e.Holders {
		if !whose.IsActive || whose.Slug == "" || told[whose.Slug] {
			continue
		}
		told[whose.Slug] = true
		all = errors.Join(all, a.Tenants.Beside(ctx, whose.Slug, func(ctx context.Context, t *tenant.Tenant) error {
			members, err := a.People.Members(ctx, t)
			if err != nil {
				return err
			}
			return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
				for _, m := range members {
					if !m.Can("manage_network_governance") {
						continue
					}
					heard[m.ID] = true
					if err := notify.Send(ctx, tx, certNote(e, whose.Host, m.ID, "/brand/network/certificate/"+whose.Host)); err != nil {
						return err
					}
				}
				return nil
			})
		}))
	}
	return heard, all
}

// tellOperators rings where each of them belongs: their own pages have no bell.
func (a *App) tellOperators(ctx context.Context, e cert.Ending, heard map[string]bool) error {
	operators, err := a.People.Operators(ctx)
	if err != nil {
		return err
	}
	slugs, err := a.activeSlugs(ctx)
	if err != nil {
		return err
	}
	for _, o := range operators {
		members, reading := a.People.Memberships(ctx, o.AccountID)
		err = errors.Join(err, reading)
		err = errors.Join(err, a.tellOperator(ctx, e, heard, members, slugs))
	}
	return err
}

func (a *App) tellOperator(ctx context.Context, e cert.Ending, heard map[string]bool, members, slugs map[string]string) error {
	slug, to := "", ""
	for tenantID, member := range members {
		if heard[member] {
			return nil
		}
		if slugs[tenantID] != "" {
			slug, to = slugs[tenantID], member
		}
	}
	if slug == "" {
		return nil // nowhere to ring
	}
	return a.Tenants.Beside(ctx, slug, func(ctx context.Context, t *tenant.Tenant) error {
		return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			return notify.Send(ctx, tx, certNote(e, e.Host, to, ""))
		})
	})
}

func (a *App) activeSlugs(ctx context.Context) (map[string]string, error) {
	infos, err := a.Tenants.List(ctx)
	slugs := map[string]string{}
	for _, i := range infos {
		if i.State == "active" {
			slugs[i.ID] = i.Slug
		}
	}
	return slugs, err
}

func certNote(e cert.Ending, host, to, link string) notify.Note {
	kind := "cert.ends"
	if e.Source == cert.ACME {
		kind = "cert.not_renewed"
	}
	return notify.Note{To: to, Kind: kind, Icon: "shield-alert", Link: link, Args: []string{"host", host, "date", e.Until.Format(time.DateOnly)}}
}
