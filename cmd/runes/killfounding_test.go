package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"runes.im/platform/runetest"
)

// A1.8: wherever the server is killed while the wizard's last button works, there is a whole organisation afterwards or none, and
// then the draft is still there: pressing once more ends well in either case.
func TestAKilledWizardLeavesNothingHalf(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	c := newCrash(t)
	c.env = append(c.env, "RUNES_ORGANISATIONS=self-service", "RUNES_REGISTRATION=open")
	const kills = 6
	whole, none := 0, 0
	var takes time.Duration
	s := c.start(t)
	for point := range kills + 1 {
		h := runetest.Beside(t, s.address)
		p, name := h.Visitor(""), "firm"+string(rune('a'+point))
		p.Get("/register")
		p.Post("/register", url.Values{"name": {"Lena"}, "email": {name + "@fresh.example"}, "password": {runetest.Password}})
		p.Get("/organizations/new")
		step(t, p, "", url.Values{"company": {name}}, "/organizations/new/details")
		step(t, p, "/details", with(good, "slug", name), "/organizations/new/products")
		step(t, p, "/products", url.Values{"package": {"office"}}, "/organizations/new/overview")
		last := url.Values{"draft": {draftOf(t, p)}}
		if point == 0 { // the first one shows how long it takes
			since := time.Now()
			if a := p.Post("/organizations/new/overview", last); a.Header.Get("Refresh") == "" {
				t.Fatalf("%s: %s", a.Status, a.See())
			}
			takes = time.Since(since)
			continue
		}
		cookies, form := p.Cookies(), last.Encode()+"&csrf="+url.QueryEscape(tokenOf(p))
		go func() {
			r, err := http.NewRequest(http.MethodPost, s.address+"/organizations/new/overview", strings.NewReader(form))
			if err != nil {
				return
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Cookie", cookies)
			if answer, err := c.client.Do(r); err == nil { // it is killed meanwhile: the directory tells
				answer.Body.Close()
			}
		}()
		s.kill(t, 2*takes*time.Duration(point-1)/kills)
		s = c.start(t)
		h = runetest.Beside(t, s.address)
		p = h.Visitor("")
		p.SignIn(name+"@fresh.example", runetest.Password)
		if see := p.Get("/?all").See(); strings.Contains(see, name+".localhost") {
			whole++
		} else {
			none++
		}
		a := p.Post("/organizations/new/overview", last)
		m := wayThere.FindStringSubmatch(a.Header.Get("Refresh"))
		if m == nil {
			t.Fatalf("kill %d: pressing once more: %s %s", point, a.Status, a.See())
		}
		there := h.Visitor(name)
		arriveAt(there, m[4])
		if profile := there.Get("/brand/profile").See(); !strings.Contains(profile, name) || !strings.Contains(profile, "Seestrasse 14") {
			t.Errorf("kill %d: the company profile is %s", point, profile)
		}
		if a := there.Get("/storage"); a.StatusCode != http.StatusOK {
			t.Errorf("kill %d: a rune of the package: %s", point, a.Status)
		}
	}
	s.end(t)
	c.verify(t)
	t.Logf("%d whole, %d not there, in %s each", whole, none, takes)
	if none == 0 {
		t.Error("no kill met an organisation in the making: too few to prove anything")
	}
}

// tokenOf is the form token of a page.
func tokenOf(p *runetest.Person) string {
	_, rest, _ := strings.Cut(p.Get("/organizations/new/overview").Text, `name="csrf" value="`)
	token, _, _ := strings.Cut(rest, `"`)
	return token
}
