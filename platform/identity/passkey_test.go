package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"runes.im/platform/fault"
)

const (
	acmeSite   = "https://acme.test"
	globexSite = "https://globex.test"
)

// chip is a passkey as hardware has it: one key for one host, and a counter.
type chip struct {
	key      *ecdsa.PrivateKey
	id, user []byte
	count    uint32
	careless bool // does not verify who holds it
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// heard is what the browser tells the chip of a question.
func heard(t *testing.T, c *Ceremony, kind, site string) (client []byte, rp string, user []byte) {
	t.Helper()
	var o struct {
		Challenge string
		RP        struct{ ID string }
		RPID      string `json:"rpId"`
		User      struct{ ID string }
	}
	must(t, json.Unmarshal([]byte(c.Options), &o))
	client, err := json.Marshal(map[string]any{"type": kind, "challenge": o.Challenge, "origin": site, "crossOrigin": false})
	must(t, err)
	user, err = base64.RawURLEncoding.DecodeString(o.User.ID)
	must(t, err)
	return client, o.RP.ID + o.RPID, user
}

func (k *chip) data(rp string, attested []byte) []byte {
	sum := sha256.Sum256([]byte(rp))
	flags := byte(0x05) // present, verified
	if k.careless {
		flags = 0x01
	}
	if attested != nil {
		flags |= 0x40
	}
	return append(binary.BigEndian.AppendUint32(append(sum[:], flags), k.count), attested...)
}

// made answers a question for a new passkey.
func made(t *testing.T, c *Ceremony, site string) (*chip, string) {
	t.Helper()
	client, rp, user := heard(t, c, "webauthn.create", site)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	k := &chip{key: key, id: make([]byte, 32), user: user, count: 1}
	rand.Read(k.id)
	point, err := key.PublicKey.Bytes()
	must(t, err)
	public, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	must(t, err)
	attested := binary.BigEndian.AppendUint16(make([]byte, 16), uint16(len(k.id)))
	attested = append(append(attested, k.id...), public...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": k.data(rp, attested)})
	must(t, err)
	return k, answerOf(t, k.id, map[string]any{"clientDataJSON": b64(client), "attestationObject": b64(object)})
}

// used answers a question for a known one.
func (k *chip) used(t *testing.T, c *Ceremony, site string) string {
	t.Helper()
	client, rp, _ := heard(t, c, "webauthn.get", site)
	k.count++
	data := k.data(rp, nil)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(data[:len(data):len(data)], hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.key, sum[:])
	must(t, err)
	return answerOf(t, k.id, map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(k.user)})
}

func answerOf(t *testing.T, id []byte, response map[string]any) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"id": b64(id), "rawId": b64(id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	must(t, err)
	return string(text)
}

// keyed gives a member of acme a passkey.
func (s *site) keyed(t *testing.T, p *Person) (*chip, []string) {
	t.Helper()
	c, err := s.BeginPasskey(s.ctx, s.a, p, acmeSite, "Laptop")
	must(t, err)
	k, answer := made(t, c, acmeSite)
	codes, err := s.AddPasskey(s.ctx, s.a, p, acmeSite, c.Token, answer)
	must(t, err)
	return k, codes
}

func (s *site) asks(t *testing.T) *Ceremony {
	t.Helper()
	c, err := s.BeginSignIn(s.ctx, s.a, acmeSite)
	must(t, err)
	return c
}

// refused checks which sentence somebody reads.
func refused(t *testing.T, what string, err error, key string) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Key != key {
		t.Errorf("%s: %v, want %s", what, err, key)
	}
}

