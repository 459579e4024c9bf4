package identity

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"runes.im/platform/fault"
)

// crowd is an organisation in which people with any rights do anything that this room knows.
type crowd struct {
	*site
	t        *testing.T
	r        *rand.Rand
	members  []string
	services []string
	roles    []string
	open     []Invitation
	said     []string // what was done, for the report
}

func newCrowd(t *testing.T, s *site, seed uint64) *crowd {
	c := &crowd{site: s, t: t, r: rand.New(rand.NewPCG(seed, 7))}
	all, err := s.Members(s.ctx, s.a)
	must(t, err)
	for _, p := range all {
		c.members = append(c.members, p.ID)
		must(t, s.Resume(s.ctx, s.a, nil, p.ID))
	}
	services, err := s.Services(s.ctx, s.a)
	must(t, err)
	for _, one := range services {
		c.services = append(c.services, one.ID)
	}
	roles, err := s.Roles(s.ctx, s.a)
	must(t, err)
	for _, o := range roles {
		c.roles = append(c.roles, o.ID)
	}
	c.open, err = s.Invitations(s.ctx, s.a)
	must(t, err)
	return c
}

func (c *crowd) some(from []string, most int) (chosen []string) {
	for range c.r.IntN(most) + 1 {
		chosen = append(chosen, pick(c.r, from))
	}
	return chosen
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// held is what everybody may do now: members who are in, services, and who owns the organisation.
func (c *crowd) held() map[string]map[string]bool {
	c.t.Helper()
	now := map[string]map[string]bool{}
	all, err := c.Members(c.ctx, c.a)
	must(c.t, err)
	for _, p := range all {
		now[p.ID] = map[string]bool{}
		for _, permission := range c.permission {
			now[p.ID][permission] = p.Can(permission)
		}
		now[p.ID]["owner"] = p.Owner && p.Can("")
	}
	services, err := c.Services(c.ctx, c.a)
	must(c.t, err)
	for _, s := range services {
		now[s.ID] = map[string]bool{}
		for _, permission := range s.Permissions {
			now[s.ID][permission] = s.State == active
		}
	}
	return now
}

// act does one thing at random and answers what it was.
func (c *crowd) act(by *Person) (string, error) {
	member, role, name := pick(c.r, c.members), pick(c.r, c.roles), fmt.Sprintf("%x", c.r.Uint64())
	rights := c.some(c.permission, 3)
	switch n := c.r.IntN(16); n {
	case 0:
		i, _, err := c.Invite(c.ctx, c.a, by, Invitee{Email: name + "@acme.example", Roles: c.some(c.roles, 2)})
		if err == nil {
			c.mayGive(by, i.Roles, "invited")
		}
		return "invites", err
	case 1:
		all, err := c.Exceptions(c.ctx, c.a)
		must(c.t, err)
		if len(all) == 0 {
			return "finds no exception", nil
		}
		one := pick(c.r, all)
		return "lifts an exception", c.Decide(c.ctx, c.a, by, one.MemberID, one.Permission, Follow)
	case 2:
		return "decides", c.Decide(c.ctx, c.a, by, member, rights[0], pick(c.r, []string{Follow, Grant, Deny}))
	case 3, 4:
		return "gives roles", c.GiveRoles(c.ctx, c.a, by, member, c.some(c.roles, 2))
	case 5, 6:
		return "takes a role", c.TakeRole(c.ctx, c.a, by, member, role)
	case 7:
		made, err := c.KeepRole(c.ctx, c.a, by, Role{Name: name, Permissions: rights})
		if err == nil {
			c.roles = append(c.roles, made)
		}
		return "makes a role", err
	case 8:
		o, err := c.Role(c.ctx, c.a, role)
		must(c.t, err)
		o.Permissions = rights
		_, err = c.KeepRole(c.ctx, c.a, by, o)
		return "changes role " + o.Name, err
	case 9:
		err := c.RemoveRole(c.ctx, c.a, by, role, pick(c.r, c.roles))
		if err == nil {
			c.roles = slices.DeleteFunc(c.roles, func(o string) bool { return o == role })
		}
		return "removes a role", err
	case 10:
		return "shuts out", pick(c.r, []func() error{
			func() error { return c.Suspend(c.ctx, c.a, by, member) },
			func() error { return c.Deactivate(c.ctx, c.a, by, member) },
		})()
	case 11:
		return "lets in again", c.Resume(c.ctx, c.a, by, member)
	case 12:
		return "makes an owner", c.SetOwner(c.ctx, c.a, by, member, c.r.IntN(2) == 0)
	case 13:
		made, err := c.AddService(c.ctx, c.a, by, name, rights)
		if err == nil {
			c.services = append(c.services, made)
		}
		return "makes a service", err
	case 14:
		if len(c.services) == 0 {
			return "has no service", nil
		}
		return "switches a service", c.SwitchService(c.ctx, c.a, by, pick(c.r, c.services), c.r.IntN(2) == 0)
	default:
		whose := pick(c.r, append(slices.Clone(c.services), by.ID))
		token, secret, err := c.MakeAPIToken(c.ctx, c.a, whose, NewToken{Name: name, Scopes: rights, Lasts: time.Hour, By: by})
		if err == nil {
			as, err := c.ByAPIToken(c.ctx, c.a, secret, desk)
			must(c.t, err)
			for _, permission := range c.permission {
				if as.Can(permission) && !by.Can(permission) {
					c.t.Errorf("token %s lets in with %s, which its maker lacks", token.ID, permission)
				}
			}
		}
		return "makes a token", err
	}
}

// mayGive reports roles that hold more than whoever hands them out.
func (c *crowd) mayGive(by *Person, roles []string, how string) {
	for _, id := range roles {
		o, err := c.Role(c.ctx, c.a, id)
		must(c.t, err)
		for _, permission := range o.Permissions {
			if !by.Can(permission) {
				c.t.Errorf("%s %s with %s, which they lack", by.Name, how, permission)
			}
		}
	}
}

func (c *crowd) step() {
	c.t.Helper()
	by, err := c.Member(c.ctx, c.a, pick(c.r, c.members))
	must(c.t, err)
	if by.state != active {
		return
	}
	before := c.held()
	what, err := c.act(by)
	if f := fault.Of(err); err != nil && f == nil {
		c.t.Fatalf("%s %s: %v", by.Name, what, err)
	}
	after := c.held()
	c.said = append(c.said, fmt.Sprintf("%s (%v) %s: %v", by.Name, by.Roles, what, err))
	for who, rights := range after {
		for permission, holds := range rights {
			if gave := before[by.ID][permission] || before[by.ID]["owner"]; holds && !before[who][permission] && !gave {
				c.t.Errorf("%s holds %s by an act of %s, who lacks it: %s", who, permission, by.Name, what)
			}
		}
	}
	owners, administrators := 0, 0
	all, err := c.Members(c.ctx, c.a)
	must(c.t, err)
	for _, p := range all {
		if p.Owner && p.Can("") {
			owners++
		}
		if slices.Contains(p.Roles, roleAdmin) && p.Can("manage_users") && p.Can("manage_roles") {
			administrators++
		}
	}
	if owners == 0 || administrators == 0 {
		c.t.Errorf("%d owners and %d administrators are left after %s %s", owners, administrators, by.Name, what)
	}
}

// Whatever people with whatever rights do, in whatever order: nobody comes to hold a right by the act of somebody who lacks
// it, and there is always an owner, and an administrator who can do an administrator's work.
func TestNobodyGrowsByTheActOfSomebodyWhoLacksTheRight(t *testing.T) {
	s := build(t)
	r := rand.New(rand.NewPCG(1, 1))
	roles := []string{roleAdmin, roleEmployee, roleGuest}
	for n := range 5 {
		made, err := s.KeepRole(s.ctx, s.a, nil, Role{Name: fmt.Sprintf("Role %d", n), Permissions: []string{pick(r, s.permission), pick(r, s.permission)}})
		must(t, err)
		roles = append(roles, made)
	}
	for n := range 9 {
		_, err := s.AddMember(s.ctx, s.a, NewMember{Email: fmt.Sprintf("m%d@acme.example", n), Name: fmt.Sprintf("Member %d", n), Role: roles[n%len(roles)]})
		must(t, err)
	}
	done := map[string]int{}
	for seed := range uint64(60) {
		c := newCrowd(t, s, seed)
		for range 10 {
			c.step()
		}
		if t.Failed() {
			t.Fatalf("seed %d: %s", seed, c.said)
		}
		for _, line := range c.said {
			if line[len(line)-5:] == "<nil>" {
				done["allowed"]++
			} else {
				done["refused"]++
			}
		}
	}
	if done["allowed"] < 50 || done["refused"] < 50 {
		t.Errorf("%v: too few of one to prove anything", done)
	}
	t.Log(done)
}

// A denial keeps its right away until somebody who holds it says otherwise: not the one who is denied, not a colleague.
func TestADenialIsLiftedByThoseWhoHoldTheRight(t *testing.T) {
	s := build(t)
	role, err := s.KeepRole(s.ctx, s.a, nil, Role{Name: "Desk", Permissions: []string{"manage_users", "manage_roles", "manage_storage"}})
	must(t, err)
	clerk, err := s.AddMember(s.ctx, s.a, NewMember{Email: "clerk@acme.example", Name: "Clerk", Role: role})
	must(t, err)
	must(t, s.Decide(s.ctx, s.a, s.owner, clerk.ID, "manage_storage", Deny))
	clerk = s.fresh(t, clerk)
	if err := s.Decide(s.ctx, s.a, clerk, clerk.ID, "manage_storage", Follow); !fault.Is(err, fault.Forbidden) || s.fresh(t, clerk).Can("manage_storage") {
		t.Errorf("lifted their own denial: %v", err)
	}
	must(t, s.Decide(s.ctx, s.a, s.owner, clerk.ID, "view_storage", Deny))
	if err := s.Decide(s.ctx, s.a, s.fresh(t, clerk), clerk.ID, "view_storage", Follow); !fault.Is(err, fault.Forbidden) {
		t.Errorf("lifted what takes another right along: %v", err)
	}
	must(t, s.Decide(s.ctx, s.a, s.owner, clerk.ID, "view_storage", Follow))
	must(t, s.Decide(s.ctx, s.a, s.owner, clerk.ID, "manage_storage", Follow))
	if !s.fresh(t, clerk).Can("manage_storage") {
		t.Error("the owner could not lift it")
	}
}

// Nobody disarms from below: not a role, not a service, not the last administrator.
func TestNothingIsTakenFromThoseWhoHoldMore(t *testing.T) {
	s := build(t)
	role, err := s.KeepRole(s.ctx, s.a, nil, Role{Name: "Desk", Permissions: []string{"manage_users", "manage_roles"}})
	must(t, err)
	clerk, err := s.AddMember(s.ctx, s.a, NewMember{Email: "clerk@acme.example", Name: "Clerk", Role: role})
	must(t, err)
	storage, err := s.KeepRole(s.ctx, s.a, nil, Role{Name: "Storage", Permissions: []string{"manage_storage"}})
	must(t, err)
	service, err := s.AddService(s.ctx, s.a, s.owner, "Backup", []string{"manage_storage"})
	must(t, err)
	keep := func(o Role) error { _, err := s.KeepRole(s.ctx, s.a, clerk, o); return err }
	for what, err := range map[string]error{
		"disarms Admin":     keep(Role{ID: roleAdmin, Name: "Admin", Permissions: []string{"manage_users", "manage_roles"}}),
		"empties a role":    keep(Role{ID: storage, Name: "Storage"}),
		"removes a role":    s.RemoveRole(s.ctx, s.a, clerk, storage, roleGuest),
		"suspends service":  s.SwitchService(s.ctx, s.a, clerk, service, false),
		"resumes a service": s.SwitchService(s.ctx, s.a, clerk, service, true),
		"removes a service": s.RemoveService(s.ctx, s.a, clerk, service),
	} {
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
	must(t, keep(Role{ID: storage, Name: "Stores", Permissions: []string{"manage_storage"}}))
	admin := s.add(t, "admin@acme.example", roleAdmin)
	must(t, s.TakeRole(s.ctx, s.a, s.owner, s.owner.ID, roleAdmin))
	for _, permission := range []string{"manage_users", "manage_roles"} {
		if err := s.Decide(s.ctx, s.a, s.owner, admin.ID, permission, Deny); !fault.Is(err, fault.Conflict) {
			t.Errorf("the last administrator is denied %s: %v", permission, err)
		}
	}
	must(t, errors.Join(s.GiveRoles(s.ctx, s.a, s.owner, s.owner.ID, []string{roleAdmin}), s.Decide(s.ctx, s.a, s.owner, admin.ID, "manage_roles", Deny)))
	if err := s.TakeRole(s.ctx, s.a, s.owner, s.owner.ID, roleAdmin); !fault.Is(err, fault.Conflict) {
		t.Errorf("who is left cannot do the work: %v", err)
	}
}
