package brand

import (
	"context"
	"database/sql"
	"errors"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"runes.im/data"
	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// profile is what the organisation is called, where it is found and how it is paid: for documents, mails and cards.
type profile struct {
	LegalName  string `form:"legal_name"`
	Slogan     string `form:"slogan"`
	Address    string `form:"address"`
	PostalCode string `form:"postal_code"`
	City       string `form:"city"`
	Country    string `form:"country"`
	Phone      string `form:"phone"`
	Email      string `form:"email"`
	Website    string `form:"website"`
	VAT        string `form:"vat"`
	Register   string `form:"register_no"`
	Holder     string `form:"account_holder"`
	Bank       string `form:"bank"`
	IBAN       string `form:"iban"`
	BIC        string `form:"bic"`
	Version    int64  `form:"version"`
	By         string
}

// profileColumns are the fields in the order of the form; fields gives the places of their values.
var profileColumns = []string{
	"legal_name", "slogan", "address", "postal_code", "city", "country", "phone", "email", "website", "vat", "register_no",
	"account_holder", "bank", "iban", "bic",
}

func (p *profile) fields() []*string {
	return []*string{
		&p.LegalName, &p.Slogan, &p.Address, &p.PostalCode, &p.City, &p.Country, &p.Phone, &p.Email, &p.Website, &p.VAT, &p.Register,
		&p.Holder, &p.Bank, &p.IBAN, &p.BIC,
	}
}

// ProfileUpdated says that the company data has changed.
type ProfileUpdated struct {
	Changed []string `json:"changed"`
}

// Topic is the event's name.
func (ProfileUpdated) Topic() string { return "brand.profile_updated" }

// profileOf is the company data. Before anybody has saved it, it is the organisation's name alone, in version 0.
func profileOf(ctx context.Context, r store.Reader, name string) (*profile, error) {
	p := &profile{}
	into := []any{}
	for _, field := range p.fields() {
		into = append(into, field)
	}
	err := r.QueryRow(ctx, `SELECT `+strings.Join(profileColumns, ", ")+`, version, changed_by FROM brand_profile WHERE one = 1`).
		Scan(append(into, &p.Version, &p.By)...)
	if errors.Is(err, sql.ErrNoRows) {
		return &profile{LegalName: name}, nil
	}
	return p, err
}

var (
	phoneForm = regexp.MustCompile(`^\+?[0-9][0-9 ()/.-]{2,38}$`)
	bicForm   = regexp.MustCompile(`^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$`)
	vatForm   = regexp.MustCompile(`^[A-Za-z]{2,3}[A-Za-z0-9 .+*-]{2,25}$`)
	ibanForm  = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$`)
)

// tidy writes what people type in many ways in one.
func (p *profile) tidy() {
	p.IBAN = strings.ToUpper(strings.Join(strings.Fields(p.IBAN), ""))
	p.BIC = strings.ToUpper(strings.Join(strings.Fields(p.BIC), ""))
	if p.Website != "" && !strings.Contains(p.Website, "://") {
		p.Website = "https://" + p.Website
	}
}

func (p *profile) check() error {
	f := fault.Form{}
	f.Need(p.LegalName != "", "legal_name", "brand.profile.need_name")
	for i, field := range p.fields() {
		f.Need(utf8.RuneCountInString(*field) <= 200, profileColumns[i], "brand.login.too_long", "max", 200)
		lines := strings.NewReplacer("\r", "", "\n", "").Replace(*field)
		f.Need(!strings.ContainsFunc(lines, func(r rune) bool { return r < ' ' }), profileColumns[i], "brand.login.plain_text")
	}
	if p.Email != "" {
		a, err := mail.ParseAddress(p.Email)
		f.Need(err == nil && a.Address == p.Email, "email", "brand.profile.email_form")
	}
	if p.Website != "" {
		u, err := url.Parse(p.Website)
		f.Need(err == nil && (u.Scheme == "https" || u.Scheme == "http") && strings.Contains(u.Host, ".") && u.User == nil, "website", "brand.profile.website_form")
	}
	f.Need(p.Phone == "" || phoneForm.MatchString(p.Phone), "phone", "brand.profile.phone_form")
	f.Need(p.VAT == "" || vatForm.MatchString(p.VAT), "vat", "brand.profile.vat_form")
	f.Need(p.IBAN == "" || isIBAN(p.IBAN), "iban", "brand.profile.iban_form")
	f.Need(p.BIC == "" || bicForm.MatchString(p.BIC), "bic", "brand.profile.bic_form")
	f.Need(p.Country == "" || isCountry(p.Country), "country", "brand.profile.country_form")
	return f.Err()
}

func isCountry(code string) bool {
	for _, c := range data.Countries() {
		if c.Code == code {
			return true
		}
	}
	return false
}

// isIBAN checks the two digits that catch a slip of the finger: the number modulo 97, letters counted from ten, is one.
func isIBAN(text string) bool {
	if !ibanForm.MatchString(text) {
		return false
	}
	rest := 0
	for _, c := range text[4:] + text[:4] {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest == 1
}

// changedFrom is the fields in which p differs from other, with both values.
func (p *profile) changedFrom(other *profile) (names []string, before, after map[string]any) {
	before, after = map[string]any{}, map[string]any{}
	was := other.fields()
	for i, field := range p.fields() {
		if *field != *was[i] {
			name := profileColumns[i]
			names, before[name], after[name] = append(names, name), *was[i], *field
		}
	}
	return names, before, after
}

// overtaken says that somebody saved the profile after it was read.
type overtaken struct{ theirs *profile }

func (*overtaken) Error() string { return "the profile was saved by somebody else" }

// save keeps the profile if it is still the one that was read.
func (p *profile) save(ctx context.Context, tx *store.Tx, name string) error {
	old, err := profileOf(ctx, tx, name)
	if err != nil {
		return err
	}
	changed, before, after := p.changedFrom(old)
	if old.Version != p.Version && len(changed) > 0 {
		return &overtaken{old}
	}
	if len(changed) == 0 && old.Version > 0 {
		return nil
	}
	values := []any{}
	for _, field := range p.fields() {
		values = append(values, *field)
	}
	values = append(values, old.Version+1, clock.Text(clock.Now(ctx)), store.ActorOf(ctx).Name)
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")
	_, err = tx.Exec(ctx, `INSERT OR REPLACE INTO brand_profile (one, `+strings.Join(profileColumns, ", ")+`, version, changed_at, changed_by)
		VALUES (1, `+marks+`)`, values...)
	if err != nil {
		return err
	}
	err = audit.Record(ctx, tx, audit.Entry{Action: "brand.profile_updated", Object: "brand.profile", Title: p.LegalName, Before: before, After: after})
	if err != nil {
		return err
	}
	return tx.Emit(ctx, ProfileUpdated{Changed: changed})
}
