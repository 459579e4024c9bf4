package app

import (
	"bytes"
	"context"
	"encoding/base32"
	"fmt"
	"strings"

	"runes.im/platform/identity"
	"runes.im/platform/picture"
	"runes.im/platform/tenant"
)

const demoSlug = "demo"

// demoPeople are those of the demo workspace, the owner first. The guest holds a role that opens no files.
var demoPeople = []identity.NewMember{
	{Email: "lena.brandt@halden-fjord.example", Name: "Lena Brandt", Role: "admin", Locale: "en", Owner: true},
	{Email: "amir.haddad@halden-fjord.example", Name: "Amir Haddad", Role: "employee", Locale: "en"},
	{Email: "noor.jansen@halden-fjord.example", Name: "Noor Jansen", Role: "employee", Locale: "de"},
	{Email: "tomas.vidal@halden-fjord.example", Name: "Tomás Vidal", Role: "employee", Locale: "fr"},
	{Email: "mina.roth@halden-fjord.example", Name: "Mina Roth", Role: "guest", Locale: "de"},
}

// demoProfiles is what they say of themselves, in the same order.
var demoProfiles = []identity.Profile{
	{FirstName: "Lena", LastName: "Brandt", Name: "Lena Brandt", JobTitle: "Managing Director", Phone: "+41 44 555 01 10", Street: "Seestrasse 14", PostalCode: "8002", City: "Zürich", Country: "CH"},
	{FirstName: "Amir", LastName: "Haddad", Name: "Amir Haddad", JobTitle: "Project Lead", Phone: "+41 44 555 01 12", Street: "Rosengasse 3", PostalCode: "8001", City: "Zürich", Country: "CH"},
	{FirstName: "Noor", LastName: "Jansen", Name: "Noor Jansen", JobTitle: "Leiterin Verkauf", Phone: "+41 44 555 01 15", City: "Winterthur", Country: "CH"},
	{FirstName: "Tomás", LastName: "Vidal", Name: "Tomás Vidal", JobTitle: "Comptable", Phone: "+41 22 555 01 21", City: "Genève", Country: "CH"},
	{FirstName: "Mina", LastName: "Roth", Name: "Mina Roth"},
}

// makeDemo makes the demo workspace in an empty appliance; any other is left alone.
func (a *App) makeDemo(ctx context.Context, password string) error {
	if !a.Tenants.Empty() {
		return nil
	}
	t, err := a.Create(ctx, tenant.New{Slug: demoSlug, Name: "Halden & Fjord", Locale: "en", Zone: "Europe/Zurich"}, func(t *tenant.Tenant) (identity.NewMember, error) {
		if password == "" {
			password = demoPassword(t)
		}
		owner := demoPeople[0]
		owner.Password = password
		return owner, nil
	})
	if err != nil {
		return err
	}
	defer t.Leave()
	ctx = tenant.With(ctx, t)
	owner, err := a.People.MemberByEmail(ctx, t, demoPeople[0].Email)
	if err != nil {
		return err
	}
	people := []*identity.Person{owner}
	for _, n := range demoPeople[1:] {
		n.Password = password
		p, err := a.People.AddMember(ctx, t, n)
		if err != nil {
			return fmt.Errorf("add %s: %w", n.Email, err)
		}
		people = append(people, p)
	}
	for n, p := range people {
		if err := a.People.SaveProfile(ctx, t, p, demoProfiles[n]); err != nil {
			return fmt.Errorf("profile of %s: %w", p.Email, err)
		}
		if n >= len(demoPortraits) {
			continue
		}
		drawn, err := picture.Patchwork(512, demoPortraits[n])
		if err != nil {
			return err
		}
		if err := a.People.SavePicture(ctx, t, p, bytes.NewReader(drawn.Content), identity.PictureCut{X: 50, Y: 47, Zoom: 1.3}); err != nil {
			return fmt.Errorf("picture of %s: %w", p.Email, err)
		}
	}
	for _, in := range a.Runes {
		if in.Demo == nil {
			continue
		}
		if err := in.Demo(ctx, t, people); err != nil {
			return fmt.Errorf("%s: %w", in.ID, err)
		}
	}
	return nil
}

// demoPassword is derived from the tenant's own key: random, different on every machine, and printable again at the
// next start although nobody wrote it down.
func demoPassword(t *tenant.Tenant) string {
	letters := strings.ToLower(base32.StdEncoding.EncodeToString(t.Secrets.Key("demo password")))
	return letters[:5] + "-" + letters[5:10] + "-" + letters[10:15]
}
