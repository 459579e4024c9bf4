package shell

import (
	"net/http"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/slot"
	"runes.im/platform/tenant"
	"runes.im/platform/web"
)

// ownLeave is where a member leaves the organisation, gateErase where an account ends that belongs to none.
const (
	ownLeave  = "/account/leave"
	gateErase = "/delete-account"
)

func (s *Shell) leaveRoutes(r *web.Router) {
	r.Get(ownLeave, web.SignedIn, confirmed(s.showLeave))
	r.Post(ownLeave, web.SignedIn, s.leave)
}

func (s *Shell) eraseRoutes(r *web.Router) {
	r.Get(gateErase, web.AtGate, s.showErase)
	r.Post(gateErase, web.AtGate, s.erase)
}

// leavePage asks whether somebody leaves for good.
type leavePage struct {
	web.Problems
	proof
	Company, Email string
	Things         []leftThing
	Last           bool // the last owner: somebody else has to become one first
	Must           bool // some of it needs an heir first
	Only           bool // no other organisation is left: the account may go along
	Erase          bool `form:"erase"`

	count int
}

// leftThing is a kind of record that the person answers for.
type leftThing struct {
	Icon, Text string
	Must       bool
}

func (s *Shell) leaving(v *web.Visit) (*leavePage, error) {
	p := &leavePage{proof: proofOf(v), Company: v.Tenant.Name, Email: v.Person.Email}
	answers, err := slot.OwnedThings.Ask(v.Context(), v.Asker())
	if err != nil {
		return nil, err
	}
	for _, a := range answers {
		count, err := a.What.Count(v.Context(), v.DB, v.Person.ID)
		if err != nil {
			return nil, err
		}
		if count == 0 {
			continue
		}
		p.count += count
		p.Must = p.Must || a.What.Must
		p.Things = append(p.Things, leftThing{Icon: a.What.Icon, Text: v.T("shell.leave_thing", "n", v.Number(int64(count)), "what", v.T(a.What.Title)), Must: a.What.Must})
	}
	if p.Last, err = v.People.IsLastOwner(v.Context(), v.Tenant, v.Person); err != nil {
		return nil, err
	}
	others, err := s.belongs(v, v.Person.AccountID, v.Tenant.ID)
	if err != nil {
		return nil, err
	}
	p.Only = !others
	v.Title(v.T("shell.leave"))
	v.Crumb(v.T("shell.my_profile"), ownProfile)
	v.Crumb(v.T("shell.leave"), "")
	return p, nil
}

func (s *Shell) showLeave(v *web.Visit) error {
	p, err := s.leaving(v)
	if err != nil {
		return err
	}
	return v.Page("leave_organisation", p)
}

func (s *Shell) leave(v *web.Visit) error {
	p, err := s.leaving(v)
	if err != nil {
		return err
	}
	v.Fill(p)
	form := fault.Form{}
	form.Need(!p.Must, "password", "shell.leave_must")
	form.Need(v.Form("password") != "" || p.ByPasskey, "password", "shell.need_current_password")
	if err := form.Err(); err != nil {
		return v.Again("leave_organisation", p, err)
	}
	account := v.Person.AccountID
	if err := v.People.Quit(v.Context(), v.Tenant, v.Person, v.Form("password"), p.count, v.Source()); err != nil {
		return v.Again("leave_organisation", p, err)
	}
	v.EndSession()
	erased := p.Only && p.Erase
	if erased {
		if err := s.eraseAccount(v, account); err != nil {
			return err
		}
	}
	v.Title(v.T("shell.left"))
	return v.Bare(http.StatusOK, "left", &leftPage{Company: v.Tenant.Name, Look: loginLook(v), Erased: erased})
}

// leftPage says what came of it.
type leftPage struct {
	Company string
	Look    *slot.LoginDesign
	Erased  bool
}

// belongs reports whether the account is still a member anywhere, suspended or not, but for one organisation. One that cannot be
// asked counts: nothing is taken from it behind its back.
func (s *Shell) belongs(v *web.Visit, accountID, except string) (bool, error) {
	found := false
	err := s.eachMembership(v, accountID, func(t *tenant.Tenant, memberID string) error {
		if t != nil && t.ID == except {
			return nil
		}
		if t == nil {
			found = true
			return nil
		}
		p, err := v.People.Member(tenant.With(v.Context(), t), t, memberID)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err == nil && (p.State() == "active" || p.State() == "suspended") {
			found = true
		}
		return err
	})
	return found, err
}

// eachMembership enters every organisation of the account; t is nil for one that cannot be entered.
func (s *Shell) eachMembership(v *web.Visit, accountID string, do func(t *tenant.Tenant, memberID string) error) error {
	members, err := v.People.Memberships(v.Context(), accountID)
	if err != nil {
		return err
	}
	infos, err := s.Tenants.List(v.Context())
	if err != nil {
		return err
	}
	for _, i := range infos {
		member, belongs := members[i.ID]
		if !belongs {
			continue
		}
		t, err := s.Tenants.Enter(v.Context(), i.Slug)
		if err != nil {
			t = nil
		}
		err = do(t, member)
		if t != nil {
			t.Leave()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eraseAccount ends an account that belongs to nothing any more: first what organisations still know of it, then itself.
func (s *Shell) eraseAccount(v *web.Visit, accountID string) error {
	if still, err := s.belongs(v, accountID, ""); err != nil || still {
		if err == nil {
			err = fault.New(fault.Conflict, "shell.erase_belongs")
		}
		return err
	}
	err := s.eachMembership(v, accountID, func(t *tenant.Tenant, memberID string) error {
		return v.People.Forsake(tenant.With(v.Context(), t), t, memberID)
	})
	if err != nil {
		return err
	}
	return v.People.EraseAccount(v.Context(), accountID)
}

// erasePage asks at the gate.
type erasePage struct {
	gatePage
	Belongs bool
	Typed   string // the address, typed by hand
}

func (s *Shell) erasing(v *web.Visit) (*erasePage, *identity.Caller, error) {
	c, err := caller(v)
	if c == nil {
		return nil, nil, err
	}
	p := &erasePage{gatePage: *neutral()}
	p.Name, p.Email = c.Name, c.Email
	p.Belongs, err = s.belongs(v, c.AccountID, "")
	v.Title(v.T("shell.erase"))
	return p, c, err
}

func (s *Shell) showErase(v *web.Visit) error {
	p, c, err := s.erasing(v)
	if c == nil || err != nil {
		return err
	}
	return v.Bare(http.StatusOK, "gate_erase", p)
}

func (s *Shell) erase(v *web.Visit) error {
	p, c, err := s.erasing(v)
	if c == nil || err != nil {
		return err
	}
	p.Typed = v.Form("typed")
	form := fault.Form{}
	form.Need(!p.Belongs, "password", "shell.erase_belongs")
	form.Need(strings.EqualFold(strings.TrimSpace(p.Typed), p.Email), "typed", "shell.erase_sure_missing", "email", p.Email)
	if err := form.Err(); err != nil {
		return v.Again("gate_erase", p, err)
	}
	if err := v.People.ProveAtGate(v.Context(), c, v.Form("password"), v.Source()); err != nil {
		return v.Again("gate_erase", p, err)
	}
	if err := s.eraseAccount(v, c.AccountID); err != nil {
		return err
	}
	v.EndGate()
	v.Title(v.T("shell.left"))
	return v.Bare(http.StatusOK, "left", &leftPage{Company: p.Company, Look: p.Look, Erased: true})
}
