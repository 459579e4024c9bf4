package app

import (
	"crypto/x509"
	"io"
	"strings"
	"testing"
	"time"

	"runes.im/platform/cert/acmetest"
	"runes.im/platform/clock"
	"runes.im/platform/identity"
	"runes.im/platform/notify"
	"runes.im/platform/tenant"
)

func TestPeopleHearOnceThatACertificateEnds(t *testing.T) {
	cfg := settings(t)
	cfg.BaseDomain = "files.example"
	a, _, _ := serving(t, cfg, io.Discard)
	found(t, a)
	ahead := time.Duration(0)
	ctx := a.equip(clock.With(t.Context(), func() time.Time { return time.Now().Add(ahead) }))
	beta, err := a.Create(ctx, tenant.New{Slug: "beta", Name: "Beta", Locale: "en", Zone: "UTC"}, func(*tenant.Tenant) (identity.NewMember, error) {
		return identity.NewMember{Email: "bob@beta.example", Name: "Bob", Password: "a long enough password", Locale: "en"}, nil
	})
	must(t, err)
	defer beta.Leave()
	must(t, a.People.AddOperator(ctx, "bob@beta.example"))
	acme, err := a.Tenants.Enter(ctx, "acme")
	must(t, err)
	defer acme.Leave()

	ca := acmetest.NewCA(t)
	lasts := func(days int) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.NotAfter = time.Now().AddDate(0, 0, days) }
	}
	chain, key := ca.Issue(t, []string{"acme.files.example"}, lasts(30))
	_, err = a.Certs.Set(ctx, "acme.files.example", chain, key)
	must(t, err)
	heard := func(in *tenant.Tenant, email string) (texts []string) {
		t.Helper()
		p, err := a.People.MemberByEmail(ctx, in, email)
		must(t, err)
		items, err := notify.Items(ctx, in.DB, p.ID, notify.Which{Limit: 50})
		must(t, err)
		for _, i := range items {
			if strings.HasPrefix(i.Kind, "cert.") {
				texts = append(texts, i.Kind+" "+i.Args[1]+" "+i.Link)
			}
		}
		return texts
	}
	expect := func(when string, owner, operator int) {
		t.Helper()
		must(t, a.tellOfCerts(ctx))
		must(t, a.tellOfCerts(ctx))
		if o, b := heard(acme, "ada@acme.example"), heard(beta, "bob@beta.example"); len(o) != owner || len(b) != operator {
			t.Errorf("%s: the owner heard %v, the operator %v, want %d and %d", when, o, b, owner, operator)
		}
	}
	expect("30 days before", 0, 0)
	ahead = 10 * 24 * time.Hour
	expect("20 days before", 1, 1)
	if got := heard(acme, "ada@acme.example"); len(got) == 1 && got[0] != "cert.ends acme.files.example /brand/network/certificate/acme.files.example" {
		t.Errorf("the owner heard %q", got)
	}
	ahead = 29 * 24 * time.Hour
	expect("the day before", 1, 1)
	chain, key = ca.Issue(t, []string{"acme.files.example"}, lasts(60))
	_, err = a.Certs.Set(ctx, "acme.files.example", chain, key)
	must(t, err)
	expect("with a new one", 1, 1)
	ahead = 50 * 24 * time.Hour
	expect("before that ends, too", 2, 2)

	// What serves the appliance's own names is the operator's business; with two hats people hear it once.
	must(t, a.People.AddOperator(ctx, "ada@acme.example"))
	chain, key = ca.Issue(t, []string{"*.files.example"}, lasts(55))
	_, err = a.Certs.Set(ctx, "*.files.example", chain, key)
	must(t, err)
	expect("the wildcard's", 3, 3)
}
