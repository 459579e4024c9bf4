package price

import (
	"slices"
	"time"
)

// Choice is what somebody wants: runes, at most one package, and for how many people.
type Choice struct {
	Runes   []string `json:"runes"`
	Package string   `json:"package,omitempty"`
	Seats   int      `json:"seats"`
}

// MaxSeats is more people than one appliance serves.
const MaxSeats = 100_000

// Line is one position of a bill. Kind is base, package or rune.
type Line struct {
	Kind     string `json:"kind"`
	ID       string `json:"id,omitempty"`
	Model    string `json:"model"`
	Unit     int64  `json:"unit"`     // for a month, or for a month and person
	Quantity int64  `json:"quantity"` // 1, or the people
	Month    int64  `json:"month"`
	First    int64  `json:"first"` // for what is left of this month
	Asked    bool   `json:"asked"` // the list has no price in this currency: a person makes one
}

// Bill is what a choice costs in a month, and from today to the end of this one.
type Bill struct {
	Currency     string
	Lines        []Line
	Month, First int64
	Days, Of     int       // that are left of the month, today included, and that it has
	Until        time.Time // its last day
	Asked        bool      // a line has no price
}

// Complete adds what the choice needs: the core runes, those of the package, and whatever they depend on. What is not installed
// goes. The order is that of the installed runes.
func (l *List) Complete(c Choice) []string {
	wanted := map[string]bool{}
	var add func(id string)
	add = func(id string) {
		p := l.product(id)
		if p == nil || wanted[id] {
			return
		}
		wanted[id] = true
		for _, need := range p.Needs {
			add(need)
		}
	}
	for _, p := range l.products {
		if p.Core {
			add(p.ID)
		}
	}
	if p := l.Package(c.Package); p != nil {
		for _, id := range p.Runes {
			add(id)
		}
	}
	for _, id := range c.Runes {
		add(id)
	}
	var all []string
	for _, p := range l.products {
		if wanted[p.ID] {
			all = append(all, p.ID)
		}
	}
	return all
}

// Bill is what the choice costs in the currency. now is in the zone of the organisation: its calendar counts the days.
func (l *List) Bill(c Choice, code string, now time.Time) *Bill {
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	until := first.AddDate(0, 1, -1)
	b := &Bill{Currency: code, Until: until, Of: until.Day(), Days: until.Day() - now.Day() + 1}
	b.add("base", "", l.Base, c.Seats)
	p := l.Package(c.Package)
	if p != nil {
		b.add("package", p.ID, p.Price, c.Seats)
	}
	for _, id := range l.Complete(c) {
		if l.product(id).Core || p != nil && slices.Contains(p.Runes, id) {
			continue
		}
		b.add("rune", id, l.Of(id), c.Seats)
	}
	return b
}

func (b *Bill) add(kind, id string, p Price, seats int) {
	line := Line{Kind: kind, ID: id, Model: p.Model, Quantity: 1}
	if p.IsFree() {
		line.Model = Free
	}
	unit, known := p.In(b.Currency)
	line.Unit, line.Asked = unit, !known
	if p.Model == Seat {
		line.Quantity = int64(min(max(seats, 1), MaxSeats))
	}
	line.Month = line.Unit * line.Quantity
	line.First = part(line.Month, int64(b.Days), int64(b.Of))
	b.Lines = append(b.Lines, line)
	b.Month += line.Month
	b.First += line.First
	b.Asked = b.Asked || line.Asked
}

// part is amount · days ÷ of, half a cent rounded up.
func part(amount, days, of int64) int64 { return (2*amount*days + of) / (2 * of) }
