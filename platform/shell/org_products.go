package shell

import (
	"slices"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/price"
	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/slot"
	"runes.im/platform/tenant"
)

// card is a rune or a package to choose.
type card struct {
	ID, Icon, Name, Text, Price string
	Chosen, Core                bool
	Needs                       string // ids that come along, separated by blanks
	NeedsText                   string
	Runes                       string // ids of a package
}

// billView is a bill for people.
type billView struct {
	Lines               []billLine
	Month, First, Until string
	Days, Of            int
	Asked, Free         bool
}

type billLine struct{ Name, How, Month, First string }

// money is an amount as the person reads it.
func (w *wizard) money(amount int64) string {
	return record.Money{Amount: amount, Currency: w.f.Currency}.Shown(w.v.Lang())
}

// priced says what something costs.
func (w *wizard) priced(p price.Price) string {
	amount, known := p.In(w.f.Currency)
	switch {
	case !known:
		return w.v.T("shell.org_on_request")
	case amount == 0:
		return w.v.T("shell.org_included")
	case p.Model == price.Seat:
		return w.v.T("shell.org_per_seat", "price", w.money(amount))
	}
	return w.v.T("shell.org_per_month", "price", w.money(amount))
}

func (w *wizard) runeName(id string) string { return w.v.T(id + ".name") }

// tagline is what the rune is for, in the person's language or as its manifest has it.
func (w *wizard) tagline(in *runekit.Installed) string {
	key := in.ID + ".tagline"
	if text := w.v.T(key); text != key {
		return text
	}
	return in.Manifest.Marketing.Tagline
}

func (w *wizard) showProducts() error {
	if back, missing := w.ready(productsPath); missing {
		return w.v.Go(back)
	}
	if !w.f.Products && len(w.f.Runes) == 0 && w.f.Package == "" && len(w.Prices.Packages) > 0 {
		w.f.Package = w.Prices.Packages[len(w.Prices.Packages)-1].ID
	}
	return w.draw(w.products(), nil)
}

func (w *wizard) products() *wizardPage {
	p := w.page("products")
	w.f.Seats = w.choice().Seats
	for _, pack := range w.Prices.Packages {
		p.Packages = append(p.Packages, card{
			ID: pack.ID, Name: price.Name(pack.Names, w.v.Lang()), Text: price.Name(pack.Texts, w.v.Lang()), Price: w.priced(pack.Price),
			Chosen: pack.ID == w.f.Package, Runes: strings.Join(pack.Runes, " "),
		})
	}
	chosen := w.Prices.Complete(w.choice())
	for _, in := range w.Runes {
		c := card{
			ID: in.ID, Icon: in.Manifest.UIHooks.Icon, Name: w.runeName(in.ID), Text: w.tagline(in), Core: in.Core,
			Price: w.priced(w.Prices.Of(in.ID)), Chosen: slices.Contains(chosen, in.ID), Needs: strings.Join(in.Manifest.Dependencies, " "),
		}
		var names []string
		for _, need := range in.Manifest.Dependencies {
			names = append(names, w.runeName(need))
		}
		c.NeedsText = strings.Join(names, ", ")
		p.Cards = append(p.Cards, c)
	}
	slices.SortStableFunc(p.Cards, func(a, b card) int {
		if a.Core == b.Core {
			return 0
		} else if b.Core {
			return -1
		}
		return 1
	})
	p.Sum = w.sum()
	return p
}

// sum is the month's estimate in one sentence.
func (w *wizard) sum() string {
	b := w.bill()
	switch {
	case b.Asked:
		return w.v.T("shell.org_sum_asked")
	case b.Month == 0:
		return w.v.T("shell.org_sum_free")
	}
	return w.v.T("shell.org_sum", "price", w.money(b.Month))
}

func (w *wizard) bill() *price.Bill {
	zone, err := time.LoadLocation(w.f.Zone)
	if err != nil {
		zone = time.UTC
	}
	return w.Prices.Bill(w.choice(), w.f.Currency, clock.Now(w.v.Context()).In(zone))
}

