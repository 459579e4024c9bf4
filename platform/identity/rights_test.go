package identity

import (
	"slices"
	"strings"
	"testing"

	"runes.im/platform/fault"
)

func (s *site) fresh(t *testing.T, p *Person) *Person {
	t.Helper()
	found, err := s.Member(s.ctx, s.a, p.ID)
	must(t, err)
	return found
}

// officer is a member who may manage people and roles and little else.
func (s *site) officer(t *testing.T) *Person {
	t.Helper()
	must(t, s.SaveRole(s.ctx, s.a, "Officer", []string{"manage_users", "manage_roles", "view_storage"}))
	return s.add(t, "officer@acme.example", "Officer")
}

func TestADenialWinsAndAGrantAdds(t *testing.T) {
	s := build(t)
	for _, c := range []struct {
		role, permission, way string
		holds, lacks          []string
	}{
		{"guest", "manage_storage", Grant, []string{"manage_storage", "view_storage"}, []string{"use_chat"}},
		{"employee", "use_chat", Deny, []string{"view_storage"}, []string{"use_chat"}},
		{"admin", "view_storage", Deny, []string{"use_chat", "from_a_later_rune"}, []string{"view_storage", "manage_storage"}},
		{"admin", "manage_storage", Deny, []string{"view_storage"}, []string{"manage_storage"}},
	} {
		p := s.add(t, strings.ReplaceAll(c.role+c.permission, "_", "")+"@acme.example", c.role)
		must(t, s.Decide(s.ctx, s.a, s.owner, p.ID, c.permission, c.way))
		p = s.fresh(t, p)
		for _, permission := range c.holds {
			if !p.Can(permission) {
				t.Errorf("%s with %s %s: lacks %s", c.role, c.permission, c.way, permission)
			}
		}
		for _, permission := range c.lacks {
			if p.Can(permission) {
				t.Errorf("%s with %s %s: holds %s", c.role, c.permission, c.way, permission)
			}
		}
		if p.Way(c.permission) != c.way {
			t.Errorf("the way is %q, want %q", p.Way(c.permission), c.way)
		}
		must(t, s.Decide(s.ctx, s.a, s.owner, p.ID, c.permission, Follow))
		if p = s.fresh(t, p); p.Way(c.permission) != Follow {
			t.Errorf("%s: the exception stayed", c.permission)
		}
	}
	if found, err := s.Exceptions(s.ctx, s.a); err != nil || len(found) != 0 {
		t.Errorf("exceptions = %v, %v, want none", found, err)
	}
}

func TestWhyNamesEveryWayThatLeadsToARight(t *testing.T) {
	s := build(t)
	must(t, s.SaveRole(s.ctx, s.a, "Archivist", []string{"manage_storage"}))
	p := s.add(t, "bob@acme.example", "Archivist")
	must(t, s.GiveRoles(s.ctx, s.a, s.owner, p.ID, []string{roleEmployee}))
	must(t, s.Decide(s.ctx, s.a, s.owner, p.ID, "view_storage", Grant))
	told := func(permission string) string {
		t.Helper()
		may, reasons, err := s.Why(s.ctx, s.a, p.ID, permission)
		must(t, err)
		if may != s.fresh(t, p).Can(permission) {
			t.Errorf("%s: the page says %v, the door the opposite", permission, may)
		}
		var parts []string
		for _, r := range reasons {
			parts = append(parts, strings.TrimSpace(r.Kind+" "+r.Role+" "+r.Via))
		}
		return strings.Join(parts, ", ")
	}
	for permission, want := range map[string]string{
		"view_storage":   "granted, role Employee, role Archivist manage_storage",
		"manage_storage": "role Archivist",
		"use_chat":       "role Employee",
		"manage_users":   "",
	} {
		if got := told(permission); got != want {
			t.Errorf("%s because of %q, want %q", permission, got, want)
		}
	}
	must(t, s.Decide(s.ctx, s.a, s.owner, p.ID, "view_storage", Deny))
	if got := told("manage_storage"); got != "denied  view_storage, role Archivist" {
		t.Errorf("after the denial: %q", got)
	}
	must(t, s.Suspend(s.ctx, s.a, s.owner, p.ID))
	if got := told("use_chat"); got != "state, role Employee" {
		t.Errorf("after the suspension: %q", got)
	}
	if _, _, err := s.Why(s.ctx, s.a, p.ID, "fly"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown permission: %v", err)
	}
}

