package shell

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"runes.im/data"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/notify"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/vat"
)

func (w *wizard) showOverview() error {
	if back, missing := w.ready(overviewPath); missing {
		return w.v.Go(back)
	}
	return w.draw(w.overview(), nil)
}

func (w *wizard) overview() *wizardPage {
	p, v, f := w.page("overview"), w.v, &w.f
	b := w.bill()
	p.Bill = &billView{
		Lines: w.lines(), Month: w.money(b.Month), First: w.money(b.First), Until: v.Date(b.Until), Days: b.Days, Of: b.Of, Asked: b.Asked,
		Free: b.Month == 0 && !b.Asked,
	}
	place := f.PostalCode
	if place != "" && f.City != "" {
		place += " "
	}
	place += f.City
	country := ""
	for _, c := range data.Countries() {
		if c.Code == f.Country {
			country = c.Names[v.Lang()]
		}
	}
	locale := f.Locale
	for _, o := range localeOptions() {
		if o.Value == f.Locale {
			locale = o.Text
		}
	}
	for _, one := range []fact{
		{"org_company", f.Company},
		{"org_slug", f.Slug + p.Domain},
		{"org_address", f.Address},
		{"org_city", place},
		{"org_country", country},
		{"org_vat_id", f.VAT},
		{"org_locale", locale},
		{"org_currency", f.Currency},
		{"org_zone", f.Zone},
		{"org_email", f.Email},
		{"org_phone", f.Phone},
	} {
		if one.Text != "" {
			p.Facts = append(p.Facts, fact{v.T("shell." + one.Label), one.Text})
		}
	}
	for _, id := range w.Prices.Complete(w.choice()) {
		p.Chosen = append(p.Chosen, w.runeName(id))
	}
	for _, m := range w.payments() {
		p.Methods = append(p.Methods, method{m.ID, v.T(m.Title), v.T(m.Text)})
	}
	if w.f.Method == "" && len(p.Methods) > 0 {
		w.f.Method = p.Methods[0].ID
	}
	return p
}

// payments are the ways to pay: by invoice, and those of providers' runes. Nobody is asked where there is nothing to pay or a price is
// still to be named.
func (w *wizard) payments() []slot.Payment {
	if b := w.bill(); b.Month == 0 || b.Asked || w.f.Quote != "" {
		return nil
	}
	all := map[string]bool{}
	for _, in := range w.Runes {
		all[in.ID] = true
	}
	return slot.Payments.Among(slot.Offered(w.v.Context()), all)
}

// finish makes the organisation and leads there. A form that comes twice leads there twice.
func (w *wizard) finish() error {
	ctx, v := w.v.Context(), w.v
	draft := v.Form("draft")
	if done, err := w.Tenants.FoundedBy(ctx, draft, w.who.AccountID); err != nil || done != "" {
		return w.enter(done, err)
	}
	if back, missing := w.ready(overviewPath); missing {
		return v.Go(back)
	}
	if err := w.take(); err != nil {
		return err
	}
	if v.Form("back") != "" {
		return v.Go(productsPath)
	}
	if back, missing := w.ready(overviewPath); missing {
		return v.Go(back) // the form brought more than its own field
	}
	made, err := w.establish()
	if err != nil {
		// Somebody pressed twice: the other one was faster.
		if done, asking := w.Tenants.FoundedBy(ctx, draft, w.who.AccountID); asking == nil && done != "" {
			return w.enter(done, nil)
		}
		if f := fault.Of(err); f != nil && f.Kind == fault.Invalid && w.draft != "" {
			if back, missing := w.ready(overviewPath); missing {
				return v.Go(back) // the name or the address was taken meanwhile: that step says so
			}
		}
		if fault.Of(err) != nil {
			return w.draw(w.overview(), asForm(err))
		}
		return err
	}
	return w.enter(made, nil)
}

func (w *wizard) establish() (tenantID string, err error) {
	f, ctx := &w.f, w.v.Context()
	if err := w.Tenants.MayFound(ctx, w.who.AccountID); err != nil {
		return "", err
	}
	b := w.bill()
	form := fault.Form{}
	form.Need(!b.Asked || f.Quote != "", "method", "shell.org_ask_first")
	ways := w.payments()
	form.Need(len(ways) == 0 || slices.ContainsFunc(ways, func(p slot.Payment) bool { return p.ID == f.Method }), "method", "shell.org_need_choice")
	if err := form.Err(); err != nil {
		return "", err
	}
	order := tenant.Order{
		DraftID: w.draft, AccountID: w.who.AccountID, Currency: f.Currency, Choice: w.choice(), Lines: b.Lines,
	}
	if len(ways) > 0 {
		order.Method = f.Method
	}
	tidy, _ := vat.Tidy(f.Country, f.VAT)
	return w.Establish(ctx, Establishing{
		Slug: f.Slug, Locale: f.Locale, Zone: f.Zone, Runes: w.Prices.Complete(w.choice()), Order: order,
		Owner: identity.NewMember{Email: w.who.Email, Name: w.who.Name},
		Company: slot.Company{
			Name: f.Company, Address: f.Address, PostalCode: f.PostalCode, City: f.City, Country: f.Country, Phone: f.Phone, Email: f.Email, VAT: tidy,
		},
	})
}

// enter leads into the organisation that was made.
func (w *wizard) enter(tenantID string, err error) error {
	if err != nil {
		return err
	}
	if t := w.v.Tenant; t != nil {
		return w.open(w.v, w.who, tenantID, t.Name, loginLook(w.v))
	}
	return w.open(w.v, w.who, tenantID, neutral().Company, neutral().Look)
}

// tellOperators rings the bell of those who run the appliance, each in one organisation they belong to. The question stands in the
// appliance's log and in "runes quote list" whatever happens here.
func (w *wizard) tellOperators(q tenant.Quote) {
	ctx := w.v.Context()
	operators, err := w.v.People.Operators(ctx)
	for _, o := range operators {
		err = errors.Join(err, w.tell(ctx, o.AccountID, q))
	}
	if err != nil {
		slog.WarnContext(ctx, "an operator does not hear that somebody asks for a price", "quote", q.ID, "err", err)
	}
}

func (w *wizard) tell(ctx context.Context, accountID string, q tenant.Quote) error {
	members, err := w.v.People.Memberships(ctx, accountID)
	if err != nil {
		return err
	}
	for tenantID, member := range members {
		t, err := w.tenantOf(w.v, tenantID)
		if err != nil {
			continue // suspended, or broken: perhaps another one is open
		}
		defer t.Leave()
		inside := store.WithActor(tenant.With(ctx, t), store.Actor{Name: q.Name})
		return t.DB.Write(inside, func(ctx context.Context, tx *store.Tx) error {
			return notify.Send(ctx, tx, notify.Note{To: member, Kind: "shell.quote_asked", Icon: "receipt", Args: []string{"company", q.Company, "name", q.Name}})
		})
	}
	return nil
}
