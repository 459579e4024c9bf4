package tenant

import (
	"testing"

	"runes.im/platform/audit"
	"runes.im/platform/store"
)

// What the operator does to an organisation stands in its own log, once, with the name and the time.
func TestTheOrganisationReadsWhatTheOperatorDid(t *testing.T) {
	s := build(t)
	s.create(t, "acme")
	as := store.WithActor(s.ctx, store.Actor{Name: "Olga (operator)", Address: "192.0.2.7"})
	for range 2 {
		s.now.Add(60)
		if err := s.Suspend(as, "acme"); err != nil {
			t.Fatal(err)
		}
		if err := s.Suspend(as, "acme"); err != nil { // a second time it changes nothing
			t.Fatal(err)
		}
		if err := s.Resume(as, "acme"); err != nil {
			t.Fatal(err)
		}
		in := s.enter(t, "acme")
		in.Leave()
		s.part("acme") // and opens it again
	}
	in := s.enter(t, "acme")
	defer in.Leave()
	lines, err := audit.About(s.ctx, in.DB, "tenant:"+in.ID, 50)
	if err != nil {
		t.Fatal(err)
	}
	here, err := audit.About(s.ctx, s.o.System, "tenant:"+in.ID, 50)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"tenant.resumed", "tenant.suspended", "tenant.resumed", "tenant.suspended"}
	if len(lines) != len(want) {
		t.Fatalf("%d lines: %+v", len(lines), lines)
	}
	for n, l := range lines {
		if l.Action != want[n] || l.Actor != "Olga (operator)" || l.Address != "192.0.2.7" || !l.At.Equal(here[n].At) {
			t.Errorf("line %d: %+v", n, l)
		}
	}
}
