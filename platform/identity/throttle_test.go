package identity

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// guess tries a wrong password and tells how it was answered: 401, or 429 and for how many seconds.
func (s *site) guess(t *testing.T, email, secret string, from Source) (status, seconds int) {
	t.Helper()
	_, err := s.SignIn(s.ctx, s.a, email, secret, false, from)
	return answer(t, err)
}

func answer(t *testing.T, err error) (status, seconds int) {
	t.Helper()
	f := fault.Of(err)
	switch {
	case err == nil:
		return 200, 0
	case f != nil && f.Kind == fault.SignedOut:
		return 401, 0
	case f != nil && f.Kind == fault.TooMany && f.Args[0] == "seconds":
		return 429, f.Args[1].(int)
	}
	t.Fatal(err)
	return 0, 0
}

func TestGuessingAtOnePersonSlowsDownAndPauses(t *testing.T) {
	s := build(t)
	for i := 1; i <= stopAfter; i++ {
		before := s.waited.Load()
		if status, _ := s.guess(t, ada, "wrong wrong", desk); status != 401 {
			t.Fatalf("guess %d: status %d, want 401", i, status)
		}
		delay := time.Duration(s.waited.Load() - before)
		if want := map[bool]time.Duration{i > slowAfter: firstDelay << max(i-slowAfter-1, 0)}[true]; delay != want {
			t.Errorf("guess %d waited %v, want %v", i, delay, want)
		}
	}
	for i, want := range []int{60, 120, 240, 480, 900, 900} {
		status, seconds := s.guess(t, ada, "wrong wrong", desk)
		if status != 429 || seconds != want {
			t.Errorf("pause %d: %d for %d s, want 429 for %d s", i+1, status, seconds, want)
		}
		if status, _ := s.guess(t, ada, password, desk); status != 429 {
			t.Errorf("pause %d: the right password is heard, so it can be guessed", i+1)
		}
		s.later(time.Duration(want-1) * time.Second)
		if status, seconds := s.guess(t, ada, "wrong wrong", desk); status != 429 || seconds != 1 {
			t.Errorf("pause %d, a second before its end: %d for %d s", i+1, status, seconds)
		}
		s.later(time.Second)
		if status, _ := s.guess(t, ada, "wrong wrong", desk); status != 401 {
			t.Errorf("after pause %d: %d, want one more try", i+1, status)
		}
	}
	// Never for ever: after the longest pause the right password is welcome and clears everything.
	s.later(longestPause)
	s.signIn(t, ada, desk)
	if status, _ := s.guess(t, ada, "wrong wrong", desk); status != 401 {
		t.Errorf("after success: %d, want a clean slate", status)
	}
	if n := s.lines(t, "identity.sign_in_failed"); n < 4 || n > 8 {
		t.Errorf("%d lines about 17 failures, want a few", n)
	}
}

func TestARestartDoesNotResetTheThrottle(t *testing.T) {
	s := build(t)
	for range stopAfter {
		s.guess(t, ada, "wrong wrong", desk)
	}
	s.restart(t)
	if status, seconds := s.guess(t, ada, password, desk); status != 429 || seconds != 60 {
		t.Errorf("after a restart: %d for %d s, want 429 for 60 s", status, seconds)
	}
}

func TestSettingTheClockBackNeitherFreesNorLocks(t *testing.T) {
	s := build(t)
	for range stopAfter {
		s.guess(t, ada, "wrong wrong", desk)
	}
	s.later(-48 * time.Hour)
	if status, seconds := s.guess(t, ada, password, desk); status != 429 || seconds > 60 {
		t.Errorf("with an earlier clock: %d for %d s, want 429 for at most 60 s", status, seconds)
	}
	s.later(time.Minute)
	if status, seconds := s.guess(t, ada, password, desk); status != 200 {
		t.Errorf("a minute later: %d for %d s, want 200", status, seconds)
	}
}

