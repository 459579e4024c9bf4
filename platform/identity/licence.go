package identity

import (
	"context"
	"slices"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// SeatPrice says that a rune charges for each person, in a month.
type SeatPrice struct {
	Rune     string
	Amount   int64 // in the smallest unit
	Currency string
	Amounts  map[string]int64 // by currency, where there are several; shared
}

// ChargeSeats tells the house, once at start, which runes charge by the seat.
func (h *House) ChargeSeats(prices []SeatPrice) {
	h.seats.Store(&prices)
	h.accounts.Add(1)
}

// SeatPrices are the runes that charge by the seat; the slice is shared.
func (h *House) SeatPrices() []SeatPrice {
	if prices := h.seats.Load(); prices != nil {
		return *prices
	}
	return nil
}

func (h *House) chargesSeats(rune string) bool {
	return slices.ContainsFunc(h.SeatPrices(), func(s SeatPrice) bool { return s.Rune == rune })
}

// permissionsOf are those that a rune brings.
func (h *House) permissionsOf(rune string) []string {
	for _, s := range h.Catalogue() {
		if s.Rune == rune {
			return s.Permissions
		}
	}
	return nil
}

// licences are the runes whose seats are given by hand, each with whom they were given to.
type licences map[string]map[string]bool

func (h *House) readLicences(ctx context.Context, r store.Reader) (licences, error) {
	if len(h.SeatPrices()) == 0 {
		return nil, nil
	}
	rows, err := r.Query(ctx, `SELECT r.rune, coalesce(l.member_id, '') FROM identity_licence_rules r
		LEFT JOIN identity_licences l ON l.rune = r.rune ORDER BY r.rune, l.member_id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := licences{}
	for rows.Next() {
		var rune, member string
		if err := rows.Scan(&rune, &member); err != nil {
			return nil, err
		}
		if !h.chargesSeats(rune) {
			continue
		}
		if all[rune] == nil {
			all[rune] = map[string]bool{}
		}
		all[rune][member] = true
	}
	return all, rows.Err()
}

// lacking are the permissions that rest in the member for want of a licence; nil for most.
func (h *House) lacking(all licences, member string) map[string]bool {
	var rest map[string]bool
	for rune, given := range all {
		if given[member] {
			continue
		}
		for _, permission := range h.permissionsOf(rune) {
			if rest == nil {
				rest = map[string]bool{}
			}
			rest[permission] = true
		}
	}
	return rest
}

// Licence is a rune that charges by the seat, as one organisation or one member has it.
type Licence struct {
	SeatPrice
	ByHand bool // somebody gives the seats; else they follow the permissions
	Given  bool // by hand, to the member
	Held   bool // the member holds a permission of the rune, with or without a licence
	Seats  int  // that are taken
}

// HasSeat reports whether the member takes a seat.
func (l Licence) HasSeat() bool { return l.Held && (l.Given || !l.ByHand) }

// Licences are those of the organisation, and what they are to a member; p may be nil. A seat is an active member who effectively
// holds a permission of the rune: suspended people, those who are invited and guests without such a permission take none.
func (h *House) Licences(ctx context.Context, t *tenant.Tenant, p *Person) ([]Licence, error) {
	given, err := h.readLicences(ctx, t.DB)
	if err != nil || len(h.SeatPrices()) == 0 {
		return nil, err
	}
	members, err := h.Members(ctx, t)
	if err != nil {
		return nil, err
	}
	code, err := tenant.CurrencyOf(ctx, h.system, t.ID)
	if err != nil {
		return nil, err
	}
	var all []Licence
	for _, price := range h.SeatPrices() {
		if amount, ok := price.Amounts[code]; ok {
			price.Amount, price.Currency = amount, code
		}
		l := Licence{SeatPrice: price}
		_, l.ByHand = given[price.Rune]
		holds := func(m *Person) bool { return slices.ContainsFunc(h.permissionsOf(price.Rune), m.Holds) }
		for _, m := range members {
			if m.state == active && holds(m) && (!l.ByHand || given[price.Rune][m.ID]) {
				l.Seats++
			}
		}
		if p != nil {
			l.Held, l.Given = holds(p), given[price.Rune][p.ID]
		}
		all = append(all, l)
	}
	return all, nil
}

// GiveLicence gives a member the seat of a rune whose seats are given by hand, or takes it away.
func (h *House) GiveLicence(ctx context.Context, t *tenant.Tenant, by *Person, memberID, rune string, give bool) error {
	if !h.chargesSeats(rune) {
		return fault.New(fault.NotFound, "identity.licence_none")
	}
	return h.manage(ctx, t, by, memberID, func(ctx context.Context, tx *store.Tx, p *Person) error {
		query, args := `DELETE FROM identity_licences WHERE member_id = ? AND rune = ?`, []any{p.ID, rune}
		action := "identity.licence_taken"
		if give {
			query = `INSERT INTO identity_licences (member_id, rune, made_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`
			args, action = append(args, clock.Text(clock.Now(ctx))), "identity.licence_given"
		}
		if _, err := tx.Exec(ctx, query, args...); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "member:" + p.ID, Title: p.Name, After: map[string]any{"rune": rune}})
	})
}

// LicenceByHand says whether somebody gives the seats of a rune. Whoever has one at that moment keeps it, so that nobody is shut out.
func (h *House) LicenceByHand(ctx context.Context, t *tenant.Tenant, by *Person, rune string, byHand bool) error {
	if !h.chargesSeats(rune) {
		return fault.New(fault.NotFound, "identity.licence_none")
	}
	if !by.gives(manageUsers) {
		return beyond(manageUsers)
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		members, err := h.people(ctx, t, tx, `WHERE state = 'active' ORDER BY name, id`)
		if err != nil {
			return err
		}
		now := clock.Text(clock.Now(ctx))
		before, err := h.readLicences(ctx, tx)
		if err != nil {
			return err
		}
		if _, is := before[rune]; is == byHand {
			return nil
		}
		tx.AfterCommit(h.cache(t).empty)
		if !byHand {
			_, err = tx.Exec(ctx, `DELETE FROM identity_licence_rules WHERE rune = ?`, rune)
		} else {
			_, err = tx.Exec(ctx, `INSERT INTO identity_licence_rules (rune, made_at) VALUES (?, ?)`, rune, now)
			for _, m := range members {
				if err == nil && slices.ContainsFunc(h.permissionsOf(rune), m.Holds) {
					_, err = tx.Exec(ctx, `INSERT INTO identity_licences (member_id, rune, made_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, m.ID, rune, now)
				}
			}
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "identity.licence_rule", Object: "rune:" + rune, Title: rune, After: map[string]any{"by_hand": byHand}})
	})
}
