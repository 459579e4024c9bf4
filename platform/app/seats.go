package app

import (
	"runes.im/platform/identity"
	"runes.im/platform/price"
)

// chargeSeats tells the people's room which runes the price list charges for by the seat, in the organisation's currency, or
// else the first one that has a price.
func (a *App) chargeSeats(l *price.List) {
	var seats []identity.SeatPrice
	for _, in := range a.Runes {
		p := l.Of(in.ID)
		if p.Model != price.Seat {
			continue
		}
		for _, code := range l.Currencies {
			if amount, ok := p.Amounts[code]; ok {
				seats = append(seats, identity.SeatPrice{Rune: in.ID, Amount: amount, Currency: code, Amounts: p.Amounts})
				break
			}
		}
	}
	a.People.ChargeSeats(seats)
}
