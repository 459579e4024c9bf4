package shell

import (
	"log/slog"
	"net/url"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// ownProof is where somebody without a password confirms with a passkey that it is them.
const ownProof = "/account/confirm"

// proof is on every page that asks for the password again. Who has none has confirmed with a passkey before.
type proof struct{ ByPasskey bool }

// proofOf says how this person confirms. It only draws: what counts is asked for where the deed is done.
func proofOf(v *web.Visit) proof {
	has, err := v.People.HasPassword(v.Context(), v.Person)
	if err != nil {
		slog.WarnContext(v.Context(), "how somebody confirms", "err", err)
	}
	return proof{ByPasskey: err == nil && !has}
}

// confirmed wraps a page that asks for the password: somebody who has none is led to their passkey first, and comes back.
func confirmed(show web.Handler) web.Handler {
	return func(v *web.Visit) error {
		if proofOf(v).ByPasskey {
			if is, err := v.People.IsProven(v.Context(), v.Tenant, v.Person); err != nil {
				return err
			} else if !is {
				return v.Go(ownProof + "?next=" + url.QueryEscape(v.Here()))
			}
		}
		return show(v)
	}
}

// proofPage asks for the passkey.
type proofPage struct {
	Passkey       *identity.Ceremony
	Next, Problem string
}

func showProof(v *web.Visit) error { return drawProof(v, localNext(v.Query("next")), "") }

func drawProof(v *web.Visit, next, problem string) error {
	c, err := v.People.AskProof(v.Context(), v.Tenant, v.Person, v.Origin())
	if err != nil {
		return err
	}
	v.Title(v.T("shell.proof"))
	v.Crumb(v.T("shell.security"), ownSecurity)
	v.Crumb(v.T("shell.proof"), "")
	v.Load("passkey")
	return v.Page("proof", &proofPage{Passkey: c, Next: next, Problem: problem})
}

func takeProof(v *web.Visit) error {
	next := localNext(v.Form("next"))
	err := v.People.ProveByPasskey(v.Context(), v.Tenant, v.Person, v.Origin(), v.Form("ceremony"), v.Form("answer"), v.Source())
	if f := fault.Of(err); f != nil && (f.Kind == fault.SignedOut || f.Kind == fault.TooMany) {
		return drawProof(v, next, v.T(f.Key, f.Args...))
	}
	if err != nil {
		return err
	}
	return v.Go(next)
}