func TestManyGuessesAtOnceAreNoLoophole(t *testing.T) {
	s := build(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	heard := 0
	for range 40 {
		wg.Go(func() {
			_, err := s.SignIn(s.ctx, s.a, ada, "wrong wrong", false, desk)
			mu.Lock()
			defer mu.Unlock()
			if fault.Is(err, fault.SignedOut) {
				heard++
			}
		})
	}
	wg.Wait()
	if heard != stopAfter {
		t.Errorf("%d guesses were heard, want %d", heard, stopAfter)
	}
}

func TestSprayingFromOneAddress(t *testing.T) {
	s := build(t)
	heard := 0
	for i := range 120 {
		status, seconds := s.guess(t, fmt.Sprintf("person%d@acme.example", i), password, desk)
		if status == 401 {
			heard++
		} else if seconds < 60 {
			t.Errorf("guess %d: wait %d s, want at least 60", i, seconds)
		}
	}
	if heard != addressLimit {
		t.Errorf("%d guesses were heard, want %d", heard, addressLimit)
	}
	if status, _ := s.guess(t, ada, password, Source{Address: "203.0.113.9"}); status != 200 {
		t.Errorf("another address: %d, want 200", status)
	}
	s.later(window)
	if status, _ := s.guess(t, "person0@acme.example", password, desk); status != 401 {
		t.Errorf("ten minutes later: %d, want 401", status)
	}
}

func TestOneSubscriberHasOneAddress(t *testing.T) {
	s := build(t)
	heard := 0
	for i := range 60 {
		from := Source{Address: fmt.Sprintf("2001:db8:1:2::%x", i+1)}
		if status, _ := s.guess(t, fmt.Sprintf("person%d@acme.example", i), password, from); status == 401 {
			heard++
		}
	}
	if heard != addressLimit {
		t.Errorf("%d guesses from one /64 were heard, want %d", heard, addressLimit)
	}
}

func TestGuessingFromEverywhereStopsForStrangers(t *testing.T) {
	s := build(t)
	token := s.signIn(t, ada, desk)
	s.guess(t, "person@acme.example", "wrong wrong", Source{Address: "10.0.0.1"})
	must(t, s.a.DB.Write(s.ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE identity_throttle SET failures = ? WHERE kind = 'tenant'`, tenantLimit-10)
		return err
	}))
	heard := 0
	for i := range 20 {
		from := Source{Address: fmt.Sprintf("10.0.%d.1", i)}
		if status, _ := s.guess(t, fmt.Sprintf("person%d@acme.example", i), "wrong wrong", from); status == 401 {
			heard++
		}
	}
	if heard != 10 {
		t.Errorf("%d guesses were heard, want the last 10", heard)
	}
	if status, _ := s.guess(t, ada, password, desk); status != 200 {
		t.Errorf("from the usual place: %d, want 200", status)
	}
	away := Source{Address: "203.0.113.9"}
	if status, _ := s.guess(t, ada, password, away); status != 429 {
		t.Errorf("from a strange place: %d, want 429", status)
	}
	away.Device = s.DeviceToken(s.a, token)
	if status, _ := s.guess(t, ada, password, away); status != 200 {
		t.Errorf("with a known device in a strange place: %d, want 200", status)
	}
}

func TestAKnownDeviceIsNotLockedOutByOthers(t *testing.T) {
	s := build(t)
	known := desk
	known.Device = s.DeviceToken(s.a, s.signIn(t, ada, desk))
	s.add(t, "bob@acme.example", "")
	for range stopAfter + 5 {
		s.guess(t, ada, "wrong wrong", desk)
		s.guess(t, "bob@acme.example", "wrong wrong", desk)
	}
	if status, _ := s.guess(t, ada, password, desk); status != 429 {
		t.Fatalf("the pair is not throttled: %d", status)
	}
	for _, forged := range []string{"x", s.DeviceToken(s.b, "x"), known.Device + "x"} {
		from := desk
		from.Device = forged
		if status, _ := s.guess(t, ada, password, from); status != 429 {
			t.Errorf("the device %q is known: %d", forged, status)
		}
	}
	if status, _ := s.guess(t, "bob@acme.example", password, known); status != 429 {
		t.Errorf("Ada's device lets Bob past the throttle: %d", status)
	}
	if status, _ := s.guess(t, ada, password, known); status != 200 {
		t.Errorf("the known device: %d, want 200", status)
	}
	for range stopAfter {
		s.guess(t, ada, "wrong wrong", known)
	}
	if status, _ := s.guess(t, ada, password, known); status != 429 {
		t.Errorf("who has the device may guess for ever: %d", status)
	}
}

func TestAChangedPasswordMakesDevicesStrangers(t *testing.T) {
	s := build(t)
	known := desk
	known.Device = s.DeviceToken(s.a, s.signIn(t, ada, desk))
	must(t, s.SetPassword(s.ctx, s.a, s.owner.ID, "another long one"))
	for range stopAfter {
		s.guess(t, ada, "wrong wrong", desk)
	}
	if status, _ := s.guess(t, ada, "another long one", known); status != 429 {
		t.Errorf("the device is known after the password changed: %d", status)
	}
}

func TestGuessingAtAppPasswords(t *testing.T) {
	s := build(t)
	_, secret, err := s.MakeAppPassword(s.ctx, s.a, s.owner.ID, "Laptop", []string{"sync"})
	must(t, err)
	heard := 0
	for i := range 40 {
		_, err := s.ByAppPassword(s.ctx, s.a, ada, fmt.Sprintf("guess-%d", i), "sync", desk)
		if status, _ := answer(t, err); status == 401 {
			heard++
		}
	}
	if heard != stopAfter {
		t.Errorf("%d guesses were heard, want %d", heard, stopAfter)
	}
	if _, err := s.ByAppPassword(s.ctx, s.a, ada, secret, "sync", desk); err != nil {
		t.Errorf("the right secret behind the throttle: %v", err)
	}
	if status, _ := s.guess(t, ada, password, desk); status != 200 {
		t.Errorf("a program's failures lock the person out: %d", status)
	}
}

func TestTheThrottleKeepsNothingThatWasTyped(t *testing.T) {
	s := build(t)
	s.guess(t, "my-secret-password", "x", desk)
	rows, err := s.a.DB.Query(s.ctx, `SELECT key FROM identity_throttle WHERE key LIKE ?`, "%my-secret%")
	must(t, err)
	defer rows.Close()
	if rows.Next() {
		t.Error("the throttle keeps what was typed")
	}
}
