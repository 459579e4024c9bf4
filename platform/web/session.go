package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/identity"
)

// The cookies of the house, without the prefix that ties them to this one host where the browser allows it.
const (
	sessionCookie = "runes"
	formCookie    = "runes-form"  // of visitors who are not signed in: what their form token is made from
	flashCookie   = "runes-flash" // one message for the next page
	deviceCookie  = "runes-device"
	stepCookie    = "runes-step" // of a sign-in that waits for its second factor
	gateCookie    = "runes-gate" // of a sign-in on the appliance's own host
)

// keepFor is how long a browser keeps the session of somebody who wants to stay signed in; the server ends it anyway.
const keepFor = 30 * 24 * time.Hour

const stepFor = identity.StepLasts

const deviceFor = 10 * 365 * 24 * time.Hour

// strict reports whether browsers accept a Secure cookie here. Over plain HTTP they do so on their own machine only, and
// a Secure cookie on a LAN name would mean that nobody can sign in.
func (v *Visit) strict() bool { return v.secure || isLocal(v.host) }

func (v *Visit) cookieName(name string) string {
	switch {
	case !v.strict():
		return name
	case name == deviceCookie || name == stepCookie:
		return "__Secure-" + name // __Host- would forbid its narrower path
	}
	return "__Host-" + name
}

// cookie is the value of one of our cookies; one that came twice is none.
func (v *Visit) cookie(name string) string {
	if all := v.Request.CookiesNamed(v.cookieName(name)); len(all) == 1 {
		return all[0].Value
	}
	return ""
}

func (v *Visit) setCookie(name, path, value string, age time.Duration) {
	http.SetCookie(v.Writer, &http.Cookie{
		Name: v.cookieName(name), Value: value, Path: path, MaxAge: int(age / time.Second),
		Secure: v.strict(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (v *Visit) dropCookie(name, path string) { v.setCookie(name, path, "", -time.Second) }

// StartSession gives the browser the token of a fresh sign-in. keep lets it outlive the browser window.
func (v *Visit) StartSession(token, device string, keep bool) {
	age := time.Duration(0)
	if keep {
		age = keepFor
	}
	v.setCookie(sessionCookie, "/", token, age)
	v.setCookie(deviceCookie, "/login", device, deviceFor)
	v.dropCookie(formCookie, "/")
	v.dropCookie(stepCookie, "/login")
}

// StartStep gives the browser the token of a sign-in that waits for its second factor. Only the sign-in pages see it.
func (v *Visit) StartStep(token string) { v.setCookie(stepCookie, "/login", token, stepFor) }

// Step is that token; empty when there is none.
func (v *Visit) Step() string { return v.cookie(stepCookie) }

// StartGate gives the browser the token of a sign-in on the appliance's own host, until its window closes.
func (v *Visit) StartGate(token string) { v.setCookie(gateCookie, "/", token, 0) }

// Gate is that token; empty when there is none.
func (v *Visit) Gate() string { return v.cookie(gateCookie) }

// EndGate takes it from the browser.
func (v *Visit) EndGate() { v.dropCookie(gateCookie, "/") }

// EndSession takes the token from the browser.
func (v *Visit) EndSession() { v.dropCookie(sessionCookie, "/") }

// device is what the browser of somebody who signed in before keeps. A program has none.
func (v *Visit) device() string {
	if v.route.door != nil {
		return ""
	}
	return v.cookie(deviceCookie)
}

// StillIn asks again whether the visit's session holds, for answers that take long. The visit's person then has the
// rights of this moment.
func (v *Visit) StillIn() bool {
	p, err := v.People.Present(v.ctx, v.Tenant, v.Person)
	return err == nil && v.arrive(p) == nil
}

// person is who the session cookie stands for; nil when there is none or it has ended.
func (s *Server) person(v *Visit) (*identity.Person, error) {
	token := v.cookie(sessionCookie)
	if token == "" {
		return nil, nil
	}
	p, err := s.People.BySession(v.ctx, v.Tenant, token)
	if fault.Is(err, fault.SignedOut) {
		return nil, nil
	}
	if err == nil && p.NeedsToken() {
		err = v.renew(p, token)
	}
	return p, err
}

// renew gives the browser a new token of its session, whose person may now do other things than when it got the one it has.
func (v *Visit) renew(p *identity.Person, token string) error {
	fresh, err := v.People.RenewSession(v.ctx, v.Tenant, p, token)
	if err != nil {
		return err
	}
	age := time.Duration(0)
	if p.Kept() {
		age = keepFor
	}
	v.setCookie(sessionCookie, "/", fresh, age)
	return nil
}

// formToken proves that a form came from our own page. Somebody who is signed in has one of the session, everybody else
// one of a cookie that only this browser holds; fresh makes that cookie when it is missing.
func (v *Visit) formToken(fresh bool) string {
	if v.Person != nil {
		return v.People.FormToken(v.Tenant, v.Person)
	}
	seed := v.cookie(formCookie)
	if seed == "" {
		if !fresh {
			return ""
		}
		seed = id.Secret(32)
		v.setCookie(formCookie, "/", seed, 0)
	}
	return sign(seed, "form")
}

// checkToken compares the token of a form or a script.
func (v *Visit) checkToken() error {
	given := v.Request.Header.Get("X-CSRF-Token")
	if given == "" {
		given = v.Form("csrf")
	}
	want := v.formToken(false)
	if want == "" || subtle.ConstantTimeCompare([]byte(unmask(given)), []byte(want)) != 1 {
		return fault.New(fault.Forbidden, "web.stale_form")
	}
	return nil
}

// mask makes a token look different on every page: pages are compressed, and a secret that repeats could be guessed
// from the length of pages that hold a guess beside it.
func mask(token string) string {
	pad := make([]byte, len(token))
	rand.Read(pad)
	hidden := make([]byte, len(token))
	subtle.XORBytes(hidden, pad, []byte(token))
	return base64.RawURLEncoding.EncodeToString(append(pad, hidden...))
}

// unmask undoes mask; what mask did not make becomes nothing.
func unmask(text string) string {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw)%2 != 0 || len(raw) > 512 {
		return ""
	}
	half := len(raw) / 2
	token := make([]byte, half)
	subtle.XORBytes(token, raw[:half], raw[half:])
	return string(token)
}

func sign(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
