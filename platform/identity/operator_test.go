package identity

import (
	"testing"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/tenant"
)

func TestOperatorsAreNamedAndUnnamed(t *testing.T) {
	s := build(t)
	is := func() bool {
		t.Helper()
		is, err := s.IsOperator(s.ctx, s.owner.AccountID)
		must(t, err)
		return is
	}
	if is() {
		t.Error("an owner is no operator by herself")
	}
	if err := s.AddOperator(s.ctx, "nobody@acme.example"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown address: %v", err)
	}
	must(t, s.AddOperator(s.ctx, " ADA@acme.example "))
	must(t, s.AddOperator(s.ctx, ada))
	all, err := s.Operators(s.ctx)
	must(t, err)
	if !is() || len(all) != 1 || all[0].Email != ada {
		t.Errorf("operators: %+v", all)
	}
	must(t, s.RemoveOperator(s.ctx, ada))
	if is() {
		t.Error("still an operator")
	}
	lines, err := audit.Lines(s.ctx, s.system, 0, 2)
	must(t, err)
	if len(lines) != 2 || lines[0].Action != "appliance.operator_removed" || lines[1].Action != "appliance.operator_added" {
		t.Errorf("log: %+v", lines)
	}
}

// An organisation that the operator made has no owner until the one who was asked arrives; later ones own nothing.
func TestTheFirstOneWhomTheHouseAsksOwnsTheOrganisation(t *testing.T) {
	s := build(t)
	first, old, err := s.InviteOwner(s.ctx, s.b, "gus@globex.example", "Gus")
	must(t, err)
	if email, waits, err := Ownerless(s.ctx, s.b.DB); email != first.Email || !waits || err != nil {
		t.Errorf("waits for %q, %v, %v", email, waits, err)
	}
	_, token, err := s.InviteOwner(s.ctx, s.b, "gus@globex.example", "Gus")
	must(t, err)
	if _, _, err := s.Invited(s.ctx, s.b, old); !fault.Is(err, fault.NotFound) {
		t.Errorf("the earlier link: %v", err)
	}
	_, err = s.Join(s.ctx, s.b, token, Newcomer{Name: "Gus", Password: password}, false, desk)
	must(t, err)
	gus, err := s.MemberByEmail(s.ctx, s.b, "gus@globex.example")
	must(t, err)
	if _, waits, err := Ownerless(s.ctx, s.b.DB); !gus.Owner || waits || err != nil {
		t.Errorf("owner: %v, waits: %v, %v", gus.Owner, waits, err)
	}
	if _, _, err := s.InviteOwner(s.ctx, s.b, "eve@globex.example", "Eve"); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second owner by invitation: %v", err)
	}
	_, token, err = s.Invite(s.ctx, s.b, nil, Invitee{Email: "eve@globex.example", Name: "Eve", Roles: []string{"employee"}})
	must(t, err)
	_, err = s.Join(s.ctx, s.b, token, Newcomer{Name: "Eve", Password: password}, false, desk)
	must(t, err)
	if eve, err := s.MemberByEmail(s.ctx, s.b, "eve@globex.example"); err != nil || eve.Owner {
		t.Errorf("the second one: %+v, %v", eve, err)
	}
}

func TestNoMorePeopleThanTheOperatorAllows(t *testing.T) {
	s := build(t)
	allow := func(members int) {
		t.Helper()
		must(t, s.tenants.SetLimits(s.ctx, "acme", tenant.Limits{Members: members}))
	}
	full := func(what string, err error) {
		t.Helper()
		if !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want a refusal", what, err)
		}
	}
	bob := s.add(t, "bob@acme.example", "employee")
	allow(2)
	_, err := s.AddMember(s.ctx, s.a, NewMember{Email: "eve@acme.example", Name: "Eve", Role: "employee"})
	full("added", err)
	eve := Invitee{Email: "eve@acme.example", Name: "Eve", Roles: []string{"employee"}}
	_, _, err = s.Invite(s.ctx, s.a, s.owner, eve)
	full("invited", err)
	_, _, err = s.InviteAll(s.ctx, s.a, s.owner, []Invitee{eve})
	full("invited with others", err)

	must(t, s.Suspend(s.ctx, s.a, s.owner, bob.ID))
	_, token, err := s.Invite(s.ctx, s.a, s.owner, eve)
	must(t, err)
	full("reactivated into the place of somebody invited", s.Resume(s.ctx, s.a, s.owner, bob.ID))
	allow(1)
	_, err = s.Join(s.ctx, s.a, token, Newcomer{Name: "Eve", Password: password}, false, desk)
	full("joined when less is allowed by now", err)
	allow(0)
	_, err = s.Join(s.ctx, s.a, token, Newcomer{Name: "Eve", Password: password}, false, desk)
	must(t, err)
	must(t, s.Resume(s.ctx, s.a, s.owner, bob.ID))
}