func TestNobodyGivesWhatTheyDoNotHold(t *testing.T) {
	s := build(t)
	officer := s.officer(t)
	must(t, s.SaveRole(s.ctx, s.a, "Archivist", []string{"manage_storage"}))
	must(t, s.SaveRole(s.ctx, s.a, "Reader", []string{"view_storage"}))
	bob := s.add(t, "bob@acme.example", "Reader")
	role := func(name string) string {
		t.Helper()
		found, err := roleNamed(s.ctx, s.a.DB, name)
		must(t, err)
		return found
	}
	for what, err := range map[string]error{
		"grants":              s.Decide(s.ctx, s.a, officer, bob.ID, "manage_storage", Grant),
		"gives a role":        s.GiveRoles(s.ctx, s.a, officer, bob.ID, []string{role("Archivist")}),
		"gives Admin":         s.GiveRoles(s.ctx, s.a, officer, bob.ID, []string{roleAdmin}),
		"gives it to self":    s.GiveRoles(s.ctx, s.a, officer, officer.ID, []string{roleAdmin}),
		"suspends the owner":  s.Suspend(s.ctx, s.a, officer, s.owner.ID),
		"demotes the owner":   s.TakeRole(s.ctx, s.a, officer, s.owner.ID, roleAdmin),
		"denies the owner":    s.Decide(s.ctx, s.a, officer, s.owner.ID, "view_storage", Deny),
		"signs the owner out": s.SignOutMember(s.ctx, s.a, officer, s.owner.ID, true),
	} {
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("somebody %s: %v, want a refusal", what, err)
		}
	}
	_, err := s.KeepRole(s.ctx, s.a, officer, Role{Name: "Mine", Permissions: []string{"manage_storage"}})
	if !fault.Is(err, fault.Forbidden) {
		t.Errorf("made a role beyond their own rights: %v", err)
	}
	_, _, err = s.Invite(s.ctx, s.a, officer, Invitee{Email: "eve@acme.example", Name: "Eve", Roles: []string{role("Archivist")}})
	if !fault.Is(err, fault.Forbidden) {
		t.Errorf("invited with a role beyond their own: %v", err)
	}
	must(t, s.GiveRoles(s.ctx, s.a, officer, bob.ID, []string{role("Officer")}))
	must(t, s.TakeRole(s.ctx, s.a, officer, bob.ID, role("Officer")))
	if got := s.fresh(t, bob); got.Can("manage_users") || len(got.Roles) != 1 {
		t.Errorf("roles are %v", got.Roles)
	}
}

