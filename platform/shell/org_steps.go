package shell

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"runes.im/data"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/runekit"
	"runes.im/platform/search"
	"runes.im/platform/vat"
	"runes.im/platform/web"
)

// phoneForm is that of the company profile.
var phoneForm = regexp.MustCompile(`^\+?[0-9][0-9 ()/.-]{2,38}$`)

func isCountry(code string) bool {
	return slices.ContainsFunc(data.Countries(), func(c data.Country) bool { return c.Code == code })
}

// wizardPage is what the templates of the wizard draw.
type wizardPage struct {
	web.Problems
	*founding
	Name                                  string // template of the step
	AtGate                                bool
	Steps                                 []step
	Draft, Domain, Proposed, Example      string
	Countries, Locales, Zones, Currencies []option
	Packages                              []card
	Cards                                 []card
	Sum                                   string
	Bill                                  *billView
	Facts                                 []fact
	Chosen                                []string
	Methods                               []method
	Person, Reply, Message                string // of a question for a price
	Asked                                 bool
}

type fact struct{ Label, Text string }

func (w *wizard) page(name string) *wizardPage {
	v := w.v
	p := &wizardPage{
		founding: &w.f, Name: name, AtGate: v.Tenant == nil, Draft: w.draft, Domain: "." + w.Tenants.BaseDomain(), Asked: w.f.Quote != "",
	}
	now, passed := -1, 0
	paths := []string{wizardPath, detailsPath, productsPath, overviewPath}
	for n, key := range []string{"name", "details", "products", "overview"} {
		p.Steps = append(p.Steps, step{Text: v.T("shell.org_step_" + key)})
		if key == name || key == "products" && name == "quote" {
			now = n
		}
		if _, missing := w.ready(paths[n]); n == 0 || !missing {
			passed = n
		}
	}
	for n := range p.Steps {
		switch {
		case n == now:
			p.Steps[n].State = "now"
		case n < now:
			p.Steps[n].State, p.Steps[n].Href = "done", paths[n]
		case n <= passed:
			p.Steps[n].Href = paths[n]
		}
	}
	v.Title(v.T("shell.org_title"))
	v.Crumb(v.T("shell.organisations"), "/organizations")
	v.Crumb(v.T("shell.org_title"), "")
	v.Load("org")
	return p
}

// draw shows the step; err says what is wrong with it.
func (w *wizard) draw(p *wizardPage, err error) error {
	if err != nil {
		return w.v.Again("org_wizard", p, err)
	}
	return w.v.Page("org_wizard", p)
}

// typing answers a page that keeps what is typed: with what is wrong so far, and not about fields that are still empty.
func (w *wizard) typing(err error, notes map[string]string) error {
	f := fault.Of(err)
	if err != nil && f == nil {
		return err
	}
	problems := map[string]string{}
	if f != nil {
		for field, p := range f.Problems {
			if w.v.Form(field) != "" {
				problems[field] = w.v.T(p.Key, p.Args...)
			}
		}
	}
	return w.v.JSON(http.StatusOK, map[string]any{"problems": problems, "notes": notes})
}

// isTyping reports a form that a page sends by itself while somebody fills it in.
func (w *wizard) isTyping() (bool, error) {
	if w.v.Form("keep") == "" {
		return false, nil
	}
	if !w.typed.allow(w.who.AccountID, clock.Steady(w.v.Context())) {
		return true, fault.New(fault.TooMany, "shell.org_fast", "seconds", 60)
	}
	return true, nil
}

func (w *wizard) showName() error { return w.draw(w.page("name"), nil) }

func (w *wizard) takeName() error {
	typing, err := w.isTyping()
	if err != nil {
		return err
	}
	if err := w.take(); err != nil {
		return err
	}
	err = w.checkName()
	switch {
	case typing:
		return w.typing(err, map[string]string{})
	case err != nil:
		return w.draw(w.page("name"), err)
	}
	return w.v.Go(detailsPath)
}

func (w *wizard) showDetails() error {
	if back, missing := w.ready(detailsPath); missing {
		return w.v.Go(back)
	}
	w.suggest()
	return w.draw(w.details(), nil)
}

// suggest fills in what can be guessed; the person decides.
func (w *wizard) suggest() {
	f := &w.f
	if f.Slug == "" {
		f.Slug = w.Tenants.FreeSlug(w.v.Context(), slugOf(f.Company))
	}
	f.Locale = cmp.Or(f.Locale, w.v.Lang())
	f.Currency = cmp.Or(f.Currency, w.Prices.Currencies[0])
	if f.Email == "" && !f.Details {
		f.Email = w.who.Email
	}
}

func (w *wizard) details() *wizardPage {
	p, v := w.page("details"), w.v
	p.Example = vat.Example(w.f.Country)
	p.Locales, p.Zones = localeOptions(), zoneOptions(cmp.Or(w.f.Zone, v.Zone().String()))
	p.Zones = append([]option{{Value: "", Text: v.T("shell.org_choose")}}, p.Zones...)
	for _, code := range w.Prices.Currencies {
		p.Currencies = append(p.Currencies, option{code, code})
	}
	for _, c := range data.Countries() {
		p.Countries = append(p.Countries, option{c.Code, c.Names[v.Lang()]})
	}
	slices.SortFunc(p.Countries, func(a, b option) int { return strings.Compare(search.Fold(a.Text), search.Fold(b.Text)) })
	p.Countries = append([]option{{Value: "", Text: v.T("shell.org_choose")}}, p.Countries...)
	return p
}

func (w *wizard) takeDetails() error {
	typing, err := w.isTyping()
	if err != nil {
		return err
	}
	if back, missing := w.ready(detailsPath); missing {
		return w.v.Go(back)
	}
	if !typing {
		w.f.Details = true
	}
	if err := w.take(); err != nil {
		return err
	}
	if w.v.Form("back") != "" {
		return w.v.Go(wizardPath)
	}
	err = w.checkDetails()
	switch {
	case typing:
		notes := map[string]string{}
		if w.Tenants.CheckSlug(w.v.Context(), w.f.Slug) == nil {
			notes["slug"] = w.v.T("shell.org_slug_free", "host", w.f.Slug+"."+w.Tenants.BaseDomain())
		}
		return w.typing(err, notes)
	case err != nil:
		return w.draw(w.details(), err)
	}
	if tidy, ok := vat.Tidy(w.f.Country, w.f.VAT); ok {
		w.f.VAT = tidy
		if err := w.keep(); err != nil {
			return err
		}
	}
	return w.v.Go(productsPath)
}

func (w *wizard) discard() error {
	if w.draft != "" {
		if err := w.Tenants.WithdrawQuote(w.v.Context(), w.draft, w.who.AccountID); err != nil {
			return err
		}
	}
	if err := w.v.People.DropDraft(w.v.Context(), w.who.AccountID); err != nil {
		return err
	}
	if w.v.Tenant == nil {
		return w.v.Go("/?all")
	}
	return w.v.Go("/organizations")
}

func (s *Shell) product(id string) *runekit.Installed {
	for _, in := range s.Runes {
		if in.ID == id && !in.Core {
			return in
		}
	}
	return nil
}