func TestAPasskeySignsInByItselfAndIsASecondFactor(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	k, codes := s.keyed(t, bob)
	if len(codes) != recoveryCodes {
		t.Errorf("%d recovery codes", len(codes))
	}
	c := s.asks(t)
	session, err := s.SignInByPasskey(s.ctx, s.a, acmeSite, c.Token, k.used(t, c, acmeSite), true, desk)
	must(t, err)
	if p, err := s.BySession(s.ctx, s.a, session); err != nil || p.ID != bob.ID {
		t.Errorf("signed in as %v, %v", p, err)
	}

	token := s.half(t, bob.Email, desk)
	step, err := s.HalfIn(s.ctx, s.a, token)
	must(t, err)
	c, err = s.AskPasskey(s.ctx, s.a, step, acmeSite)
	must(t, err)
	session, err = s.SecondByPasskey(s.ctx, s.a, token, acmeSite, c.Token, k.used(t, c, acmeSite), false, desk)
	must(t, err)
	if !s.isIn(t, s.a, session) {
		t.Error("the session does not open")
	}
	all, err := s.Sessions(s.ctx, s.a, bob.ID)
	must(t, err)
	var methods []string
	for _, one := range all {
		methods = append(methods, one.Method)
	}
	slices.Sort(methods)
	if methods = slices.Compact(methods); !slices.Equal(methods, []string{byPasskey, bySecond}) {
		t.Errorf("the sessions began by %q", methods)
	}
	found, err := s.Factors(s.ctx, bob)
	must(t, err)
	if len(found) != 1 || found[0].Host != "acme.test" || found[0].Name != "Laptop" || found[0].UsedAt.IsZero() {
		t.Errorf("factors = %+v", found)
	}
	if c, err := s.AskPasskey(s.ctx, s.a, step, globexSite); c != nil || err != nil {
		t.Errorf("another host asks for it: %v, %v", c, err)
	}
	if TakesPasskeys("http://192.0.2.1:8080") || !TakesPasskeys("http://localhost:8080") {
		t.Error("passkeys belong to names, not to addresses")
	}
}

func TestWhatAPasskeyRefuses(t *testing.T) {
	s := build(t)
	bob, carl := s.add(t, "bob@acme.example", roleEmployee), s.add(t, "carl@acme.example", roleEmployee)
	k, _ := s.keyed(t, bob)
	other, _ := s.keyed(t, carl)
	signIn := func(c *Ceremony, answer string) error {
		_, err := s.SignInByPasskey(s.ctx, s.a, acmeSite, c.Token, answer, false, desk)
		return err
	}

	c := s.asks(t)
	answer := k.used(t, c, acmeSite)
	must(t, signIn(c, answer))
	refused(t, "an answer given twice", signIn(c, answer), "identity.passkey_over")

	c = s.asks(t)
	refused(t, "an answer made at another host", signIn(c, k.used(t, c, globexSite)), "identity.passkey_wrong")
	c = s.asks(t)
	_, err := s.SignInByPasskey(s.ctx, s.a, globexSite, c.Token, k.used(t, c, acmeSite), false, desk)
	refused(t, "a question of another host", err, "identity.passkey_over")
	c = s.asks(t)
	_, err = s.SignInByPasskey(s.ctx, s.b, acmeSite, c.Token, k.used(t, c, acmeSite), false, desk)
	refused(t, "another organisation", err, "identity.passkey_over")
	c = s.asks(t)
	late := k.used(t, c, acmeSite)
	s.later(StepLasts)
	refused(t, "too late", signIn(c, late), "identity.passkey_over")

	c = s.asks(t)
	liar := *other
	liar.user = k.user
	refused(t, "somebody else's passkey under one's name", signIn(c, liar.used(t, c, acmeSite)), "identity.passkey_wrong")
	c = s.asks(t)
	k.careless = true
	refused(t, "one that verified nobody", signIn(c, k.used(t, c, acmeSite)), "identity.passkey_wrong")
	k.careless = false
	c = s.asks(t)
	refused(t, "nonsense", signIn(c, `{"id":"x"}`), "identity.passkey_wrong")

	token := s.half(t, bob.Email, desk)
	step, err := s.HalfIn(s.ctx, s.a, token)
	must(t, err)
	c, err = s.AskPasskey(s.ctx, s.a, step, acmeSite)
	must(t, err)
	_, err = s.SecondByPasskey(s.ctx, s.a, token, acmeSite, c.Token, other.used(t, c, acmeSite), false, desk)
	refused(t, "somebody else's passkey as second factor", err, "identity.passkey_wrong")
	c = s.asks(t)
	_, err = s.SecondByPasskey(s.ctx, s.a, token, acmeSite, c.Token, k.used(t, c, acmeSite), false, desk)
	refused(t, "a question of another kind", err, "identity.passkey_over")

	must(t, s.Suspend(s.ctx, s.a, s.owner, carl.ID))
	c = s.asks(t)
	refused(t, "a suspended person", signIn(c, other.used(t, c, acmeSite)), "identity.passkey_wrong")
	_, err = s.DemandReset(s.ctx, s.a, s.owner, bob.ID)
	must(t, err)
	c = s.asks(t)
	refused(t, "somebody who needs a new password", signIn(c, k.used(t, c, acmeSite)), "identity.must_reset")
}

