package identity

import (
	"context"
	"slices"
	"testing"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

func TestWhatRolesMayDo(t *testing.T) {
	s := build(t)
	must(t, s.SaveRole(s.ctx, s.a, "Archivist", []string{"manage_storage"}))
	must(t, s.SaveRole(s.ctx, s.a, "Nothing", nil))
	people := map[string]*Person{"owner": s.owner}
	for _, role := range []string{"admin", "employee", "guest", "Archivist", "nothing"} {
		people[role] = s.add(t, role+"@acme.example", role)
	}
	matrix := map[string][]string{ // permission → who holds it
		"":                  {"admin", "archivist", "employee", "guest", "nothing", "owner"},
		"view_storage":      {"admin", "archivist", "employee", "owner"},
		"manage_storage":    {"admin", "archivist", "owner"},
		"desktop_sync":      {"admin", "employee", "owner"},
		"use_chat":          {"admin", "employee", "owner"},
		"manage_users":      {"admin", "owner"},
		"view_users":        {"admin", "owner"},
		"view_audit_log":    {"admin", "owner"},
		"from_a_later_rune": {"admin", "owner"},
	}
	for permission, want := range matrix {
		var got []string
		for who, p := range people {
			if p.Can(permission) {
				got = append(got, fold(who))
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q is held by %v, want %v", permission, got, want)
		}
	}
	if (*Person)(nil).Can("") {
		t.Error("nobody may do something")
	}
}

func TestRightsAreTheUnionOfRoles(t *testing.T) {
	known := []string{"view_storage", "manage_storage", "view_boards", "manage_boards", "manage_users", "view_audit_log"}
	for _, c := range []struct {
		what    string
		roles   []string
		decided map[string]decisions
		has     []string
		lacks   []string
	}{
		{"two roles add up", []string{"a", "b"}, map[string]decisions{"a": {"view_storage": true}, "b": {"view_boards": true}}, []string{"view_storage", "view_boards"}, []string{"manage_boards"}},
		{"one role's no is not the other's", []string{"a", "employee"}, map[string]decisions{"employee": {"view_storage": false}, "a": {"view_storage": true}}, []string{"view_storage"}, nil},
		{"an employee's no", []string{"employee"}, map[string]decisions{"employee": {"view_storage": false}}, []string{"view_boards"}, []string{"view_storage"}},
		{"an employee's extra", []string{"employee"}, map[string]decisions{"employee": {"view_audit_log": true}}, []string{"view_audit_log"}, nil},
		{"an admin's no", []string{"admin"}, map[string]decisions{"admin": {"manage_boards": false, "view_boards": false}}, []string{"view_storage"}, []string{"manage_boards", "view_boards"}},
		{"an admin's no for looking at what they manage", []string{"admin"}, map[string]decisions{"admin": {"view_boards": false}}, []string{"manage_boards", "view_boards"}, nil},
		{"an admin's no that another role gives back", []string{"a", "admin"}, map[string]decisions{"admin": {"view_audit_log": false}, "a": {"view_audit_log": true}}, []string{"view_audit_log"}, nil},
		{"an admin keeps the keys", []string{"admin"}, map[string]decisions{"admin": {"manage_users": false, "manage_roles": false}}, []string{"manage_users", "manage_roles"}, nil},
		{"no role at all", nil, nil, nil, known},
	} {
		r := rightsOf(c.roles, c.decided, known)
		for _, permission := range c.has {
			if !r.hold(permission) {
				t.Errorf("%s: lacks %s", c.what, permission)
			}
		}
		for _, permission := range c.lacks {
			if r.hold(permission) {
				t.Errorf("%s: holds %s", c.what, permission)
			}
		}
	}
}

func TestAChangedRoleHoldsFromTheNextRequest(t *testing.T) {
	s := build(t)
	must(t, s.SaveRole(s.ctx, s.a, "Archivist", []string{"view_storage", "manage_storage"}))
	bob := s.add(t, "bob@acme.example", "Archivist")
	token := s.signIn(t, bob.Email, desk)
	_, secret := s.program(t, bob.ID, "sync")
	can := func() (page, program bool) {
		p, err := s.BySession(s.ctx, s.a, token)
		must(t, err)
		q, err := s.ByAppPassword(s.ctx, s.a, bob.ID, secret, "sync", desk)
		must(t, err)
		return p.Can("view_storage"), q.Can("view_storage")
	}
	if page, program := can(); !page || !program {
		t.Fatal("the role does not hold")
	}
	must(t, s.SaveRole(s.ctx, s.a, "Archivist", []string{"desktop_sync"}))
	if page, program := can(); page || program {
		t.Errorf("the right is still held: page %v, program %v", page, program)
	}
	must(t, s.SaveRole(s.ctx, s.a, "Archivist", []string{"view_storage"}))
	if page, program := can(); !page || !program {
		t.Errorf("the right is not back: page %v, program %v", page, program)
	}
	if err := s.SaveRole(s.ctx, s.a, "Archivist", []string{"fly"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("gave an unknown permission: %v", err)
	}
}

func TestAWriteThatFailsChangesNobodysRights(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", "")
	token := s.signIn(t, bob.Email, desk)
	oops := fault.New(fault.Conflict, "identity.member_exists")
	err := s.change(s.ctx, s.a, nil, bob.ID, suspended, func(context.Context, *store.Tx, *Person) error { return oops })
	if !fault.Is(err, fault.Conflict) || !s.isIn(t, s.a, token) {
		t.Errorf("a refused change (%v) took the session away", err)
	}
}

func TestSuspensionTakesEveryDoorAway(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", "")
	token := s.signIn(t, bob.Email, desk)
	_, secret := s.program(t, bob.ID, "sync", "smtp")
	p, err := s.BySession(s.ctx, s.a, token)
	must(t, err)
	if !s.letsIn(t, s.a, bob.Email, secret, "sync") {
		t.Fatal("the app password does not work")
	}
	page := s.hub.Open(s.a.ID, bob.ID, p.Session, 10)
	must(t, s.Suspend(s.ctx, s.a, nil, bob.ID))

	if s.isIn(t, s.a, token) || s.letsIn(t, s.a, bob.Email, secret, "sync") || s.letsIn(t, s.a, bob.ID, secret, "smtp") || !gone(page) {
		t.Error("a door is still open")
	}
	if _, err := s.SignIn(s.ctx, s.a, bob.Email, password, false, desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("a suspended member signed in: %v", err)
	}
	bob, err = s.Member(s.ctx, s.a, bob.ID)
	must(t, err)
	if bob.State() != "suspended" || bob.Can("") {
		t.Errorf("the member is %s and may enter: %v", bob.State(), bob.Can(""))
	}
	if _, _, err := s.MakeAppPassword(s.ctx, s.a, bob.ID, "x", []string{"sync"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("made an app password for a suspended member: %v", err)
	}

	must(t, s.Resume(s.ctx, s.a, nil, bob.ID))
	if s.isIn(t, s.a, token) || s.letsIn(t, s.a, bob.Email, secret, "sync") {
		t.Error("an ended door opened again")
	}
	fresh := s.signIn(t, bob.Email, desk)
	p, err = s.BySession(s.ctx, s.a, fresh)
	must(t, err)
	if !p.Can("view_storage") {
		t.Error("the roles of before are gone")
	}
	must(t, s.Resume(s.ctx, s.a, nil, bob.ID))
	if s.lines(t, "identity.member_suspended") != 1 || s.lines(t, "identity.member_resumed") != 1 {
		t.Error("the log does not tell about suspending and resuming once each")
	}
}

func TestASuspendedAccountSignsInNowhere(t *testing.T) {
	s := build(t)
	s.signIn(t, ada, desk)
	must(t, s.system.Write(s.ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE identity_accounts SET state = 'suspended' WHERE id = ?`, s.owner.AccountID)
		return err
	}))
	if _, err := s.SignIn(s.ctx, s.a, ada, password, false, desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("a suspended account signed in: %v", err)
	}
	p, err := s.Member(s.ctx, s.a, s.owner.ID)
	must(t, err)
	if p.Can("") {
		t.Error("a member with a suspended account may do something")
	}
}

func TestTheLastOwnerStays(t *testing.T) {
	s := build(t)
	if err := s.Suspend(s.ctx, s.a, nil, s.owner.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("suspended the last owner: %v", err)
	}
	other, err := s.AddMember(s.ctx, s.a, NewMember{Email: "eve@acme.example", Name: "Eve", Owner: true, Role: "admin"})
	must(t, err)
	must(t, s.Suspend(s.ctx, s.a, nil, s.owner.ID))
	if err := s.Suspend(s.ctx, s.a, nil, other.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("suspended the last owner: %v", err)
	}
}

func TestAddingMembers(t *testing.T) {
	s := build(t)
	problem := func(what, field, key string, n NewMember) {
		t.Helper()
		_, err := s.AddMember(s.ctx, s.a, n)
		if f := fault.Of(err); f == nil || f.Problems[field].Key != key {
			t.Errorf("%s: %v, want %s at %s", what, err, key, field)
		}
	}
	bob := s.add(t, "Bob@acme.example", "")
	if !slices.Equal(bob.Roles, []string{"employee"}) || bob.Email != "Bob@acme.example" {
		t.Errorf("bob is %+v", bob)
	}
	problem("the same address", "email", "identity.member_exists", NewMember{Email: "BOB@ACME.example", Name: "Bob"})
	must(t, s.Suspend(s.ctx, s.a, nil, bob.ID))
	problem("a suspended member", "email", "identity.member_reactivate", NewMember{Email: bob.Email, Name: "Bob"})
	problem("an unknown role", "role", "identity.role_unknown", NewMember{Email: "x@acme.example", Name: "X", Role: "wizard"})
	problem("a weak password", "password", "identity.password_short", NewMember{Email: "x@acme.example", Name: "X", Password: "short"})

	// Somebody with an account elsewhere keeps their password.
	_, err := s.AddMember(s.ctx, s.b, NewMember{Email: ada, Name: "Ada", Password: "a password of globex"})
	if f := fault.Of(err); f == nil || f.Problems["password"].Key != "identity.account_exists" {
		t.Errorf("globex gave Ada a new password: %v", err)
	}
	s.signIn(t, ada, desk)
	_, err = s.AddMember(s.ctx, s.b, NewMember{Email: ada, Name: "Ada"})
	must(t, err)
	_, err = s.SignIn(s.ctx, s.b, ada, password, false, desk)
	must(t, err)

	people, err := s.Members(s.ctx, s.a)
	must(t, err)
	if len(people) != 2 || people[0].ID != s.owner.ID || people[1].State() != "suspended" {
		t.Errorf("Members = %+v", people)
	}
	found, err := s.MemberByEmail(s.ctx, s.a, " bob@ACME.example")
	must(t, err)
	if found.ID != bob.ID {
		t.Errorf("found %s, want bob", found.Name)
	}
	for _, email := range []string{"", "nobody@acme.example"} {
		if _, err := s.MemberByEmail(s.ctx, s.a, email); !fault.Is(err, fault.NotFound) {
			t.Errorf("found somebody behind %q: %v", email, err)
		}
	}
	if _, err := s.Member(s.ctx, s.b, bob.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("globex knows a member of acme: %v", err)
	}
}

func TestAnInterruptedAddIsFinishedLater(t *testing.T) {
	s := build(t)
	// The account was made, then the machine stopped.
	n := NewMember{Email: "eve@acme.example", Name: "Eve", Role: "employee", Password: "the first password"}
	_, err := s.openAccount(s.ctx, n)
	must(t, err)
	n.Password = password
	eve, err := s.AddMember(s.ctx, s.a, n)
	must(t, err)
	s.signIn(t, eve.Email, desk)

	// The member was made, then the machine stopped before the way to it.
	must(t, s.system.Write(s.ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM identity_memberships WHERE member_id = ?`, eve.ID)
		return err
	}))
	if _, err := s.AddMember(s.ctx, s.a, n); !fault.Is(err, fault.Invalid) {
		t.Errorf("added twice: %v", err)
	}
	var ways int
	must(t, s.system.QueryRow(s.ctx, `SELECT COUNT(*) FROM identity_memberships WHERE member_id = ?`, eve.ID).Scan(&ways))
	if ways != 1 {
		t.Errorf("%d ways to the member, want 1", ways)
	}
}

func TestTheTeamsEventsLeave(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", "")
	s.signIn(t, bob.Email, desk)
	must(t, s.Suspend(s.ctx, s.a, nil, bob.ID))
	must(t, s.Resume(s.ctx, s.a, nil, bob.ID))
	must(t, s.Deactivate(s.ctx, s.a, nil, bob.ID))
	_, _, err := s.Invite(s.ctx, s.a, nil, Invitee{Email: "eve@acme.example", Name: "Eve", Roles: []string{roleGuest}})
	must(t, err)
	made, err := s.KeepRole(s.ctx, s.a, nil, Role{Name: "Sales"})
	must(t, err)
	_, err = s.KeepRole(s.ctx, s.a, nil, Role{ID: made, Name: "Sales Team"})
	must(t, err)
	must(t, s.GiveRoles(s.ctx, s.a, nil, bob.ID, []string{made}))
	must(t, s.RemoveRole(s.ctx, s.a, nil, made, ""))
	rows, err := s.a.DB.Query(s.ctx, `SELECT topic, payload FROM store_outbox WHERE payload NOT LIKE ? ORDER BY rowid`, "%"+s.owner.ID+"%")
	must(t, err)
	defer rows.Close()
	var topics []string
	for rows.Next() {
		var topic, payload string
		must(t, rows.Scan(&topic, &payload))
		topics = append(topics, topic)
	}
	want := []string{
		"team.user_joined", "team.sessions_ended", "team.user_suspended", "team.user_reactivated", "team.user_deactivated",
		"team.user_invited", "team.role_created", "team.role_updated", "team.role_members_changed", "team.role_deleted",
	}
	if !slices.Equal(topics, want) {
		t.Errorf("events %v, want %v", topics, want)
	}
	for _, e := range Events() {
		if !slices.Contains(want, e.Topic()) {
			t.Errorf("%s never leaves", e.Topic())
		}
	}
}
