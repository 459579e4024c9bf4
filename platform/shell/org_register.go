package shell

import (
	"net/http"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// registerPage is for somebody without an account.
type registerPage struct {
	gatePage
	Domains string // whose addresses may register; empty: all
}

func (s *Shell) registerRoutes(r *web.Router) {
	r.Get("/register", web.AtGate, s.whileOpen(s.showRegister))
	r.Post("/register", web.AtGate, s.whileOpen(s.register))
}

// whileOpen hides the registration where the operator keeps accounts to invitations.
func (s *Shell) whileOpen(do web.Handler) web.Handler {
	return func(v *web.Visit) error {
		if !s.Entrance.Registers {
			return fault.New(fault.NotFound, "web.not_found")
		}
		return do(v)
	}
}

func (s *Shell) registration(v *web.Visit) *registerPage {
	p := &registerPage{gatePage: *neutral()}
	if d := s.Entrance.Domains; len(d) > 0 {
		p.Domains = v.T("shell.register_domains", "domains", strings.Join(d, ", "))
	}
	v.Title(v.T("shell.register"))
	return p
}

func (s *Shell) showRegister(v *web.Visit) error {
	if c, err := v.People.Caller(v.Context(), v.Gate()); err == nil && !c.Half {
		return v.Go("/")
	}
	return v.Bare(http.StatusOK, "gate_register", s.registration(v))
}

// register makes the account and signs it in here. It belongs to no organisation, so that its next page is the wizard; until
// somebody vouches for the address it finds no invitation either.
func (s *Shell) register(v *web.Visit) error {
	p := s.registration(v)
	p.Name, p.Email = v.Form("name"), v.Form("email")
	token, err := v.People.Register(v.Context(), p.Email, identity.Newcomer{Name: p.Name, Password: v.Form("password"), Locale: v.Lang()}, v.Source(), s.Entrance.MayRegister)
	if f := fault.Of(err); f != nil && f.Kind == fault.TooMany && !v.WantsJSON() {
		p.Waiting, p.Problem = true, v.T(f.Key, f.Args...)
		v.RetryAfter(f)
		return v.Bare(http.StatusTooManyRequests, "gate_register", p)
	}
	if err != nil {
		return v.Again("gate_register", p, err)
	}
	v.StartGate(token)
	return v.Go("/")
}
