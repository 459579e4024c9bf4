package team

import (
	"slices"

	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/web"
)

// Modules may charge for each person. Seats follow the permissions, or somebody gives them by hand.

// licenceRow is a module as it is licensed, to one person or to all.
type licenceRow struct {
	Rune, Name, Said  string
	On, ByHand, Given bool
}

type licencesPage struct {
	Rows    []licenceRow
	MayRule bool
}

// seatPriced are the active modules that charge by the seat, and what they are to p.
func seatPriced(v *web.Visit, p *identity.Person) ([]identity.Licence, error) {
	all, err := v.People.Licences(v.Context(), v.Tenant, p)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	active, err := entitlement.Active(v.Context(), v.DB)
	return slices.DeleteFunc(all, func(l identity.Licence) bool { return !active[l.Rune] }), err
}

// licencesOf are the modules that the person can use, first those with a seat fee.
func licencesOf(v *web.Visit, p *identity.Person, shelves []shelf) ([]licenceRow, error) {
	priced, err := seatPriced(v, p)
	var all []licenceRow
	charged := map[string]bool{}
	for _, l := range priced {
		row := licenceRow{Rune: l.Rune, Name: v.T(l.Rune + ".name"), On: l.HasSeat(), ByHand: l.ByHand, Given: l.Given, Said: v.T("team.licence_follows", "price", feeOf(v, l))}
		if l.ByHand {
			row.Said = v.T("team.licence_by_hand", "price", feeOf(v, l))
		}
		charged[row.Name] = true
		all = append(all, row)
	}
	for _, s := range shelves {
		if !charged[s.Name] && slices.ContainsFunc(s.Rights, func(r right) bool { return r.Held }) {
			all = append(all, licenceRow{Name: s.Name, Said: v.T("team.licence_free"), On: true})
		}
	}
	return all, err
}

// feeOf is what one seat costs in a month.
func feeOf(v *web.Visit, l identity.Licence) string {
	return record.Money{Amount: l.Amount, Currency: l.Currency}.Shown(v.Lang())
}

// seatsOf are the modules with a seat, by member; nil when no module charges for seats.
func seatsOf(v *web.Visit) (map[string][]string, error) {
	priced, err := seatPriced(v, nil)
	if err != nil || len(priced) == 0 {
		return nil, err
	}
	members, err := v.People.Members(v.Context(), v.Tenant)
	if err != nil {
		return nil, err
	}
	seats := map[string][]string{}
	for _, l := range priced {
		rights := permissionsOf(v, l.Rune)
		for _, m := range members {
			if slices.ContainsFunc(rights, m.Can) {
				seats[m.ID] = append(seats[m.ID], v.T(l.Rune+".name"))
			}
		}
	}
	return seats, nil
}

func permissionsOf(v *web.Visit, rune string) []string {
	for _, s := range v.People.Catalogue() {
		if s.Rune == rune {
			return s.Permissions
		}
	}
	return nil
}

// licenceIn is the one of the address.
func licenceIn(v *web.Visit, p *identity.Person) (identity.Licence, error) {
	all, err := seatPriced(v, p)
	for _, l := range all {
		if l.Rune == v.Param("rune") {
			return l, nil
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "identity.licence_none")
	}
	return identity.Licence{}, err
}

// showLicence asks before a seat is given or taken, and says what it costs.
func showLicence(v *web.Visit) error {
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	l, err := licenceIn(v, p)
	if err != nil {
		return err
	}
	seats := l.Seats
	args := []any{"name", p.Name, "module", v.T(l.Rune + ".name")}
	q := question{Heading: v.T("team.licence_give_title", args...), Verb: v.T("team.licence_give"), Mild: true, Action: memberHref(v) + "/licences/" + l.Rune, Back: memberHref(v), Option: "on"}
	switch {
	case l.Given:
		q.Heading, q.Verb, q.Mild, q.Option = v.T("team.licence_take_title", args...), v.T("team.licence_take"), false, ""
		if l.HasSeat() && p.State() == "active" {
			seats--
		}
	case l.Held && p.State() == "active":
		seats++
	}
	q.Text = v.T("team.licence_costs", "price", feeOf(v, l), "from", v.Number(int64(l.Seats)), "to", v.Number(int64(seats)),
		"total", record.Money{Amount: l.Amount * int64(seats), Currency: l.Currency}.Shown(v.Lang()))
	return ask(v, q)
}

func giveLicence(v *web.Visit) error {
	p, err := memberOf(v)
	if err != nil {
		return err
	}
	l, err := licenceIn(v, p)
	if err != nil {
		return err
	}
	if err := v.People.GiveLicence(v.Context(), v.Tenant, v.Person, p.ID, l.Rune, v.Form("value") != ""); err != nil {
		return err
	}
	v.Flash(v.T("team.licence_saved"), "")
	return v.Go(memberHref(v))
}

// showLicences says how the seats of each module are given.
func showLicences(v *web.Visit) error {
	all, err := seatPriced(v, nil)
	if err != nil {
		return err
	}
	_, limited := v.Person.Area()
	p := &licencesPage{MayRule: !limited}
	for _, l := range all {
		total := record.Money{Amount: l.Amount * int64(l.Seats), Currency: l.Currency}.Shown(v.Lang())
		p.Rows = append(p.Rows, licenceRow{
			Rune: l.Rune, Name: v.T(l.Rune + ".name"), ByHand: l.ByHand, Said: v.T("team.licence_total", "n", l.Seats, "price", feeOf(v, l), "total", total),
		})
	}
	headed(v, v.T("team.licences"))
	return v.Page("licences", p)
}

func ruleLicence(v *web.Visit) error {
	l, err := licenceIn(v, nil)
	if err != nil {
		return err
	}
	if err := v.People.LicenceByHand(v.Context(), v.Tenant, v.Person, l.Rune, v.Form("way") == "hand"); err != nil {
		return err
	}
	v.Flash(v.T("team.licence_rule_saved"), "")
	return v.Go("/team/licences")
}
