package tenant

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/blob"
	"runes.im/platform/clock"
	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/secret"
	"runes.im/platform/store"
)

// site is an appliance in a temporary folder.
type site struct {
	*Registry
	ctx context.Context
	dir string
	now atomic.Int64 // seconds added to the clock
}

func build(t *testing.T, change ...func(*Options)) *site {
	t.Helper()
	s := &site{dir: t.TempDir()}
	start := time.Date(2030, 5, 1, 9, 0, 0, 0, time.UTC)
	s.ctx = clock.With(t.Context(), func() time.Time { return start.Add(time.Duration(s.now.Load()) * time.Second) })
	system, err := store.Create(s.ctx, filepath.Join(s.dir, "system.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { system.Close() })
	master, err := secret.Open(filepath.Join(t.TempDir(), "runes.key"), true)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Dir: s.dir, System: system, Master: master, Schemas: schemas, BaseDomain: "base.test", ExtraHosts: []string{"files.lan"}}
	for _, fn := range change {
		fn(&o)
	}
	if s.Registry, err = Open(s.ctx, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func schemas(map[string]bool) []store.Schema {
	return []store.Schema{audit.Schema, entitlement.Schema, blob.Schema, secret.Schema}
}

func (s *site) create(t *testing.T, slugs ...string) {
	t.Helper()
	for _, slug := range slugs {
		made, err := s.Create(s.ctx, New{Slug: slug, Name: "The " + slug}, Founding{})
		if err != nil {
			t.Fatal(err)
		}
		made.Leave()
	}
}

func (s *site) enter(t *testing.T, slug string) *Tenant {
	t.Helper()
	entered, err := s.Enter(s.ctx, slug)
	if err != nil {
		t.Fatalf("enter %s: %v", slug, err)
	}
	return entered
}

func TestHostsLeadToTheirTenantAndNowhereElse(t *testing.T) {
	s := build(t)
	lead := func(host, want string) {
		t.Helper()
		got, err := s.ByHost(s.ctx, host)
		if got != want || (want == "") != fault.Is(err, fault.Misdirected) {
			t.Errorf("ByHost(%q) = %q, %v, want %q", host, got, err, want)
		}
	}
	machine, _ := os.Hostname()
	own := []string{"localhost:8080", "127.0.0.1", "[::1]:8080", "10.1.2.3:80", "files.lan", "base.test", strings.ToUpper(machine)}
	for _, host := range own {
		lead(host, "")
	}
	if !s.Empty() {
		t.Error("a new appliance is not empty")
	}
	s.create(t, "acme")
	for _, host := range append(own, "acme.base.test:8080", "ACME.base.test") {
		lead(host, "acme")
	}
	for _, host := range []string{"other.base.test", "x.acme.base.test", "acme.base.test.evil.test", "acmebase.test", "acme", "evil.test", "acme.base.test.", ""} {
		lead(host, "")
	}
	s.create(t, "globex")
	for _, host := range own {
		lead(host, "")
	}
	lead("acme.base.test", "acme")
	lead("globex.base.test", "globex")

	if err := s.AddHost(s.ctx, "globex", "Cloud.Globex.Example"); err != nil {
		t.Fatal(err)
	}
	lead("cloud.globex.example:443", "globex")
	lead("globex.example", "")
	refused := map[string]fault.Kind{
		"cloud.globex.example": fault.Conflict, "localhost": fault.Conflict, "globex.base.test": fault.Conflict,
		"files.lan": fault.Conflict, "name:80": fault.Invalid, "10.0.0.1": fault.Invalid, "": fault.Invalid,
	}
	for host, kind := range refused {
		if err := s.AddHost(s.ctx, "acme", host); !fault.Is(err, kind) {
			t.Errorf("AddHost(%q) = %v, want kind %v", host, err, kind)
		}
	}
	if err := s.RemoveHost(s.ctx, "acme", "cloud.globex.example"); !fault.Is(err, fault.NotFound) {
		t.Errorf("acme removed a name of globex: %v", err)
	}
	if err := s.RemoveHost(s.ctx, "globex", "cloud.globex.example"); err != nil {
		t.Fatal(err)
	}
	lead("cloud.globex.example", "")
}

func TestManyWhoEnterTogetherOpenOnce(t *testing.T) {
	var opened, closed atomic.Int32
	s := build(t)
	s.OnOpen(func(_ context.Context, in *Tenant) error { opened.Add(1); return nil })
	s.OnClose(func(*Tenant) { closed.Add(1) })
	s.create(t, "acme")
	opened.Store(0)
	s.part("acme")
	closed.Store(0)
	var wg sync.WaitGroup
	var seen sync.Map
	for range 50 {
		wg.Go(func() {
			in, err := s.Enter(s.ctx, "acme")
			if err != nil {
				t.Error(err)
				return
			}
			seen.Store(in, true)
			in.Leave()
		})
	}
	wg.Wait()
	n := 0
	seen.Range(func(any, any) bool { n++; return true })
	if n != 1 || opened.Load() != 1 || closed.Load() != 0 {
		t.Errorf("%d handles, opened %d times, closed %d times, want 1, 1, 0", n, opened.Load(), closed.Load())
	}
}

func TestOnlySomeTenantsStayOpen(t *testing.T) {
	s := build(t)
	open := map[string]bool{}
	s.OnOpen(func(_ context.Context, in *Tenant) error { open[in.Slug] = true; return nil })
	s.OnClose(func(in *Tenant) { delete(open, in.Slug) })
	var slugs []string
	for i := range 100 {
		slugs = append(slugs, fmt.Sprintf("tenant%02d", i))
	}
	s.create(t, slugs...)
	held := s.enter(t, "tenant00")
	for _, slug := range slugs[1:] {
		in := s.enter(t, slug)
		var one int
		if err := in.DB.QueryRow(s.ctx, `SELECT 1 + ?`, 0).Scan(&one); err != nil || one != 1 {
			t.Fatalf("%s does not answer: %v", slug, err)
		}
		in.Leave()
	}
	if len(open) != maxOpen || !open["tenant00"] || !open["tenant99"] || open["tenant01"] {
		t.Errorf("%d open, held one %v, last one %v, longest resting one %v; want %d true true false",
			len(open), open["tenant00"], open["tenant99"], open["tenant01"], maxOpen)
	}
	held.Leave()
	s.enter(t, "tenant01").Leave()
	if len(open) != maxOpen || !open["tenant01"] {
		t.Errorf("%d open after coming back, want %d", len(open), maxOpen)
	}
}

func TestHeldValuesBelongToOneOpening(t *testing.T) {
	s := build(t)
	s.create(t, "acme", "globex")
	made := 0
	value := func(in *Tenant) any { return in.Held("key", func() any { made++; return made }) }
	a, b := s.enter(t, "acme"), s.enter(t, "globex")
	if value(a) != 1 || value(b) != 2 || value(a) != 1 {
		t.Errorf("made %d values for two tenants", made)
	}
	a.Leave()
	s.part("acme")
	again := s.enter(t, "acme")
	if value(again) != 3 {
		t.Error("a value outlived its tenant")
	}
	again.Leave()
	b.Leave()
}

func TestSuspendedTenantsAreClosedToEverybody(t *testing.T) {
	s := build(t)
	s.create(t, "acme")
	in := s.enter(t, "acme")
	if err := s.Suspend(s.ctx, "acme"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-in.Gone():
	default:
		t.Error("those inside are not told to leave")
	}
	if _, err := s.Enter(s.ctx, "acme"); !fault.Is(err, fault.Unavailable) || fault.Of(err).Key != "tenant.suspended" {
		t.Errorf("enter a suspended tenant: %v", err)
	}
	if err := s.Resume(s.ctx, "acme"); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithCancel(s.ctx)
	cancel()
	if _, err := s.Enter(short, "acme"); !errors.Is(err, context.Canceled) {
		t.Errorf("entered while somebody from before is inside: %v", err)
	}
	in.Leave()
	s.enter(t, "acme").Leave()
	if err := s.Suspend(s.ctx, "nobody"); !fault.Is(err, fault.NotFound) {
		t.Errorf("suspend nobody: %v", err)
	}
}

func TestDeleteMovesAway(t *testing.T) {
	s := build(t)
	s.create(t, "acme", "globex")
	if err := s.AddHost(s.ctx, "acme", "acme.example"); err != nil {
		t.Fatal(err)
	}
	kept, err := s.Delete(s.ctx, "acme")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(kept, "tenant.db")); err != nil {
		t.Errorf("the deleted tenant is nowhere: %v", err)
	}
	if _, err := s.Enter(s.ctx, "acme"); !fault.Is(err, fault.NotFound) {
		t.Errorf("enter a deleted tenant: %v", err)
	}
	if _, err := s.ByHost(s.ctx, "acme.example"); !fault.Is(err, fault.Misdirected) {
		t.Errorf("its host leads somewhere: %v", err)
	}
	s.create(t, "acme")
	s.enter(t, "globex").Leave()
}

func TestCloseLetsNobodyIn(t *testing.T) {
	s := build(t)
	s.create(t, "acme")
	in := s.enter(t, "acme")
	in.Hold()
	in.Leave()
	done := make(chan struct{})
	go func() { s.Close(); close(done) }()
	<-in.Gone()
	select {
	case <-done:
		t.Error("closed while somebody was inside")
	default:
	}
	if _, err := s.Enter(s.ctx, "acme"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("entered while closing: %v", err)
	}
	in.Leave()
	<-done
}

func TestCreateIsAllOrNothing(t *testing.T) {
	broken := false
	s := build(t, func(o *Options) {
		o.Schemas = func(active map[string]bool) []store.Schema {
			if broken {
				return append(schemas(active), store.Schema{Name: "bad", FS: fstest.MapFS{"0001_bad.sql": {Data: []byte("CREATE TABEL x;")}}})
			}
			return schemas(active)
		}
	})
	folder := filepath.Join(s.dir, "tenants", "acme")
	broken = true
	if _, err := s.Create(s.ctx, New{Slug: "acme", Name: "Acme"}, Founding{}); err == nil {
		t.Fatal("made a tenant without its tables")
	}
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) || !s.Empty() {
		t.Errorf("a failed Create left something: %v", err)
	}
	broken = false

	// The machine stopped in the middle: folder and half a database, no row.
	for name, data := range map[string]string{unfinished: "", "tenant.db": "half"} {
		if err := errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, name), []byte(data), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	s.create(t, "acme")
	for path, want := range map[string]fs.FileMode{folder: fs.ModeDir | 0o700, filepath.Join(folder, "tenant.db"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s has mode %v, want %v (%v)", filepath.Base(path), info.Mode(), want, err)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, unfinished)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the finished tenant is marked unfinished")
	}

	// A folder that somebody put there is theirs.
	other := filepath.Join(s.dir, "tenants", "globex")
	if err := errors.Join(os.Mkdir(other, 0o700), os.WriteFile(filepath.Join(other, "tenant.db"), []byte("restored by hand"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(s.ctx, New{Slug: "globex", Name: "Globex"}, Founding{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("create over a foreign folder: %v", err)
	}
	if data, err := os.ReadFile(filepath.Join(other, "tenant.db")); string(data) != "restored by hand" {
		t.Errorf("the foreign folder was touched: %q, %v", data, err)
	}
}

func TestOpenClearsInterruptedCreates(t *testing.T) {
	s := build(t)
	s.create(t, "acme")
	left := filepath.Join(s.dir, "tenants", "globex")
	mark := filepath.Join(s.dir, "tenants", "acme", unfinished)
	err := errors.Join(os.Mkdir(left, 0o700), os.WriteFile(filepath.Join(left, unfinished), nil, 0o600), os.WriteFile(mark, nil, 0o600))
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	again, err := Open(s.ctx, s.o)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	for _, path := range []string{left, mark} {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there", path)
		}
	}
	in, err := again.Enter(s.ctx, "acme")
	if err != nil {
		t.Fatalf("the finished tenant is gone: %v", err)
	}
	in.Leave()
}
