package identity

import (
	"context"
	"fmt"
	"testing"
	"time"

	"runes.im/platform/tenant"
)

func TestWhoWasReadBeforeAChangeIsNotKeptAfterIt(t *testing.T) {
	s := build(t)
	key := fingerprintOf("x")
	reads := 0
	read := func(change func()) *visitor {
		t.Helper()
		v, err := s.visitor(s.ctx, s.a, sessionDoor, key, func(context.Context, *tenant.Tenant, fingerprint) (*visitor, error) {
			reads++
			change()
			return &visitor{person: s.owner, madeAt: time.Now()}, nil
		})
		must(t, err)
		return v
	}
	for what, change := range map[string]func(){
		"a right":    func() { s.cache(s.a).empty() },
		"an account": func() { s.accounts.Add(1) },
	} {
		s.cache(s.a).empty()
		reads = 0
		read(change)
		if read(func() {}); reads != 2 {
			t.Errorf("%s changed during the first read: %d reads, want 2", what, reads)
		}
		if read(func() {}); reads != 2 {
			t.Errorf("%s: %d reads for somebody who is known, want 2", what, reads)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	s := build(t)
	for i := range 2*maxVisitors + 1 {
		_, err := s.visitor(s.ctx, s.a, programDoor, fingerprintOf(fmt.Sprint(i)), func(context.Context, *tenant.Tenant, fingerprint) (*visitor, error) {
			return &visitor{person: s.owner}, nil
		})
		must(t, err)
	}
	if n := len(s.cache(s.a).doors[programDoor]); n > maxVisitors {
		t.Errorf("%d visitors in memory, want at most %d", n, maxVisitors)
	}
}
