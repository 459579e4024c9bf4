package identity

import "testing"

// What a request of a known client costs before its work begins. Wanted: app password and session at most 20 µs, a
// permission at most 2 µs.
func BenchmarkByAppPassword(b *testing.B) {
	s := build(b)
	_, secret := s.program(b, s.owner.ID, "sync")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.ByAppPassword(s.ctx, s.a, ada, secret, "sync", desk); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBySession(b *testing.B) {
	s := build(b)
	token := s.signIn(b, ada, desk)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.BySession(s.ctx, s.a, token); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkColdSession is the first request after something changed.
func BenchmarkColdSession(b *testing.B) {
	s := build(b)
	token := s.signIn(b, ada, desk)
	b.ReportAllocs()
	for b.Loop() {
		s.cache(s.a).empty()
		if _, err := s.BySession(s.ctx, s.a, token); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCan(b *testing.B) {
	s := build(b)
	bob := s.add(b, "bob@acme.example", "")
	b.ReportAllocs()
	for b.Loop() {
		if bob.Can("manage_users") || !bob.Can("view_storage") {
			b.Fatal("wrong")
		}
	}
}
