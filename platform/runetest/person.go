package runetest

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"runes.im/platform/identity"
	"runes.im/platform/tenant"
)

// Password is what everybody in a test signs in with.
const Password = "correct horse battery"

// Person is somebody with a browser, or with a client program once Device was called.
type Person struct {
	*identity.Person
	House *House
	Slug  string // of the organisation

	client *http.Client
	login  string // of a device, with its app password
	secret string
	token  string // of forms, as the last page had it
	// Header goes with every request.
	Header http.Header
}

// Answer is a response that was read to its end.
type Answer struct {
	*http.Response
	Text string
}

// Visitor is somebody who is not signed in.
func (h *House) Visitor(slug string) *Person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatalf("cookie jar: %v", err)
	}
	p := &Person{House: h, Slug: slug, Header: http.Header{}}
	p.client = &http.Client{
		Jar:           secureJar{jar},
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		// Every name leads to the house, as *.localhost does in a browser.
		Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", h.port))
		}},
	}
	h.t.Cleanup(p.client.CloseIdleConnections)
	return p
}

// Person is a signed-in member of acme who holds exactly these permissions. "owner" makes the owner.
func (h *House) Person(permissions ...string) *Person { return h.PersonOf("acme", permissions...) }

// PersonOf is Person in any organisation.
func (h *House) PersonOf(slug string, permissions ...string) *Person {
	h.t.Helper()
	name := strings.Join(permissions, "+")
	if p := h.people[slug+" "+name]; p != nil {
		return p
	}
	p := h.Visitor(slug)
	p.Person = h.member(h.Tenant(slug), name, permissions)
	p.SignIn(p.Email, Password)
	h.people[slug+" "+name] = p
	return p
}

func (h *House) member(t *tenant.Tenant, name string, permissions []string) *identity.Person {
	h.t.Helper()
	ctx := tenant.With(h.Context(), t)
	n := identity.NewMember{Name: name, Password: Password, Locale: "en", Role: "guest"}
	switch {
	case name == "":
		n.Name = "nobody special"
	case name == "owner":
		n.Owner, n.Role = true, "admin"
	default:
		n.Role = name
		if err := h.App.People.SaveRole(ctx, t, name, permissions); err != nil {
			h.t.Fatalf("role %s: %v", name, err)
		}
	}
	n.Email = strings.NewReplacer("+", ".", " ", ".").Replace(n.Name) + "@" + t.Slug + ".example"
	m, err := h.App.People.AddMember(ctx, t, n)
	if err != nil {
		h.t.Fatalf("add %s: %v", n.Email, err)
	}
	return m
}

// SignIn goes through the sign-in page.
func (p *Person) SignIn(email, password string) *Answer {
	p.House.t.Helper()
	p.Get("/login")
	a := p.Post("/login", url.Values{"email": {email}, "password": {password}})
	p.token = ""
	if p.Person != nil && a.StatusCode != http.StatusSeeOther {
		p.House.t.Fatalf("sign in as %s: %s\n%s", email, a.Status, a.See())
	}
	return a
}

// Device is the same person at a client program: it knows one app password with these scopes and no session.
func (p *Person) Device(scopes ...string) *Person {
	p.House.t.Helper()
	t := p.House.Tenant(p.Slug)
	_, secret, err := p.House.App.People.MakeAppPassword(tenant.With(p.House.Context(), t), t, p.ID, "device", scopes)
	if err != nil {
		p.House.t.Fatalf("app password: %v", err)
	}
	d := p.House.Visitor(p.Slug).WithPassword(p.Email, secret)
	d.Person = p.Person
	return d
}

// WithPassword makes the visitor a client program that sends this name and app password with every request.
func (p *Person) WithPassword(login, secret string) *Person {
	p.login, p.secret = login, secret
	return p
}

// Secret is the device's app password.
func (p *Person) Secret() string { return p.secret }

// Get, Post and Put ask for a path of the person's organisation.
func (p *Person) Get(path string) *Answer { return p.Do(http.MethodGet, path, nil, nil) }

// Post sends a form with the token of the page it came from.
func (p *Person) Post(path string, form url.Values) *Answer {
	return p.Do(http.MethodPost, path, strings.NewReader(form.Encode()), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "X-Csrf-Token": {p.formToken()},
	})
}

// Put sends a raw body as a page's script does.
func (p *Person) Put(path string, body io.Reader) *Answer {
	header := http.Header{}
	if p.secret == "" {
		header.Set("X-Csrf-Token", p.formToken())
	}
	return p.Do(http.MethodPut, path, body, header)
}

// Do sends any request.
func (p *Person) Do(method, path string, body io.Reader, header http.Header) *Answer {
	p.House.t.Helper()
	req, err := http.NewRequest(method, p.House.URL(p.Slug, path), body)
	if err != nil {
		p.House.t.Fatalf("%s %s: %v", method, path, err)
	}
	for _, h := range []http.Header{p.Header, header} {
		for name, values := range h {
			req.Header[name] = values
		}
	}
	if p.secret != "" {
		req.SetBasicAuth(p.login, p.secret)
	}
	return p.send(req)
}

// Open asks for an answer that does not end, such as the stream of events. Its head is there; the caller closes its body.
func (p *Person) Open(path string) *Answer {
	p.House.t.Helper()
	req, err := http.NewRequest(http.MethodGet, p.House.URL(p.Slug, path), nil)
	if err != nil {
		p.House.t.Fatalf("open %s: %v", path, err)
	}
	maps.Copy(req.Header, p.Header)
	req.Header.Set("Accept", "text/event-stream")
	res, err := p.client.Do(req)
	if err != nil {
		p.House.t.Fatalf("open %s: %v", path, err)
	}
	return &Answer{Response: res}
}

func (p *Person) send(req *http.Request) *Answer {
	p.House.t.Helper()
	res, err := p.client.Do(req)
	if err != nil {
		p.House.t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.House.t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	a := &Answer{Response: res, Text: string(text)}
	if token := a.formToken(); token != "" {
		p.token = token
	}
	return a
}

// formToken is the token of the last page, from a page of this person's when none was opened yet.
func (p *Person) formToken() string {
	for _, path := range []string{"/", "/login"} {
		if p.token == "" {
			p.Get(path)
		}
	}
	return p.token
}

var tokenField = regexp.MustCompile(`name="csrf(?:-token)?" (?:value|content)="([^"]+)"`)

func (a *Answer) formToken() string {
	if !a.isPage() {
		return ""
	}
	if m := tokenField.FindStringSubmatch(a.Text); m != nil {
		return m[1]
	}
	return ""
}

func (a *Answer) isPage() bool {
	return strings.HasPrefix(a.Header.Get("Content-Type"), "text/html")
}

// secureJar keeps Secure cookies of *.localhost over plain HTTP, as browsers do.
type secureJar struct{ http.CookieJar }

func (j secureJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.CookieJar.SetCookies(encrypted(u), cookies)
}

func (j secureJar) Cookies(u *url.URL) []*http.Cookie { return j.CookieJar.Cookies(encrypted(u)) }

func encrypted(u *url.URL) *url.URL {
	c := *u
	c.Scheme = "https"
	return &c
}

// Cookies is what the person's browser sends to the organisation, as a header value.
func (p *Person) Cookies() string {
	u, err := url.Parse(p.House.URL(p.Slug, "/login"))
	if err != nil {
		p.House.t.Fatalf("address: %v", err)
	}
	var pairs []string
	for _, c := range p.client.Jar.Cookies(u) {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	return strings.Join(pairs, "; ")
}
