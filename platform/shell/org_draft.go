package shell

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/price"
	"runes.im/platform/vat"
	"runes.im/platform/web"
)

// founding is what the wizard asks for, as it is kept between its steps.
type founding struct {
	Company    string   `form:"company" json:"company,omitempty"`
	Slug       string   `form:"slug" json:"slug,omitempty"`
	Country    string   `form:"country" json:"country,omitempty"`
	Address    string   `form:"address" json:"address,omitempty"`
	PostalCode string   `form:"postal_code" json:"postal_code,omitempty"`
	City       string   `form:"city" json:"city,omitempty"`
	VAT        string   `form:"vat" json:"vat,omitempty"`
	Locale     string   `form:"locale" json:"locale,omitempty"`
	Currency   string   `form:"currency" json:"currency,omitempty"`
	Zone       string   `form:"zone" json:"zone,omitempty"`
	Email      string   `form:"email" json:"email,omitempty"`
	Phone      string   `form:"phone" json:"phone,omitempty"`
	Package    string   `form:"package" json:"package,omitempty"`
	Runes      []string `form:"runes" json:"runes,omitempty"`
	Seats      int      `form:"seats" json:"seats,omitempty"`
	Method     string   `form:"method" json:"method,omitempty"`
	Quote      string   `json:"quote,omitempty"`   // id of a question for a price
	Details    bool     `json:"details,omitempty"` // the step was gone through: its suggestions are answers now
	Products   bool     `json:"products,omitempty"`
}

// wizard is one visit to it.
type wizard struct {
	*Shell
	v     *web.Visit
	who   *identity.Caller
	draft string // id; empty while nothing is kept
	f     founding
}

// recall reads what was kept.
func (w *wizard) recall() error {
	d, err := w.v.People.DraftOf(w.v.Context(), w.who.AccountID)
	if err != nil || d.ID == "" {
		return err
	}
	w.draft = d.ID
	return json.Unmarshal(d.Content, &w.f)
}

// keep writes down what was typed, right or wrong.
func (w *wizard) keep() error {
	raw, err := json.Marshal(w.f)
	if err != nil {
		return err
	}
	w.draft, err = w.v.People.KeepDraft(w.v.Context(), w.who.AccountID, raw)
	return err
}

// take fills in what was sent, and keeps it: some fields alone when a page sends them while somebody types.
func (w *wizard) take() error {
	old := w.f
	w.v.Fill(&w.f)
	for _, text := range []*string{
		&w.f.Company, &w.f.Slug, &w.f.Address, &w.f.PostalCode, &w.f.City, &w.f.VAT, &w.f.Email, &w.f.Phone, &w.f.Country, &w.f.Zone,
		&w.f.Locale, &w.f.Currency, &w.f.Package, &w.f.Method,
	} {
		*text = cut(*text, 400)
	}
	w.f.Runes = slices.DeleteFunc(w.f.Runes, func(id string) bool { return w.product(id) == nil })
	slices.Sort(w.f.Runes)
	w.f.Runes = slices.Compact(w.f.Runes)
	w.f.Slug = strings.ToLower(w.f.Slug)
	if w.v.Form("package") == "none" {
		w.f.Package = ""
	}
	// A price that was asked for was asked for this choice.
	if w.f.Quote != "" && (w.f.Package != old.Package || w.f.Seats != old.Seats || !slices.Equal(w.f.Runes, old.Runes)) {
		w.f.Quote = ""
		if err := w.Tenants.WithdrawQuote(w.v.Context(), w.draft, w.who.AccountID); err != nil {
			return err
		}
	}
	return w.keep()
}

// cut keeps texts to a length that no honest answer has.
func cut(text string, most int) string {
	for n := range text {
		if n > most {
			return text[:n]
		}
	}
	return text
}

func (w *wizard) choice() price.Choice {
	return price.Choice{Runes: w.f.Runes, Package: w.f.Package, Seats: min(max(w.f.Seats, 1), price.MaxSeats)}
}

func (w *wizard) checkName() error { return w.Tenants.CheckName(w.f.Company) }

// checkDetails says what is wrong with the second step. The rules are those of the company profile, or narrower.
func (w *wizard) checkDetails() error {
	f, form := &w.f, fault.Form{}
	if err := w.Tenants.CheckSlug(w.v.Context(), f.Slug); err != nil {
		said := fault.Of(err)
		if said == nil {
			return err
		}
		for field, p := range said.Problems {
			form.Need(false, field, p.Key, p.Args...)
		}
	}
	form.Need(isCountry(f.Country), "country", "shell.org_need_country")
	for field, text := range map[string]string{"address": f.Address, "postal_code": f.PostalCode, "city": f.City} {
		form.Need(utf8.RuneCountInString(text) <= 200, field, "shell.org_long", "max", 200)
		plain := strings.NewReplacer("\r", "", "\n", "").Replace(text)
		form.Need(!strings.ContainsFunc(plain, func(r rune) bool { return r < ' ' }), field, "shell.org_plain")
	}
	if f.VAT != "" {
		_, right := vat.Tidy(f.Country, f.VAT)
		if example := vat.Example(f.Country); example != "" {
			form.Need(right, "vat", "shell.org_vat", "example", example)
		}
		form.Need(right, "vat", "shell.org_vat_form")
	}
	form.Need(slices.ContainsFunc(spoken, func(l web.Choice) bool { return l.Code == f.Locale }), "locale", "shell.org_need_choice")
	form.Need(slices.Contains(w.Prices.Currencies, f.Currency), "currency", "shell.org_need_choice")
	form.Need(slices.Contains(zones, f.Zone), "zone", "shell.org_need_choice")
	form.Need(f.Email == "" || identity.IsEmail(f.Email), "email", "identity.email_form")
	form.Need(f.Phone == "" || phoneForm.MatchString(f.Phone), "phone", "shell.org_phone_form")
	return form.Err()
}

// ready leads back to the first step that is not right; false when all before the path are.
func (w *wizard) ready(path string) (back string, missing bool) {
	if path != wizardPath && w.checkName() != nil {
		return wizardPath, true
	}
	if path != detailsPath && (!w.f.Details || w.checkDetails() != nil) {
		return detailsPath, true
	}
	if path == overviewPath && !w.f.Products {
		return productsPath, true
	}
	return "", false
}