func TestARoleIsMadeChangedAndRemoved(t *testing.T) {
	s := build(t)
	made, err := s.KeepRole(s.ctx, s.a, s.owner, Role{Name: "  Sales Team ", Category: "contacts", Permissions: []string{"use_chat"}})
	must(t, err)
	if _, err := s.KeepRole(s.ctx, s.a, s.owner, Role{Name: "sales team"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("two roles of one name: %v", err)
	}
	bob, both := s.add(t, "bob@acme.example", made), s.add(t, "both@acme.example", made)
	must(t, s.GiveRoles(s.ctx, s.a, nil, both.ID, []string{roleGuest}))
	_, err = s.KeepRole(s.ctx, s.a, s.owner, Role{ID: made, Name: "Sales", Permissions: []string{"view_storage"}})
	must(t, err)
	if p := s.fresh(t, bob); p.Can("use_chat") || !p.Can("view_storage") {
		t.Error("the change does not hold")
	}
	if err := s.RemoveRole(s.ctx, s.a, s.owner, made, ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("somebody would be left without a role: %v", err)
	}
	must(t, s.RemoveRole(s.ctx, s.a, s.owner, made, roleEmployee))
	if got := s.fresh(t, bob).Roles; !slices.Equal(got, []string{roleEmployee}) {
		t.Errorf("bob has %v", got)
	}
	if got := s.fresh(t, both).Roles; !slices.Equal(got, []string{roleGuest}) {
		t.Errorf("both has %v", got)
	}
	if err := s.RemoveRole(s.ctx, s.a, s.owner, roleGuest, roleAdmin); !fault.Is(err, fault.Conflict) {
		t.Errorf("a default role went: %v", err)
	}
	// Admin keeps the keys whatever is unticked, and loses the rest.
	_, err = s.KeepRole(s.ctx, s.a, s.owner, Role{ID: roleAdmin, Name: "Admin"})
	must(t, err)
	admin, err := s.Role(s.ctx, s.a, roleAdmin)
	must(t, err)
	for _, permission := range []string{"manage_users", "manage_roles"} {
		if !slices.Contains(admin.Permissions, permission) {
			t.Errorf("Admin lost %s", permission)
		}
	}
	if slices.Contains(admin.Permissions, "use_chat") {
		t.Error("Admin still holds what was taken away")
	}
}

func TestTheLastAdministratorAndTheLastOwnerStay(t *testing.T) {
	s := build(t)
	second := s.add(t, "second@acme.example", roleAdmin)
	must(t, s.TakeRole(s.ctx, s.a, s.owner, s.owner.ID, roleAdmin))
	for what, err := range map[string]error{
		"loses the role":     s.TakeRole(s.ctx, s.a, s.owner, second.ID, roleAdmin),
		"is suspended":       s.Suspend(s.ctx, s.a, s.owner, second.ID),
		"is deactivated":     s.Deactivate(s.ctx, s.a, s.owner, second.ID),
		"owner is suspended": s.Suspend(s.ctx, s.a, s.owner, s.owner.ID),
	} {
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("the last one %s: %v, want a refusal", what, err)
		}
	}
	third := s.add(t, "third@acme.example", roleAdmin)
	must(t, s.Deactivate(s.ctx, s.a, s.owner, second.ID))
	if got := s.fresh(t, second); got.State() != deactivated || got.Can("use_chat") {
		t.Errorf("state %s", got.State())
	}
	must(t, s.Resume(s.ctx, s.a, third, second.ID))
	if got := s.fresh(t, second); !got.Can("use_chat") || !slices.Equal(got.Roles, []string{roleAdmin}) {
		t.Errorf("came back as %s with %v", got.State(), got.Roles)
	}
}

func TestAnInvitationIsTakenUpOnce(t *testing.T) {
	s := build(t)
	i, token, err := s.Invite(s.ctx, s.a, s.owner, Invitee{Email: " New@acme.example", Name: "New Person", Roles: []string{roleEmployee, roleGuest}})
	must(t, err)
	for what, invite := range map[string]func() error{
		"twice": func() error {
			_, _, err := s.Invite(s.ctx, s.a, s.owner, Invitee{Email: "new@ACME.example", Name: "", Roles: []string{roleGuest}})
			return err
		},
		"a member": func() error {
			_, _, err := s.Invite(s.ctx, s.a, s.owner, Invitee{Email: ada, Name: "", Roles: []string{roleGuest}})
			return err
		},
		"no address": func() error {
			_, _, err := s.Invite(s.ctx, s.a, s.owner, Invitee{Email: "new", Name: "", Roles: []string{roleGuest}})
			return err
		},
		"no role": func() error {
			_, _, err := s.Invite(s.ctx, s.a, s.owner, Invitee{Email: "other@acme.example", Name: "", Roles: nil})
			return err
		},
	} {
		if err := invite(); !fault.Is(err, fault.Invalid) {
			t.Errorf("invited %s: %v", what, err)
		}
	}
	if _, err := s.Join(s.ctx, s.b, token, Newcomer{Name: "New", Password: password}, false, desk); !fault.Is(err, fault.NotFound) {
		t.Errorf("the link opens another organisation: %v", err)
	}
	if _, err := s.Join(s.ctx, s.a, token, Newcomer{Name: "New", Password: "short"}, false, desk); !fault.Is(err, fault.Invalid) {
		t.Errorf("a short password: %v", err)
	}
	session, err := s.Join(s.ctx, s.a, token, Newcomer{Name: "Nora New", Password: password, Locale: "fr"}, false, desk)
	must(t, err)
	p, err := s.BySession(s.ctx, s.a, session)
	must(t, err)
	if p.Name != "Nora New" || !slices.Equal(p.Roles, []string{roleEmployee, roleGuest}) || p.Locale != "fr" {
		t.Errorf("joined as %q with %v in %s", p.Name, p.Roles, p.Locale)
	}
	if _, err := s.Join(s.ctx, s.a, token, Newcomer{Name: "Again", Password: password}, false, desk); !fault.Is(err, fault.NotFound) {
		t.Errorf("the link opens twice: %v", err)
	}
	if open, err := s.Invitations(s.ctx, s.a); err != nil || len(open) != 0 {
		t.Errorf("open are %v, %v after %s was taken up", open, err, i.ID)
	}
}

