package web

import (
	"runes.im/platform/identity"
	"runes.im/platform/slot"
)

// Look is how the organisation looks; never nil. Nobody loses a page for want of looks.
func (v *Visit) Look() *slot.Appearance {
	if v.look == nil {
		v.look = &slot.Appearance{}
		if found, err := v.askLook(); err != nil {
			v.server.Log.WarnContext(v.Context(), "the look of the organisation", "err", err)
		} else if found != nil {
			v.look = found
		}
	}
	return v.look
}

func (v *Visit) askLook() (*slot.Appearance, error) {
	if v.Tenant == nil {
		return nil, nil
	}
	answers, err := slot.Looks.Ask(v.Context(), v.Asker())
	if err != nil || len(answers) == 0 {
		return nil, err
	}
	return answers[0].What.Of(v.Context(), v.Tenant)
}

// arrive makes somebody the person of the visit, with the permissions that may be used from where the request comes. Pages and
// doors alike let people in here; where nobody can say what may be used, nobody comes in.
func (v *Visit) arrive(p *identity.Person) error {
	if p == nil {
		return nil
	}
	answers, err := slot.Looks.Ask(v.Context(), v.Asker())
	if err != nil {
		return err
	}
	for _, a := range answers {
		if a.What.Usable == nil {
			continue
		}
		usable, err := a.What.Usable(v.Context(), v.Tenant, v.Address())
		if err != nil {
			return err
		}
		p = p.From(usable)
	}
	v.Person = p
	return nil
}

// Forget lets the next question about the look be asked anew, on streams that outlive a change of it.
func (v *Visit) Forget() { v.look = nil }

// robots tells search engines what they may list: nothing, or what the organisation shows to everybody.
func (v *Visit) robots() {
	v.quiet = true
	v.Writer.Header().Set("Content-Type", "text/plain; charset=utf-8")
	text := "User-agent: *\nDisallow: /\n"
	if v.Look().IsIndexed {
		text = "User-agent: *\nAllow: /c/\nDisallow: /\n"
	}
	v.Writer.Write([]byte(text)) // a visitor who left has nobody to be told
}
