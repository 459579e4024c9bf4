package brand

import (
	"context"
	"strings"

	"runes.im/platform/record"
	"runes.im/platform/slot"
)

// companyTokens put the company data into texts.
var companyTokens = slot.Tokens{Namespace: "company", Values: companyValues, Paths: []slot.Path{
	{Path: "name", Title: "brand.profile.legal_name"},
	{Path: "slogan", Title: "brand.profile.slogan"},
	{Path: "address", Title: "brand.profile.address"},
	{Path: "postal_code", Title: "brand.profile.postal_code"},
	{Path: "city", Title: "brand.profile.city"},
	{Path: "country", Title: "brand.profile.country"},
	{Path: "phone", Title: "brand.profile.phone"},
	{Path: "email", Title: "brand.profile.email"},
	{Path: "website", Title: "brand.profile.website"},
	{Path: "vat", Title: "brand.profile.vat"},
	{Path: "register_no", Title: "brand.profile.register_no"},
	{Path: "account_holder", Title: "brand.profile.account_holder"},
	{Path: "bank", Title: "brand.profile.bank"},
	{Path: "iban", Title: "brand.profile.iban"},
	{Path: "bic", Title: "brand.profile.bic"},
}}

func companyValues(ctx context.Context, a slot.Asker, _ map[string]string, _ []string) (map[string]string, error) {
	p, err := profileOf(ctx, a.Tenant.DB, a.Tenant.Name)
	if err != nil {
		return nil, err
	}
	values := map[string]string{"name": p.LegalName}
	for i, field := range p.fields() {
		values[profileColumns[i]] = *field
	}
	if p.Country != "" {
		values["country"] = record.CountryIn(a.Lang(), p.Country)
	}
	values["iban"] = inFours(p.IBAN)
	return values, nil
}

// inFours is an account number as people read it.
func inFours(iban string) string {
	var b strings.Builder
	for i, c := range iban {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// brandTokens put colours and the addresses of pictures into texts.
var brandTokens = slot.Tokens{Namespace: "brand", Values: brandValues, Paths: []slot.Path{
	{Path: "name", Title: "brand.theme.name"},
	{Path: "logo", Title: "brand.theme.logo"},
	{Path: "banner", Title: "brand.theme.banner"},
	{Path: "color.primary", Title: "brand.theme.primary"},
	{Path: "color.secondary", Title: "brand.theme.secondary"},
	{Path: "color.accent", Title: "brand.theme.accent"},
	{Path: "color.success", Title: "brand.theme.success"},
	{Path: "color.warning", Title: "brand.theme.warning"},
	{Path: "color.danger", Title: "brand.theme.danger"},
	{Path: "color.tint", Title: "brand.theme.tint"},
}}

func brandValues(ctx context.Context, a slot.Asker, _ map[string]string, _ []string) (map[string]string, error) {
	w, err := wornBy(ctx, a.Tenant)
	if err != nil {
		return nil, err
	}
	d := w.theme
	name := d.Name
	if name == "" {
		name = a.Tenant.Name
	}
	return map[string]string{
		"name": name, "logo": w.look.Logo, "banner": w.look.Banner,
		"color.primary": d.Primary, "color.secondary": d.Secondary, "color.accent": d.Accent, "color.success": d.Success,
		"color.warning": d.Warning, "color.danger": d.Danger, "color.tint": d.Tint,
	}, nil
}
