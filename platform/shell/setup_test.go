package shell_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"runes.im/platform/app"
	"runes.im/platform/config"
	"runes.im/platform/runekit"
)

// empty is a house without a tenant, a browser in front of it, and the code that was printed.
func empty(t *testing.T) (browser *http.Client, site *httptest.Server, code string, a *app.App) {
	t.Helper()
	cfg := config.Default()
	cfg.Data = filepath.Join(t.TempDir(), "data")
	cfg.Key = cfg.Data + ".key"
	a, err := app.Open(t.Context(), cfg, []runekit.Rune{notebook()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	server, house, err := a.Site()
	if err != nil {
		t.Fatal(err)
	}
	site = httptest.NewServer(server)
	t.Cleanup(site.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return browser, site, house.Code(), a
}

type wizard struct {
	t       *testing.T
	browser *http.Client
	address string
	page    string
}

func (w *wizard) get() int {
	w.t.Helper()
	res, err := w.browser.Get(w.address)
	return w.read(res, err)
}

func (w *wizard) post(form url.Values) int {
	w.t.Helper()
	form.Set("csrf", csrf.FindStringSubmatch(w.page)[1])
	res, err := w.browser.PostForm(w.address, form)
	return w.read(res, err)
}

func (w *wizard) read(res *http.Response, err error) int {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	w.page = string(raw)
	return res.StatusCode
}

func (w *wizard) wantStep(status, want int, sentence string) {
	w.t.Helper()
	if status != want || !strings.Contains(w.page, sentence) {
		w.t.Fatalf("got %d, want %d and %q on\n%s", status, want, sentence, w.page)
	}
}

func TestTheWizardMakesTheFirstWorkspace(t *testing.T) {
	browser, site, code, a := empty(t)
	w := &wizard{t: t, browser: browser, address: site.URL + "/setup"}
	res, err := browser.Get(site.URL + "/storage")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/setup" {
		t.Fatalf("an empty house sends to %q with %s", res.Header.Get("Location"), res.Status)
	}
	w.wantStep(w.get(), 200, `name="code"`)
	form := url.Values{"step": {"code"}, "code": {"AAAA-BBBB-CCCC-DDDD"}}
	w.wantStep(w.post(form), 422, "That is not the code.")
	// Nobody gets past the first step by sending a later one.
	form = url.Values{"step": {"owner"}, "code": {""}, "company": {"Evil"}, "slug": {"evil"}, "name": {"Eve"}, "email": {"eve@evil.test"}, "password": {"correct horse battery"}}
	w.wantStep(w.post(form), 422, "That is not the code.")

	form = url.Values{"step": {"code"}, "code": {" " + strings.ToLower(strings.ReplaceAll(code, "-", " "))}}
	w.wantStep(w.post(form), 200, `name="company"`)
	form.Set("step", "company")
	w.wantStep(w.post(form), 422, "Enter the name of the company.")
	form.Set("company", "Müller & Söhne")
	w.wantStep(w.post(form), 200, `name="slug" value="mueller-soehne"`)
	form.Set("slug", "mueller-soehne")
	form.Set("step", "owner")
	form.Set("name", "Lena Müller")
	form.Set("email", "lena@mueller.example")
	form.Set("password", "short")
	w.wantStep(w.post(form), 422, `value="lena@mueller.example"`)
	if !a.Tenants.Empty() {
		t.Fatal("a refused form made a tenant")
	}
	form.Set("password", "correct horse battery")
	w.wantStep(w.post(form), 200, `href="/login"`)

	w.address = site.URL + "/login"
	w.wantStep(w.get(), 200, "Müller &amp; Söhne")
	form = url.Values{"email": {"lena@mueller.example"}, "password": {"correct horse battery"}}
	w.wantStep(w.post(form), 303, "")
	w.address = site.URL + "/setup"
	if status := w.get(); status != 404 {
		t.Errorf("the wizard is still there: %d", status)
	}
}

func TestTheWizardGoesBackAndKeepsWhatWasTyped(t *testing.T) {
	browser, site, code, _ := empty(t)
	w := &wizard{t: t, browser: browser, address: site.URL + "/setup"}
	w.get()
	form := url.Values{"step": {"owner"}, "back": {"1"}, "code": {code}, "company": {"Acme"}, "slug": {"acme"}, "name": {"Anna"}, "email": {"anna@acme.example"}}
	w.wantStep(w.post(form), 200, `name="company" type="text" value="Acme"`)
	w.wantStep(200, 200, `type="hidden" name="email" value="anna@acme.example"`)
}

func TestAForeignSiteCannotSetUp(t *testing.T) {
	_, site, code, a := empty(t)
	form := url.Values{"step": {"owner"}, "code": {code}, "company": {"Evil"}, "slug": {"evil"}, "name": {"Eve"}, "email": {"eve@evil.test"}, "password": {"correct horse battery"}}
	req, err := http.NewRequest(http.MethodPost, site.URL+"/setup", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "https://evil.test")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden || !a.Tenants.Empty() {
		t.Errorf("got %s", res.Status)
	}
}