func TestWhoHasAnAccountJoinsWithItsPassword(t *testing.T) {
	s := build(t)
	_, err := s.AddMember(s.ctx, s.b, NewMember{Email: "boss@globex.example", Name: "Boss", Role: "admin", Owner: true})
	must(t, err)
	_, token, err := s.Invite(s.ctx, s.b, nil, Invitee{Email: ada, Roles: []string{roleGuest}})
	must(t, err)
	if _, err := s.Join(s.ctx, s.b, token, Newcomer{Name: "Eve", Password: "another password"}, false, desk); !fault.Is(err, fault.Conflict) {
		t.Errorf("an invitation gave an account a new password: %v", err)
	}
	if _, err := s.JoinKnown(s.ctx, s.b, token, "another password", false, desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("joined without the password: %v", err)
	}
	session, err := s.JoinKnown(s.ctx, s.b, token, password, false, desk)
	must(t, err)
	p, err := s.BySession(s.ctx, s.b, session)
	must(t, err)
	if p.AccountID != s.owner.AccountID || p.Name != "Ada Lovelace" || p.Owner {
		t.Errorf("joined as %+v", p)
	}
}

func TestInvitationsEndAreRenewedAndWithdrawn(t *testing.T) {
	s := build(t)
	i, old, err := s.Invite(s.ctx, s.a, s.owner, Invitee{Email: "late@acme.example", Name: "", Roles: []string{roleGuest}})
	must(t, err)
	s.later(InvitationLasts)
	if _, _, err := s.Invited(s.ctx, s.a, old); !fault.Is(err, fault.NotFound) {
		t.Errorf("an invitation outlives its end: %v", err)
	}
	i, token, err := s.InviteAgain(s.ctx, s.a, s.owner, i.ID)
	must(t, err)
	if _, _, err := s.Invited(s.ctx, s.a, old); !fault.Is(err, fault.NotFound) {
		t.Errorf("the old link still opens: %v", err)
	}
	if _, has, err := s.Invited(s.ctx, s.a, token); err != nil || has {
		t.Errorf("the new link: %v, has an account %v", err, has)
	}
	must(t, s.Withdraw(s.ctx, s.a, s.owner, i.ID))
	if _, _, err := s.Invited(s.ctx, s.a, token); !fault.Is(err, fault.NotFound) {
		t.Errorf("a withdrawn invitation opens: %v", err)
	}
}

func TestSigningOutOthersEndsEverything(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	token := s.signIn(t, bob.Email, desk)
	_, secret := s.program(t, bob.ID, "sync")
	must(t, s.SignOutMember(s.ctx, s.a, s.owner, bob.ID, false))
	if _, err := s.BySession(s.ctx, s.a, token); !fault.Is(err, fault.SignedOut) {
		t.Errorf("the session lives: %v", err)
	}
	_, err := s.ByAppPassword(s.ctx, s.a, bob.ID, secret, "sync", desk)
	must(t, err)
	must(t, s.SignOutMember(s.ctx, s.a, s.owner, bob.ID, true))
	if _, err := s.ByAppPassword(s.ctx, s.a, bob.ID, secret, "sync", desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("the program lives: %v", err)
	}
}
