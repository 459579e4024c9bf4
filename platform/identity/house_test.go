package identity

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/blob"
	"runes.im/platform/clock"
	"runes.im/platform/entitlement"
	"runes.im/platform/live"
	"runes.im/platform/notify"
	"runes.im/platform/secret"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

const (
	ada      = "ada@acme.example"
	password = "correct horse battery"
)

var desk = Source{Address: "192.0.2.10", UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}

// site is an appliance with two organisations in a temporary folder. Its clock stands still.
type site struct {
	*House
	ctx        context.Context
	dir        string
	system     *store.DB
	master     *secret.Master
	tenants    *tenant.Registry
	a, b       *tenant.Tenant
	owner      *Person // of a
	now        atomic.Int64
	waited     atomic.Int64 // nanoseconds that people were made to wait
	permission []string
}

func build(t testing.TB) *site {
	t.Helper()
	s := &site{dir: t.TempDir(), permission: []string{
		"view_storage", "manage_storage", "desktop_sync", "manage_users", "manage_roles", "view_audit_log", "use_chat",
	}}
	start := time.Date(2030, 5, 1, 9, 0, 0, 0, time.UTC)
	s.ctx = clock.With(context.Background(), func() time.Time { return start.Add(time.Duration(s.now.Load())) })
	var err error
	s.system, err = store.Create(s.ctx, filepath.Join(s.dir, "system.db"))
	must(t, err)
	must(t, s.system.Migrate(s.ctx, SystemSchema, secret.Schema))
	s.master, err = secret.Open(filepath.Join(t.TempDir(), "runes.key"), true)
	must(t, err)
	s.start(t)
	t.Cleanup(func() { s.stop(); s.system.Close() })
	for _, slug := range []string{"acme", "globex"} {
		made, err := s.tenants.Create(s.ctx, tenant.New{Slug: slug, Name: slug, Locale: "de", Zone: "Europe/Zurich"}, tenant.Founding{})
		must(t, err)
		made.Leave()
	}
	s.enter(t)
	s.owner, err = s.AddMember(s.ctx, s.a, NewMember{Email: ada, Name: "Ada Lovelace", Role: "admin", Password: password, Owner: true})
	must(t, err)
	return s
}

// start makes the house as a fresh process would.
func (s *site) start(t testing.TB) {
	t.Helper()
	s.House = New(s.system, live.NewHub())
	s.Provide([]Shelf{{Rune: "all", Permissions: s.permission}})
	box, err := s.master.Box(s.ctx, s.system)
	must(t, err)
	s.KeepSecrets(box)
	s.House.beside = func(fn func()) { fn() }
	s.House.pause = func(_ context.Context, d time.Duration) error { s.waited.Add(int64(d)); return nil }
	s.tenants, err = tenant.Open(s.ctx, tenant.Options{
		Dir: s.dir, System: s.system, Master: s.master, BaseDomain: "base.test",
		Schemas: func(map[string]bool) []store.Schema {
			return []store.Schema{entitlement.Schema, blob.Schema, secret.Schema, audit.Schema, notify.Schema, Schema}
		},
	})
	must(t, err)
}

func (s *site) enter(t testing.TB) {
	t.Helper()
	var err error
	s.a, err = s.tenants.Enter(s.ctx, "acme")
	must(t, err)
	s.b, err = s.tenants.Enter(s.ctx, "globex")
	must(t, err)
}

func (s *site) stop() {
	for _, in := range []*tenant.Tenant{s.a, s.b} {
		if in != nil {
			in.Leave()
		}
	}
	s.tenants.Close()
}

// restart ends the process and begins a new one on the same data.
func (s *site) restart(t testing.TB) {
	t.Helper()
	s.stop()
	s.start(t)
	s.enter(t)
}

func (s *site) later(d time.Duration) { s.now.Add(int64(d)) }

// add makes a member of acme; the password is the one that everybody has here.
func (s *site) add(t testing.TB, email, role string) *Person {
	t.Helper()
	p, err := s.AddMember(s.ctx, s.a, NewMember{Email: email, Name: "Member " + email, Role: role, Password: password})
	must(t, err)
	return p
}

func (s *site) signIn(t testing.TB, email string, from Source) string {
	t.Helper()
	token, err := s.SignIn(s.ctx, s.a, email, password, false, from)
	must(t, err)
	return token
}

// lines counts the audit lines of acme with this action.
func (s *site) lines(t testing.TB, action string) int {
	t.Helper()
	lines, err := audit.Lines(s.ctx, s.a.DB, 0, 1000)
	must(t, err)
	n := 0
	for _, l := range lines {
		if l.Action == action {
			n++
		}
	}
	return n
}

func (s *site) notes(t testing.TB, person, kind string) int {
	t.Helper()
	items, err := notify.Items(s.ctx, s.a.DB, person, notify.Which{Limit: 1000})
	must(t, err)
	n := 0
	for _, i := range items {
		if i.Kind == kind {
			n++
		}
	}
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
