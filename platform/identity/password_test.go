package identity

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"runes.im/platform/fault"
)

func TestNewPasswords(t *testing.T) {
	for _, c := range []struct{ what, password, key string }{
		{"a short sentence", "my dog likes rain", ""},
		{"ten characters", "xkqvwzj7rt", ""},
		{"ten characters that are more bytes", "äöüßéèçñøå", ""},
		{"nine characters", "xkqvwzj7r", "identity.password_short"},
		{"1,024 bytes", strings.Repeat("ab", 512), ""},
		{"1,025 bytes", strings.Repeat("ab", 512) + "c", "identity.password_long"},
		{"a common one", "basketball", "identity.password_common"},
		{"a common one in capitals", "BASKETBALL", "identity.password_common"},
		{"one letter again and again", "zzzzzzzzzzzzzz", "identity.password_common"},
		{"the address", ada, "identity.password_name"},
		{"the name", "ada Lovelace", "identity.password_name"},
	} {
		f := fault.Of(CheckNew(ada, "Ada Lovelace", c.password))
		got := ""
		if f != nil {
			got = f.Problems["password"].Key
		}
		if got != c.key {
			t.Errorf("%s: %q, want %q", c.what, got, c.key)
		}
	}
	if n := strings.Count(commonPasswords, "\n"); n < 1000 {
		t.Errorf("%d common passwords, want at least 1,000", n)
	}
}

func TestNewPeople(t *testing.T) {
	for _, email := range []string{"", "ada", "ada@", "@acme.example", "a b@acme.example", "Ada <ada@acme.example>", "ada@acme.example\r\nBcc: x@y.z", "a\x00@b.c", strings.Repeat("a", 251) + "@b.c"} {
		if f := fault.Of(CheckNew(email, "Ada", password)); f == nil || f.Problems["email"].Key == "" {
			t.Errorf("the address %q is taken", email)
		}
	}
	for _, name := range []string{"", "  ", "Ada\nLovelace", strings.Repeat("a", 201)} {
		if f := fault.Of(CheckNew(ada, name, password)); f == nil || f.Problems["name"].Key == "" {
			t.Errorf("the name %q is taken", name)
		}
	}
}

func TestHashes(t *testing.T) {
	g := newHasher()
	phc, err := g.hash(t.Context(), "Zürich im Regen")
	must(t, err)
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the hash is %q", phc)
	}
	for given, want := range map[string]bool{"Zürich im Regen": true, "Zu\u0308rich im Regen": true, "Zurich im Regen": false, "": false, strings.Repeat("x", 2<<20): false} {
		if got, err := g.matches(t.Context(), phc, given); got != want || err != nil {
			t.Errorf("matches(%.20q) = %v, %v, want %v", given, got, err, want)
		}
	}
	for _, given := range []string{"", password} {
		if got, err := g.matches(t.Context(), "", given); got || err != nil {
			t.Errorf("an account without a password matches %q: %v", given, err)
		}
	}
	// A hash of another strength carries its own parameters.
	weaker := "$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA"
	if _, err := g.matches(t.Context(), weaker, "x"); err != nil {
		t.Error(err)
	}
}

func TestFewPasswordsAreHashedAtOnce(t *testing.T) {
	s := build(t)
	// While others hold every place, fifty sign-ins wait and none gets ahead.
	for range maxHashes {
		s.hashes.slots <- struct{}{}
	}
	var wg sync.WaitGroup
	var done atomic.Int32
	for i := range 50 {
		wg.Go(func() {
			from := Source{Address: fmt.Sprintf("198.51.100.%d", i), UserAgent: desk.UserAgent}
			if _, err := s.SignIn(s.ctx, s.a, ada, password, false, from); err != nil {
				t.Error(err)
			}
			done.Add(1)
		})
	}
	for s.hashes.queued.Load() < 50 && done.Load() == 0 {
		runtime.Gosched()
	}
	if done.Load() != 0 || cap(s.hashes.slots) != 2 {
		t.Errorf("%d signed in while %d hashes ran", done.Load(), cap(s.hashes.slots))
	}
	for range maxHashes {
		<-s.hashes.slots
	}
	wg.Wait()
	if done.Load() != 50 {
		t.Errorf("%d of 50 signed in", done.Load())
	}
}

func TestAFullQueueRefusesAtOnce(t *testing.T) {
	g := newHasher()
	g.queued.Store(maxQueue)
	if _, err := g.matches(t.Context(), "", "x"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("queued behind %d others: %v", maxQueue, err)
	}
}

func TestAHugePasswordIsRefusedQuickly(t *testing.T) {
	s := build(t)
	start := time.Now()
	_, err := s.SignIn(s.ctx, s.a, ada, strings.Repeat("x", 2<<20), false, desk)
	if took := time.Since(start); !fault.Is(err, fault.SignedOut) || took > 30*time.Second { // hashing it as it is takes minutes
		t.Errorf("2 MiB of password: %v after %v", err, took)
	}
}

// Who measures must not learn which addresses have an account.
func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	s := build(t)
	paused := s.add(t, "paused@acme.example", "")
	must(t, s.Suspend(s.ctx, s.a, nil, paused.ID))
	cases := []struct{ what, email, password string }{
		{"an existing account, wrong password", ada, "not this one"},
		{"an unknown account", "nobody@acme.example", "not this one"},
		{"a suspended member, right password", "paused@acme.example", password},
		{"a suspended member, wrong password", "paused@acme.example", "not this one"},
	}
	const rounds = 15
	took := make([][]time.Duration, len(cases))
	for range rounds {
		for i, c := range cases {
			s.later(time.Hour)
			start := time.Now()
			_, err := s.SignIn(s.ctx, s.a, c.email, c.password, false, desk)
			took[i] = append(took[i], time.Since(start))
			if f := fault.Of(err); f == nil || f.Kind != fault.SignedOut || f.Key != "identity.wrong" || len(f.Args) != 0 {
				t.Fatalf("%s: %v", c.what, err)
			}
		}
	}
	// The fastest of many rounds is the work itself; the others measure what else the machine was doing.
	base := slices.Min(took[0])
	for i, c := range cases[1:] {
		m := slices.Min(took[i+1])
		if diff := (m - base).Abs(); diff > 15*time.Millisecond && diff > base*3/10 {
			t.Errorf("%s takes %v, %s %v", c.what, m, cases[0].what, base)
		}
	}
}
