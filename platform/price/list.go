// Package price knows what an organisation costs: the price list of the operator, packages of runes, and the bill for a choice of
// them. Amounts are whole numbers in the smallest unit of a currency.
package price

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/currency"
)

// How something is charged.
const (
	Free = "free"
	Flat = "flat"     // per month, however many people there are
	Seat = "per_user" // per month for each person
)

// Price is what something costs in a month, by currency. The zero Price is free.
type Price struct {
	Model   string           `json:"model,omitempty"`
	Amounts map[string]int64 `json:"amounts,omitempty"`
}

// IsFree reports whether it costs nothing in any currency.
func (p Price) IsFree() bool { return p.Model == "" || p.Model == Free }

// In is the amount in a currency; false when the list has none, and one asks for it.
func (p Price) In(code string) (amount int64, ok bool) {
	if p.IsFree() {
		return 0, true
	}
	amount, ok = p.Amounts[code]
	return amount, ok
}

// Package is a set of runes at a price of its own.
type Package struct {
	ID    string            `json:"id"`
	Names map[string]string `json:"names"` // by language
	Texts map[string]string `json:"texts"`
	Runes []string          `json:"runes"`
	Price Price             `json:"price"`
}

// List is what the operator asks for.
type List struct {
	Currencies []string         `json:"currencies"` // the first one is suggested
	Base       Price            `json:"base"`       // of an organisation, with its core runes
	Runes      map[string]Price `json:"runes"`      // over what their manifests say
	Packages   []Package        `json:"packages"`
	products   []Product
}

// Product is an installed rune as the list sees it.
type Product struct {
	ID    string
	Core  bool     // belongs to every organisation and has no price of its own
	Needs []string // other runes
	Price Price    // what its manifest says
}

// maxList is far more than a list that somebody wrote.
const maxList = 1 << 20

var packageForm = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

// Read reads a price list for the installed runes.
func Read(r io.Reader, products []Product) (*List, error) {
	l, err := decode(r, products)
	if err != nil {
		return nil, err
	}
	return l, l.check()
}

// Usual reads the list that comes with the program. Packages of runes that this build does not have are not in it.
func Usual(text string, products []Product) (*List, error) {
	l, err := decode(strings.NewReader(text), products)
	if err != nil {
		return nil, err
	}
	l.Packages = slices.DeleteFunc(l.Packages, func(p Package) bool {
		return slices.ContainsFunc(p.Runes, func(id string) bool { return l.product(id) == nil })
	})
	return l, l.check()
}

func decode(r io.Reader, products []Product) (*List, error) {
	d := json.NewDecoder(io.LimitReader(r, maxList))
	d.DisallowUnknownFields()
	l := new(List)
	if err := d.Decode(l); err != nil {
		return nil, err
	}
	l.products = products
	return l, nil
}

func (l *List) check() error {
	if len(l.Currencies) == 0 {
		return fmt.Errorf("there is no currency")
	}
	for _, code := range l.Currencies {
		if _, err := currency.ParseISO(code); err != nil || len(code) != 3 {
			return fmt.Errorf("%q is no currency", code)
		}
	}
	prices := map[string]Price{"base": l.Base}
	for id, p := range l.Runes {
		if l.product(id) == nil {
			return fmt.Errorf("there is no rune %q", id)
		}
		prices[id] = p
	}
	seen := map[string]bool{}
	for _, p := range l.Packages {
		if !packageForm.MatchString(p.ID) || seen[p.ID] || p.Names["en"] == "" || len(p.Runes) == 0 {
			return fmt.Errorf("package %q needs an id of its own, a name in English and runes", p.ID)
		}
		seen[p.ID], prices["package "+p.ID] = true, p.Price
		for _, id := range p.Runes {
			if l.product(id) == nil {
				return fmt.Errorf("package %q names the rune %q, which is not installed", p.ID, id)
			}
		}
	}
	for name, p := range prices {
		if !p.IsFree() && p.Model != Flat && p.Model != Seat {
			return fmt.Errorf("%s: the model is free, flat or per_user, not %q", name, p.Model)
		}
		for code, amount := range p.Amounts {
			if amount < 0 || amount > 1e12 || !slices.Contains(l.Currencies, code) {
				return fmt.Errorf("%s: %d %s is no price of this list", name, amount, code)
			}
		}
	}
	return nil
}

func (l *List) product(id string) *Product {
	for n := range l.products {
		if l.products[n].ID == id {
			return &l.products[n]
		}
	}
	return nil
}

// Of is the price of a rune: that of the list, else that of its manifest. Core runes are part of the base.
func (l *List) Of(id string) Price {
	p := l.product(id)
	if p == nil || p.Core {
		return Price{}
	}
	if listed, ok := l.Runes[id]; ok {
		return listed
	}
	return p.Price
}

// Package is the one with that id; nil when there is none.
func (l *List) Package(id string) *Package {
	for n := range l.Packages {
		if l.Packages[n].ID == id {
			return &l.Packages[n]
		}
	}
	return nil
}

// Name is the text in the language, or in English.
func Name(texts map[string]string, lang string) string {
	if text := texts[lang]; text != "" {
		return text
	}
	return texts["en"]
}