func (w *wizard) takeProducts() error {
	typing, err := w.isTyping()
	if err != nil {
		return err
	}
	if back, missing := w.ready(productsPath); missing {
		return w.v.Go(back)
	}
	if !typing {
		w.f.Products = true
	}
	if err := w.take(); err != nil {
		return err
	}
	switch {
	case typing:
		return w.typing(nil, map[string]string{"sum": w.sum()})
	case w.v.Form("back") != "":
		return w.v.Go(detailsPath)
	case w.v.Form("quote") != "":
		return w.v.Go(quotePath)
	}
	return w.v.Go(overviewPath)
}

func (w *wizard) showQuote() error {
	if back, missing := w.ready(overviewPath); missing {
		return w.v.Go(back)
	}
	return w.draw(w.quote(), nil)
}

func (w *wizard) quote() *wizardPage {
	p := w.page("quote")
	p.Person, p.Reply = w.who.Name, w.who.Email
	for _, l := range w.lines() {
		p.Chosen = append(p.Chosen, l.Name)
	}
	return p
}

// takeQuote keeps a question for a price and tells those who run the appliance.
func (w *wizard) takeQuote() error {
	if back, missing := w.ready(overviewPath); missing {
		return w.v.Go(back)
	}
	v := w.v
	q := tenant.Quote{
		DraftID: w.draft, AccountID: w.who.AccountID, Company: w.f.Company, Name: v.Form("name"), Email: v.Form("email"), Message: v.Form("message"),
		Choice: w.choice(),
	}
	form := fault.Form{}
	q.Name, q.Email, q.Message = strings.TrimSpace(q.Name), strings.TrimSpace(q.Email), strings.TrimSpace(q.Message)
	form.Need(q.Name != "" && len(q.Name) <= 200, "name", "identity.name_missing")
	form.Need(identity.IsEmail(q.Email), "email", "identity.email_form")
	form.Need(len(q.Message) <= 4000, "message", "shell.org_long", "max", 4000)
	err := form.Err()
	if err == nil {
		q.Choice.Runes = w.Prices.Complete(q.Choice)
		q, err = w.Tenants.AskQuote(v.Context(), q)
	}
	if fault.Of(err) != nil {
		p := w.quote()
		p.Person, p.Reply, p.Message = v.Form("name"), v.Form("email"), v.Form("message")
		return w.draw(p, asForm(err))
	}
	if err != nil {
		return err
	}
	w.f.Quote = q.ID
	if err := w.keep(); err != nil {
		return err
	}
	w.tellOperators(q)
	return v.Go(overviewPath)
}

// asForm shows a refusal above its form.
func asForm(err error) error {
	if f := fault.Of(err); f != nil && f.Kind != fault.Invalid {
		return fault.New(fault.Invalid, f.Key, f.Args...)
	}
	return err
}

// lines are the positions of the bill.
func (w *wizard) lines() []billLine {
	var all []billLine
	for _, l := range w.bill().Lines {
		line := billLine{}
		switch l.Kind {
		case "base":
			line.Name = w.v.T("shell.org_base")
		case "package":
			line.Name = price.Name(w.Prices.Package(l.ID).Names, w.v.Lang())
		default:
			line.Name = w.runeName(l.ID)
		}
		switch {
		case l.Asked:
			line.How, line.Month, line.First = w.v.T("shell.org_on_request"), "–", "–"
		case l.Unit == 0:
			line.How, line.Month, line.First = w.v.T("shell.org_included"), w.money(0), w.money(0)
		case l.Model == price.Seat:
			line.How, line.Month, line.First = w.v.T("shell.org_times", "n", l.Quantity, "price", w.money(l.Unit)), w.money(l.Month), w.money(l.First)
		default:
			line.How, line.Month, line.First = w.v.T("shell.org_flat"), w.money(l.Month), w.money(l.First)
		}
		all = append(all, line)
	}
	return all
}

// method is a way to pay.
type method struct{ ID, Title, Text string }

// invoice is the one way to pay that the house has by itself.
var invoice = slot.Payment{ID: "invoice", Icon: "receipt", Title: "shell.pay_invoice", Text: "shell.pay_invoice_text"}
