package identity

import (
	"slices"
	"testing"
	"time"

	"runes.im/platform/fault"
)

// delegation is a member who looks after the people of one team alone, with all that could help them to more.
type delegation struct {
	*site
	team, other, desk string  // roles: the area, one outside, and the delegate's own
	delegate          *Person // as read now
	inside, outside   *Person
}

func delegate(t *testing.T) *delegation {
	t.Helper()
	s := build(t)
	d := &delegation{site: s}
	keep := func(o Role) string {
		t.Helper()
		id, err := s.KeepRole(s.ctx, s.a, s.owner, o)
		must(t, err)
		return id
	}
	d.team, d.other = keep(Role{Name: "Team"}), keep(Role{Name: "Other", Permissions: []string{"view_storage"}})
	d.desk = keep(Role{Name: "Desk", Permissions: []string{"manage_users", "manage_roles", "view_storage"}, Limited: true, Area: []string{d.team}})
	who := s.add(t, "dana@acme.example", "Desk")
	d.inside, d.outside = s.add(t, "in@acme.example", "Team"), s.add(t, "out@acme.example", "Other")
	var err error
	d.delegate, err = s.Member(s.ctx, s.a, who.ID)
	must(t, err)
	return d
}

func TestADelegateManagesTheirAreaAndNobodyElse(t *testing.T) {
	d := delegate(t)
	reach, limited := d.delegate.Area()
	if !limited || !slices.Equal(reach, []string{d.team}) || !d.delegate.Can("manage_users") {
		t.Fatalf("the area is %v, limited %v", reach, limited)
	}
	_, _, err := d.Invite(d.ctx, d.a, d.delegate, Invitee{Email: "new@acme.example", Roles: []string{d.team}})
	must(t, err)
	must(t, d.Suspend(d.ctx, d.a, d.delegate, d.inside.ID))
	must(t, d.Resume(d.ctx, d.a, d.delegate, d.inside.ID))
	must(t, d.SignOutMember(d.ctx, d.a, d.delegate, d.inside.ID, true))

	both := d.add(t, "both@acme.example", "Team")
	must(t, d.GiveRoles(d.ctx, d.a, d.owner, both.ID, []string{d.other}))
	bare := d.add(t, "bare@acme.example", "Team")
	must(t, d.TakeRole(d.ctx, d.a, d.owner, bare.ID, d.team))
	peer := d.add(t, "peer@acme.example", "Team")
	must(t, d.Decide(d.ctx, d.a, d.owner, peer.ID, "manage_users", Grant))
	for what, id := range map[string]string{
		"somebody of another role": d.outside.ID, "somebody of both": both.ID, "somebody without a role": bare.ID, "themselves": d.delegate.ID,
		"the owner": d.owner.ID, "somebody of the team who manages everybody": peer.ID,
	} {
		for deed, do := range map[string]func() error{
			"suspended":          func() error { return d.Suspend(d.ctx, d.a, d.delegate, id) },
			"deactivated":        func() error { return d.Deactivate(d.ctx, d.a, d.delegate, id) },
			"gave a role to":     func() error { return d.GiveRoles(d.ctx, d.a, d.delegate, id, []string{d.team}) },
			"took the role from": func() error { return d.TakeRole(d.ctx, d.a, d.delegate, id, d.desk) },
			"signed out":         func() error { return d.SignOutMember(d.ctx, d.a, d.delegate, id, true) },
			"reset the password of": func() error {
				_, err := d.MakeReset(d.ctx, d.a, d.delegate, id)
				return err
			},
			"reset the factors of": func() error { return d.ResetFactors(d.ctx, d.a, d.delegate, id) },
			"decided a right of":   func() error { return d.Decide(d.ctx, d.a, d.delegate, id, "view_storage", Grant) },
			"hid entries of":       func() error { return d.HideEntries(d.ctx, d.a, d.delegate, id, nil) },
			"hosted": func() error {
				return d.Host(d.ctx, d.a, d.delegate, id, Guest{Sponsor: d.owner.ID, Ends: d.time().Add(time.Hour)})
			},
		} {
			if err := do(); !fault.Is(err, fault.Forbidden) {
				t.Errorf("a delegate %s %s: %v", deed, what, err)
			}
		}
	}
}

