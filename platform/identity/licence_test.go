package identity

import (
	"context"
	"testing"

	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

func TestASeatGivenByHandHasEffectWithTheLicenceAlone(t *testing.T) {
	s := build(t)
	s.Provide([]Shelf{{Rune: "drive", Permissions: []string{"view_storage", "manage_storage", "desktop_sync"}}, {Rune: "team", Permissions: []string{"manage_users", "manage_roles"}}})
	s.ChargeSeats([]SeatPrice{{Rune: "drive", Amount: 700, Currency: "CHF"}})
	bob := s.add(t, "bob@acme.example", "employee")
	s.add(t, "guest@else.example", "guest")
	off := s.add(t, "off@acme.example", "employee")
	must(t, s.Suspend(s.ctx, s.a, nil, off.ID))
	_, _, err := s.Invite(s.ctx, s.a, s.owner, Invitee{Email: "new@acme.example", Roles: []string{roleEmployee}})
	must(t, err)
	seats := func(p *Person) Licence {
		t.Helper()
		all, err := s.Licences(s.ctx, s.a, p)
		must(t, err)
		return all[0]
	}
	can := func(id string) bool {
		t.Helper()
		p, err := s.Member(s.ctx, s.a, id)
		must(t, err)
		return p.Can("view_storage")
	}
	// By themselves seats follow the permissions: guests without one, suspended and invited people take none.
	if l := seats(bob); l.Seats != 2 || l.ByHand || !l.HasSeat() || !can(bob.ID) {
		t.Errorf("by permissions: %+v", l)
	}
	// Whoever has a seat keeps it when somebody begins to give them; newcomers wait.
	must(t, s.LicenceByHand(s.ctx, s.a, s.owner, "drive", true))
	eve := s.add(t, "eve@acme.example", "employee")
	if l := seats(eve); l.Seats != 2 || !l.ByHand || !l.Held || l.HasSeat() || can(eve.ID) || !can(bob.ID) {
		t.Errorf("by hand: %+v, eve %v, bob %v", l, can(eve.ID), can(bob.ID))
	}
	_, reasons, err := s.Why(s.ctx, s.a, eve.ID, "view_storage")
	must(t, err)
	if len(reasons) != 2 || reasons[0].Kind != "licence" {
		t.Errorf("why not: %+v", reasons)
	}
	token := s.signIn(t, eve.Email, desk)
	must(t, s.GiveLicence(s.ctx, s.a, s.owner, eve.ID, "drive", true))
	if p, err := s.BySession(s.ctx, s.a, token); err != nil || !p.Can("view_storage") || seats(eve).Seats != 3 {
		t.Errorf("with the licence at the next request: %v, %v", p, err)
	}
	// It holds for owners, too, who can still give the right to others.
	must(t, s.GiveLicence(s.ctx, s.a, nil, s.owner.ID, "drive", false))
	owner, err := s.Member(s.ctx, s.a, s.owner.ID)
	must(t, err)
	if owner.Can("view_storage") || !owner.gives("view_storage") || !owner.Can("manage_users") {
		t.Error("an owner without a licence")
	}
	if err := s.GiveLicence(s.ctx, s.a, s.owner, bob.ID, "team", true); !fault.Is(err, fault.NotFound) {
		t.Errorf("a licence of what charges for none: %v", err)
	}
	if err := s.LicenceByHand(s.ctx, s.a, eve, "drive", false); !fault.Is(err, fault.Forbidden) {
		t.Errorf("eve changed how seats are given: %v", err)
	}
	must(t, s.LicenceByHand(s.ctx, s.a, s.owner, "drive", false))
	if !can(s.owner.ID) {
		t.Error("seats do not follow the permissions again")
	}
}

func TestASeatCostsWhatItDoesInTheCurrencyOfTheOrganisation(t *testing.T) {
	s := build(t)
	s.ChargeSeats([]SeatPrice{{Rune: "drive", Amount: 700, Currency: "CHF", Amounts: map[string]int64{"CHF": 700, "EUR": 650}}})
	must(t, s.system.Write(s.ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO tenant_orders (tenant_id, draft_id, account_id, state, method, currency, choice, lines, made_at)
			VALUES (?, 'draft', ?, 'agreed', 'invoice', 'EUR', '{}', '[]', '2026-01-01T00:00:00.000Z')`, s.b.ID, s.owner.AccountID)
		return err
	}))
	for want, t2 := range map[string]*tenant.Tenant{"CHF": s.a, "EUR": s.b} {
		all, err := s.Licences(s.ctx, t2, nil)
		must(t, err)
		if all[0].Currency != want {
			t.Errorf("a seat costs %d %s, want %s", all[0].Amount, all[0].Currency, want)
		}
	}
}