func TestACopiedPasskeyIsRefusedAndTold(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	k, _ := s.keyed(t, bob)
	copied := *k
	for range 2 {
		c := s.asks(t)
		_, err := s.SignInByPasskey(s.ctx, s.a, acmeSite, c.Token, k.used(t, c, acmeSite), false, desk)
		must(t, err)
	}
	c := s.asks(t)
	_, err := s.SignInByPasskey(s.ctx, s.a, acmeSite, c.Token, copied.used(t, c, acmeSite), false, desk)
	refused(t, "a copy", err, "identity.passkey_copy")
	if n := s.notes(t, bob.ID, "identity.passkey_copied"); n != 1 {
		t.Errorf("told %d times", n)
	}
	if n := s.lines(t, "identity.passkey_copied"); n != 1 {
		t.Errorf("%d lines", n)
	}
}

func TestPasskeySignInIsThrottled(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	k, _ := s.keyed(t, bob)
	for range stopAfter {
		c := s.asks(t)
		_, err := s.SignInByPasskey(s.ctx, s.a, acmeSite, c.Token, k.used(t, c, globexSite), false, desk)
		refused(t, "a wrong answer", err, "identity.passkey_wrong")
	}
	c := s.asks(t)
	if _, err := s.SignInByPasskey(s.ctx, s.a, acmeSite, c.Token, k.used(t, c, acmeSite), false, desk); !fault.Is(err, fault.TooMany) {
		t.Errorf("the eleventh try: %v, want to wait", err)
	}
	away := desk
	away.Address = "198.51.100.7"
	c = s.asks(t)
	_, err := s.SignInByPasskey(s.ctx, s.a, acmeSite, c.Token, k.used(t, c, acmeSite), false, away)
	must(t, err)
}

func TestWhereOnlyPasskeysCountAnAppLeadsToAPasskey(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	key, _ := s.armed(t, bob)
	s.later(time.Minute)
	must(t, s.SaveFactorRule(s.ctx, s.a, FactorRule{Role: roleEmployee, Mode: FactorsRequired, PasskeyOnly: true}))
	token := s.half(t, bob.Email, desk)
	step, err := s.HalfIn(s.ctx, s.a, token)
	must(t, err)
	if step.Enrols() {
		t.Error("a passkey can be added by the password alone, past the app")
	}
	if _, err := s.EnrolPasskey(s.ctx, s.a, token, acmeSite, "", ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("added past the app: %v", err)
	}
	session, err := s.Second(s.ctx, s.a, token, s.code(t, key), false, desk)
	if _, half := err.(HalfWay); !half || session != "" {
		t.Fatalf("password and app: %q, %v, want to go on", session, err)
	}
	if _, err := s.Enrolled(s.ctx, s.a, token, desk); !fault.Is(err, fault.Conflict) {
		t.Errorf("went on without a passkey: %v", err)
	}
	if _, err := s.EnrolApp(s.ctx, s.a, token, key, s.code(t, key), "Another"); !fault.Is(err, fault.Conflict) {
		t.Errorf("another app: %v", err)
	}
	step, err = s.HalfIn(s.ctx, s.a, token)
	must(t, err)
	c, err := s.BeginPasskey(s.ctx, s.a, step.Person, acmeSite, "Key")
	must(t, err)
	_, answer := made(t, c, acmeSite)
	_, err = s.EnrolPasskey(s.ctx, s.a, token, acmeSite, c.Token, answer)
	must(t, err)
	session, err = s.Enrolled(s.ctx, s.a, token, desk)
	must(t, err)
	if !s.isIn(t, s.a, session) {
		t.Error("the session does not open")
	}
	s.later(time.Minute)
	if _, err := s.Second(s.ctx, s.a, s.half(t, bob.Email, desk), s.code(t, key), false, desk); !fault.Is(err, fault.Invalid) {
		t.Errorf("the app opens beside the passkey: %v", err)
	}
}

func TestAFactorAddedElsewhereDoesNotFinishASignInThatWaits(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	must(t, s.SaveFactorRule(s.ctx, s.a, FactorRule{Role: roleEmployee, Mode: FactorsRequired}))
	token := s.half(t, bob.Email, desk) // somebody who knows the password waits here
	s.armed(t, bob)
	if _, err := s.Enrolled(s.ctx, s.a, token, desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("got in without the factor: %v", err)
	}
	must(t, s.SaveFactorRule(s.ctx, s.a, FactorRule{Mode: FactorsOff}))
	must(t, s.SaveFactorRule(s.ctx, s.a, FactorRule{Role: roleEmployee}))
	c, err := s.BeginPasskey(s.ctx, s.a, bob, acmeSite, "Key")
	must(t, err)
	_, answer := made(t, c, acmeSite)
	_, err = s.AddPasskey(s.ctx, s.a, bob, acmeSite, c.Token, answer)
	refused(t, "where there are no second factors", err, "identity.factors_off")
}