func TestADelegateGetsNoFurther(t *testing.T) {
	d := delegate(t)
	wide := Role{ID: d.desk, Name: "Desk", Permissions: []string{"manage_users", "manage_roles", "view_storage"}}
	wider := wide
	wider.Limited, wider.Area = true, []string{d.team, d.other}
	none := wide
	none.Permissions = []string{"manage_roles", "view_storage"}
	invite := func(roles ...string) func() error {
		return func() error {
			_, _, err := d.Invite(d.ctx, d.a, d.delegate, Invitee{Email: "eve@acme.example", Roles: roles})
			return err
		}
	}
	i, _, err := d.Invite(d.ctx, d.a, d.owner, Invitee{Email: "late@acme.example", Roles: []string{d.other}})
	must(t, err)
	for what, try := range map[string]func() error{
		"invited into another role":         invite(d.other),
		"invited into both":                 invite(d.team, d.other),
		"invited an administrator":          invite(roleAdmin),
		"invited a second delegate":         invite(d.desk),
		"sent the invitation of others":     func() error { _, _, err := d.InviteAgain(d.ctx, d.a, d.delegate, i.ID); return err },
		"withdrew the invitation of others": func() error { return d.Withdraw(d.ctx, d.a, d.delegate, i.ID) },
		"imported beside the area": func() error {
			_, _, err := d.InviteAll(d.ctx, d.a, d.delegate, []Invitee{{Email: "a@acme.example", Roles: []string{d.team}}, {Email: "b@acme.example", Roles: []string{d.other}}})
			return err
		},
		"moved somebody out":           func() error { return d.GiveRoles(d.ctx, d.a, d.delegate, d.inside.ID, []string{d.other}) },
		"made somebody a delegate":     func() error { return d.GiveRoles(d.ctx, d.a, d.delegate, d.inside.ID, []string{d.desk}) },
		"took their own limit away":    func() error { _, err := d.KeepRole(d.ctx, d.a, d.delegate, wide); return err },
		"widened their own area":       func() error { _, err := d.KeepRole(d.ctx, d.a, d.delegate, wider); return err },
		"took the right out of a role": func() error { _, err := d.KeepRole(d.ctx, d.a, d.delegate, none); return err },
		"made a role with the right": func() error {
			_, err := d.KeepRole(d.ctx, d.a, d.delegate, Role{Name: "Mine", Permissions: []string{"manage_users"}})
			return err
		},
		"put the right into the team's role": func() error {
			_, err := d.KeepRole(d.ctx, d.a, d.delegate, Role{ID: d.team, Name: "Team", Permissions: []string{"manage_users"}})
			return err
		},
		"granted the right to somebody": func() error { return d.Decide(d.ctx, d.a, d.delegate, d.inside.ID, "manage_users", Grant) },
		"limited a grant":               func() error { return d.LimitMember(d.ctx, d.a, d.delegate, d.inside.ID, []string{d.other}) },
		"made a program that may": func() error {
			_, err := d.AddService(d.ctx, d.a, d.delegate, "robot", []string{"manage_users"})
			return err
		},
		"made an owner": func() error { return d.SetOwner(d.ctx, d.a, d.delegate, d.inside.ID, true) },
	} {
		if err := try(); !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Invalid) {
			t.Errorf("a delegate %s: %v", what, err)
		}
	}
	if err := d.TakeRole(d.ctx, d.a, d.delegate, d.inside.ID, d.team); !fault.Is(err, fault.Conflict) {
		t.Errorf("a delegate let somebody fall out of the area: %v", err)
	}
	// A token of their own carries the limit along.
	_, secret, err := d.MakeAPIToken(d.ctx, d.a, d.delegate.ID, NewToken{Name: "mine", Scopes: []string{"manage_users"}, Lasts: time.Hour})
	must(t, err)
	by, err := d.ByAPIToken(d.ctx, d.a, secret, desk)
	must(t, err)
	if err := d.Suspend(d.ctx, d.a, by, d.outside.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a token suspended somebody outside: %v", err)
	}
}

func TestAnAreaIsWidenedByOtherGrantsAndGoesWithItsRole(t *testing.T) {
	d := delegate(t)
	read := func() *Person {
		t.Helper()
		p, err := d.Member(d.ctx, d.a, d.delegate.ID)
		must(t, err)
		return p
	}
	must(t, d.Decide(d.ctx, d.a, d.owner, d.delegate.ID, "manage_users", Grant))
	if _, limited := read().Area(); limited {
		t.Error("a grant without limits is limited")
	}
	must(t, d.LimitMember(d.ctx, d.a, d.owner, d.delegate.ID, []string{d.other}))
	if reach, _ := read().Area(); len(reach) != 2 {
		t.Errorf("the areas of role and grant come to %v, want both", reach)
	}
	_, reasons, err := d.Why(d.ctx, d.a, d.delegate.ID, "manage_users")
	must(t, err)
	if len(reasons) != 2 || !slices.Equal(reasons[0].Area, []string{d.other}) || !slices.Equal(reasons[1].Area, []string{d.team}) {
		t.Errorf("why: %+v", reasons)
	}
	must(t, d.Decide(d.ctx, d.a, d.owner, d.delegate.ID, "manage_users", Follow))
	must(t, d.Decide(d.ctx, d.a, d.owner, d.delegate.ID, "manage_users", Deny))
	must(t, d.Decide(d.ctx, d.a, d.owner, d.delegate.ID, "manage_users", Follow))
	if reach, limited := read().Area(); !limited || len(reach) != 1 {
		t.Errorf("back to the role's area: %v, %v", reach, limited)
	}
	// A role that is no more is nobody's area, not everybody's.
	must(t, d.RemoveRole(d.ctx, d.a, d.owner, d.team, d.other))
	p := read()
	if _, limited := p.Area(); !limited || p.Reaches([]string{d.other}) {
		t.Error("without its role the area reaches others")
	}
}
