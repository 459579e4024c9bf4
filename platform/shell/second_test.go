package shell_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"runes.im/platform/identity"
	"runes.im/platform/runetest"
)

var keyField = regexp.MustCompile(`name="key" value="([A-Z2-7]+)"`)

// codeFor is the code that an app shows for the key on the page.
func codeFor(t *testing.T, h *runetest.House, key string) string {
	t.Helper()
	code, err := totp.GenerateCode(key, h.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func keyOf(t *testing.T, page *runetest.Answer) string {
	t.Helper()
	found := keyField.FindStringSubmatch(page.Text)
	if found == nil {
		t.Fatalf("no key on the page: %d", page.StatusCode)
	}
	return found[1]
}

func TestASecondFactorIsSetUpAskedForAndRecovered(t *testing.T) {
	h := runetest.Start(t, nil)
	p := h.Person()
	email := p.Email
	key := keyOf(t, p.Get("/account/security/app"))
	form := url.Values{"key": {key}, "name": {"Phone"}, "code": {codeFor(t, h, key)}, "password": {"wrong password"}}
	if got := p.Post("/account/security/app", form); got.StatusCode != 422 || !strings.Contains(got.Text, "not your current password") || keyOf(t, got) != key {
		t.Fatalf("a wrong password: %d", got.StatusCode)
	}
	form.Set("password", runetest.Password)
	made := p.Post("/account/security/app", form)
	recovery := regexp.MustCompile(`<li>([a-z2-7-]{19})</li>`).FindAllStringSubmatch(made.Text, -1)
	if made.StatusCode != 200 || len(recovery) != 10 {
		t.Fatalf("set up: %d with %d recovery codes", made.StatusCode, len(recovery))
	}

	visitor := h.Visitor("acme")
	if got := visitor.SignIn(email, runetest.Password); got.Header.Get("Location") != "/login/second?next=%2F" {
		t.Fatalf("after the password: %d %s", got.StatusCode, got.Header.Get("Location"))
	}
	for _, path := range []string{"/", "/account/security", "/search?q=a", "/live", "/api/openapi.json"} {
		if got := visitor.Get(path); got.StatusCode == 200 && !strings.Contains(got.Text, "/login") {
			t.Errorf("half the way opens %s", path)
		}
	}
	if got := visitor.Post("/login/second", url.Values{"code": {"12"}}); got.StatusCode != 422 || !strings.Contains(got.Text, "does not fit") {
		t.Errorf("a wrong code: %d", got.StatusCode)
	}
	h.Clock.Add(time.Minute)
	if got := visitor.Post("/login/second", url.Values{"code": {codeFor(t, h, key)}, "next": {"//evil.example"}}); got.Header.Get("Location") != "/" {
		t.Fatalf("the right code: %d %s", got.StatusCode, got.Header.Get("Location"))
	}
	if got := visitor.Get("/account/security"); !strings.Contains(got.Text, "Phone") || !strings.Contains(got.Text, "10 codes left") {
		t.Error("the page does not show the factor")
	}

	other := h.Visitor("acme")
	other.SignIn(email, runetest.Password)
	if got := other.Post("/login/second", url.Values{"code": {recovery[2][1]}}); got.Header.Get("Location") != "/" {
		t.Fatalf("a recovery code: %d", got.StatusCode)
	}
}

func TestWhoMustHaveAFactorSetsItUpWhileSigningIn(t *testing.T) {
	h := runetest.Start(t, nil)
	p := h.Person()
	err := h.App.People.SaveFactorRule(h.Context(), h.Tenant("acme"), identity.FactorRule{Mode: identity.FactorsRequired})
	if err != nil {
		t.Fatal(err)
	}
	visitor := h.Visitor("acme")
	visitor.SignIn(p.Email, runetest.Password)
	page := visitor.Get("/login/second")
	key := keyOf(t, page)
	got := visitor.Post("/login/second", url.Values{"key": {key}, "name": {"App"}, "code": {codeFor(t, h, key)}})
	if got.StatusCode != 200 || !strings.Contains(got.Text, "Recovery codes") {
		t.Fatalf("set up: %d", got.StatusCode)
	}
	if got := visitor.Post("/login/second", url.Values{"go_on": {"1"}}); got.Header.Get("Location") != "/" {
		t.Fatalf("go on: %d", got.StatusCode)
	}
	if got := visitor.Get("/"); got.StatusCode != 200 {
		t.Errorf("Home: %d", got.StatusCode)
	}
}

func TestWrongLinksAreThrottledPerAddress(t *testing.T) {
	h := runetest.Start(t, nil)
	v := h.Visitor("acme")
	paths := []string{"/join/", "/login/reset/", "/login/email/"}
	const limit = 30
	for n := range limit {
		if got := v.Get(paths[n%len(paths)] + "wrong"); got.StatusCode != 404 {
			t.Fatalf("wrong link %d: %d", n+1, got.StatusCode)
		}
	}
	for _, path := range paths {
		for _, got := range []*runetest.Answer{v.Get(path + "wrong"), v.Post(path+"wrong", url.Values{})} {
			if got.StatusCode != 429 || got.Header.Get("Retry-After") == "" {
				t.Errorf("%s after %d wrong links: %d", path, limit, got.StatusCode)
			}
		}
	}
	if got := v.Get("/login"); got.StatusCode != 200 {
		t.Errorf("signing in is paused as well: %d", got.StatusCode)
	}
	h.Clock.Add(11 * time.Minute)
	if got := v.Get("/join/wrong"); got.StatusCode != 404 {
		t.Errorf("after the window: %d", got.StatusCode)
	}
}

func TestAForgottenPasswordTellsNobodyWhoIsKnown(t *testing.T) {
	h := runetest.Start(t, nil)
	p := h.Person()
	known := h.Visitor("acme").Post("/login/forgot", url.Values{"email": {p.Email}})
	unknown := h.Visitor("acme").Post("/login/forgot", url.Values{"email": {"nobody@acme.example"}})
	clean := func(text, email string) string {
		return strings.ReplaceAll(regexp.MustCompile(`csrf[^"]*"[^"]*"`).ReplaceAllString(text, ""), email, "")
	}
	if known.StatusCode != unknown.StatusCode || len(clean(known.Text, p.Email)) != len(clean(unknown.Text, "nobody@acme.example")) {
		t.Error("the answers differ")
	}
	member, err := h.App.People.MemberByEmail(h.Context(), h.Tenant("acme"), p.Email)
	if err != nil {
		t.Fatal(err)
	}
	token, err := h.App.People.DemandReset(h.Context(), h.Tenant("acme"), nil, member.ID)
	if err != nil {
		t.Fatal(err)
	}
	visitor := h.Visitor("acme")
	if got := visitor.SignIn(p.Email, runetest.Password); !strings.Contains(got.Text, "asked for a new password") {
		t.Errorf("the old password: %d", got.StatusCode)
	}
	if got := visitor.Post("/login/reset/"+token, url.Values{"password": {"short"}}); got.StatusCode != 422 {
		t.Errorf("a short password: %d", got.StatusCode)
	}
	if got := visitor.Post("/login/reset/"+token, url.Values{"password": {"a brand new password"}}); got.Header.Get("Location") != "/login" {
		t.Errorf("reset: %d", got.StatusCode)
	}
	if got := visitor.Get("/login/reset/" + token); got.StatusCode != 404 {
		t.Errorf("the link works twice: %d", got.StatusCode)
	}
	if got := visitor.SignIn(p.Email, "a brand new password"); got.Header.Get("Location") != "/" {
		t.Errorf("the new password: %d", got.StatusCode)
	}
}
