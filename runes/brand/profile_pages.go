package brand

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"runes.im/data"
	"runes.im/platform/fault"
	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

func profileRoutes(r *web.Router) {
	r.Get("/profile", "manage_tenant_identity", showProfile)
	r.Post("/profile", "manage_tenant_identity", saveProfile)
}

// profilePage is what the template profile draws.
type profilePage struct {
	web.Problems
	*profile
	Countries []record.Option
	Conflict  string
	Theirs    []difference // what somebody else saved in the meantime
}

// difference is a field that two people changed.
type difference struct{ Label, Theirs, Mine string }

func showProfile(v *web.Visit) error {
	p, err := profileOf(v.Context(), v.DB, v.Tenant.Name)
	if err != nil {
		return err
	}
	return v.Page("profile", profileForm(v, p))
}

func profileForm(v *web.Visit, p *profile) *profilePage {
	page := &profilePage{profile: p}
	for _, c := range data.Countries() {
		page.Countries = append(page.Countries, record.Option{Value: c.Code, Text: c.Names[v.Lang()]})
	}
	slices.SortFunc(page.Countries, func(a, b record.Option) int { return cmp.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text)) })
	page.Countries = append([]record.Option{{}}, page.Countries...)
	v.Title(v.T("brand.profile.title"))
	v.Crumb(v.T("brand.name"), "/brand")
	v.Crumb(v.T("brand.profile.title"), "")
	return page
}

func saveProfile(v *web.Visit) error {
	p := new(profile)
	v.Fill(p)
	p.tidy()
	err := p.check()
	if err == nil {
		err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return p.save(ctx, tx, v.Tenant.Name) })
	}
	page := profileForm(v, p)
	var late *overtaken
	if errors.As(err, &late) {
		page.say(v, late.theirs)
		err = &fault.Fault{Kind: fault.Invalid, Key: "brand.profile.overtaken", Args: []any{"who", late.theirs.By}}
	}
	if err != nil {
		return v.Again("profile", page, err)
	}
	v.Flash(v.T("brand.profile.saved"), "")
	return v.Go("/brand/profile")
}

// say shows what somebody else saved; saving once more is a decision against it.
func (p *profilePage) say(v *web.Visit, theirs *profile) {
	p.Conflict = v.T("brand.profile.overtaken_text")
	_, before, after := p.changedFrom(theirs)
	for _, name := range profileColumns {
		if value, ok := before[name].(string); ok {
			mine, _ := after[name].(string)
			p.Theirs = append(p.Theirs, difference{v.T("brand.profile." + name), cmp.Or(value, "–"), cmp.Or(mine, "–")})
		}
	}
	p.Version = theirs.Version
}
