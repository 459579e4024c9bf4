package tenant

import (
	"slices"
	"testing"

	"runes.im/platform/fault"
)

const day = 24 * 60 * 60

func leads(t *testing.T, s *site, host, want string) {
	t.Helper()
	if got, err := s.ByHost(s.ctx, host); got != want || (want == "") != fault.Is(err, fault.Misdirected) {
		t.Errorf("ByHost(%q) = %q, %v, want %q", host, got, err, want)
	}
}

func moved(t *testing.T, s *site, host, want string) {
	t.Helper()
	if got, is := s.Moved(s.ctx, host); got != want || is != (want != "") {
		t.Errorf("Moved(%q) = %q, %t, want %q", host, got, is, want)
	}
}

func TestATenantMovesToAnotherAddress(t *testing.T) {
	s := build(t)
	s.create(t, "acme", "globex")
	acme, globex := s.enter(t, "acme"), s.enter(t, "globex")
	defer acme.Leave()
	defer globex.Leave()
	for to, key := range map[string]string{
		"ab": "tenant.slug_form", "Harbour": "tenant.slug_form", "har.bour": "tenant.slug_form", "admin": "tenant.slug_reserved",
		"xn--harbour": "tenant.slug_reserved", "globex": "tenant.slug_taken", "acme": "tenant.slug_same",
	} {
		if f := fault.Of(acme.Move(s.ctx, to, 90)); f == nil || f.Problems["slug"].Key != key {
			t.Errorf("Move(%q) = %v, want %s", to, f, key)
		}
	}
	for _, days := range []int{-1, MostDays + 1} {
		if err := acme.Move(s.ctx, "harbour", days); !fault.Is(err, fault.Invalid) {
			t.Errorf("Move for %d days = %v", days, err)
		}
	}
	must(t, acme.Move(s.ctx, "harbour", 90))
	leads(t, s, "harbour.base.test:8080", "acme")
	leads(t, s, "acme.base.test", "")
	moved(t, s, "ACME.base.test:8080", "harbour.base.test:8080")
	moved(t, s, "harbour.base.test", "")
	moved(t, s, "acme", "")
	if acme.Address() != "harbour.base.test" || acme.Label() != "harbour" || acme.Info().Label != "harbour" || acme.Folder() != s.home("acme") {
		t.Errorf("it lives at %s, %+v", acme.Address(), acme.Info())
	}
	// While it leads there nobody else gets the old one, neither by moving nor by being made.
	if f := fault.Of(globex.Move(s.ctx, "acme", 90)); f == nil || f.Problems["slug"].Key != "tenant.slug_taken" {
		t.Errorf("globex moved to the address that still leads elsewhere: %v", f)
	}
	if _, err := s.Create(s.ctx, New{Slug: "harbour", Name: "Other"}, Founding{}); fault.Of(err) == nil {
		t.Error("a new tenant got the address of another")
	}
	if _, err := s.Create(s.ctx, New{Slug: "acme", Name: "Other"}, Founding{}); fault.Of(err) == nil {
		t.Error("a new tenant got an address that leads elsewhere")
	}
	// A second move: both earlier addresses lead to that of today.
	must(t, acme.Move(s.ctx, "quay", 10))
	moved(t, s, "acme.base.test", "quay.base.test")
	moved(t, s, "harbour.base.test", "quay.base.test")
	if left := acme.Left(s.ctx); len(left) != 2 || left[0].Label != "harbour" || left[1].Host != "acme.base.test" {
		t.Errorf("left %+v", left)
	}
	s.now.Add(10 * day)
	moved(t, s, "harbour.base.test", "")
	leads(t, s, "harbour.base.test", "")
	moved(t, s, "acme.base.test", "quay.base.test")
}

func TestAnAddressThatWasLeftIsFreeAgain(t *testing.T) {
	s := build(t)
	s.create(t, "acme", "globex")
	acme, globex := s.enter(t, "acme"), s.enter(t, "globex")
	must(t, acme.Move(s.ctx, "harbour", 90))
	s.now.Add(90*day - 1)
	moved(t, s, "acme.base.test", "harbour.base.test")
	s.now.Add(1)
	moved(t, s, "acme.base.test", "")
	must(t, globex.Move(s.ctx, "acme", 0))
	leads(t, s, "acme.base.test", "globex")
	leads(t, s, "harbour.base.test", "acme")
	leads(t, s, "globex.base.test", "")

	// Its folder is still that of globex: who is made for the address gets another one.
	made, err := s.Create(s.ctx, New{Slug: "globex", Name: "Newcomer"}, Founding{})
	if err != nil || made.Slug != "globex-2" || made.Address() != "globex.base.test" {
		t.Fatalf("made %+v, %v", made, err)
	}
	leads(t, s, "globex.base.test", "globex-2")
	leads(t, s, "globex-2.base.test", "")
	made.Leave()

	// Home again, and what was left can be released before its time.
	must(t, acme.Move(s.ctx, "quay", 90))
	must(t, acme.Move(s.ctx, "harbour", 90))
	moved(t, s, "quay.base.test", "harbour.base.test")
	moved(t, s, "harbour.base.test", "")
	if err := globex.Release(s.ctx, "quay"); !fault.Is(err, fault.NotFound) {
		t.Errorf("globex released the address of acme: %v", err)
	}
	must(t, acme.Release(s.ctx, "quay"))
	moved(t, s, "quay.base.test", "")
	if err := acme.Release(s.ctx, "harbour"); !fault.Is(err, fault.NotFound) {
		t.Errorf("the address of today was released: %v", err)
	}
	for _, to := range []string{"one", "two", "three", "four", "five"} {
		must(t, acme.Move(s.ctx, to, 90))
	}
	if err := acme.Move(s.ctx, "six", 90); !fault.Is(err, fault.Conflict) {
		t.Errorf("one tenant holds any number of names: %v", err)
	}
	// All of it is still so after a restart, and gone with the tenant.
	must(t, s.reload(s.ctx))
	leads(t, s, "five.base.test", "acme")
	acme.Leave()
	globex.Leave()
	if _, err := s.Delete(s.ctx, "acme"); err != nil {
		t.Fatal(err)
	}
	leads(t, s, "five.base.test", "")
	moved(t, s, "four.base.test", "")
	list, err := s.List(s.ctx)
	if err != nil || slices.ContainsFunc(list, func(i Info) bool { return i.Slug == "acme" }) {
		t.Errorf("List = %v, %v", list, err)
	}
}
