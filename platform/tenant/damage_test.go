package tenant

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	_ "modernc.org/sqlite"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

func TestDamageStaysWithItsTenant(t *testing.T) {
	newer := false
	overwrite := func(from, to int64, with byte) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i := from; i < min(to, int64(len(data))); i++ {
				data[i] = with
			}
			must(t, os.WriteFile(path, data, 0o600))
		}
	}
	cases := []struct {
		what   string
		break_ func(t *testing.T, path string)
	}{
		{"missing", func(t *testing.T, path string) { must(t, os.Remove(path)) }},
		{"empty", func(t *testing.T, path string) { must(t, os.Truncate(path, 0)) }},
		{"cut in the middle", func(t *testing.T, path string) { must(t, os.Truncate(path, 6000)) }},
		{"not a database", func(t *testing.T, path string) {
			must(t, os.WriteFile(path, bytes.Repeat([]byte("letter "), 999), 0o600))
		}},
		{"beginning overwritten", overwrite(0, 100, 0)},
		{"first page overwritten behind its beginning", overwrite(100, 4096, 0xff)},
		{"another program's database", anothersDatabase},
		{"locked", lock},
		{"newer than the program", func(*testing.T, string) { newer = true }},
		{"no permission", func(t *testing.T, path string) { must(t, os.Chmod(path, 0)) }},
		{"a folder in its place", func(t *testing.T, path string) { must(t, errors.Join(os.Remove(path), os.Mkdir(path, 0o700))) }},
		{"a link to another tenant", func(t *testing.T, path string) {
			must(t, errors.Join(os.Remove(path), os.Symlink("../globex/tenant.db", path)))
		}},
		{"the whole folder gone", func(t *testing.T, path string) { must(t, os.RemoveAll(filepath.Dir(path))) }},
	}
	for _, c := range cases {
		t.Run(c.what, func(t *testing.T) {
			newer = false
			s := build(t)
			s.create(t, "acme", "globex")
			s.part("acme")
			s.part("globex")
			path := filepath.Join(s.dir, "tenants", "acme", "tenant.db")
			c.break_(t, path)
			if newer {
				makeNewer(t, s, path)
			}
			before := look(t, path)

			_, err := s.Enter(s.ctx, "acme")
			if f := fault.Of(err); !fault.Is(err, fault.Unavailable) || f.Key != "tenant.broken" || len(f.Args) != 2 || f.Args[1] == "" {
				t.Fatalf("Enter = %v, want tenant.broken with a reference", err)
			}
			_, again := s.Enter(s.ctx, "acme")
			if again == nil || again.Error() != err.Error() {
				t.Errorf("the second visitor sees %v, the first one %v", again, err)
			}
			if after := look(t, path); after != before {
				t.Errorf("the file was changed: %.60q, before %.60q", after, before)
			}
			s.enter(t, "globex").Leave()
			if ill := s.Health(s.ctx); len(ill) != 1 || ill[0].Slug != "acme" || ill[0].Reference != fault.Of(err).Args[1] {
				t.Errorf("Health = %+v, want acme", ill)
			}
		})
	}
}

func TestATenantRecovers(t *testing.T) {
	s := build(t)
	s.create(t, "acme")
	s.part("acme")
	path := filepath.Join(s.dir, "tenants", "acme", "tenant.db")
	must(t, os.Rename(path, path+".away"))
	must(t, os.WriteFile(path, bytes.Repeat([]byte("letter "), 999), 0o600))
	if ill := s.Health(s.ctx); len(ill) != 1 {
		t.Fatalf("Health before anybody entered = %v, want acme", ill)
	}
	must(t, os.Rename(path+".away", path))
	if _, err := s.Enter(s.ctx, "acme"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("tried again at once: %v", err)
	}
	s.now.Add(3)
	s.enter(t, "acme").Leave()
	if ill := s.Health(s.ctx); len(ill) != 0 {
		t.Errorf("Health = %v after recovery", ill)
	}
}

func TestAHookThatBreaksHarmsNobodyElse(t *testing.T) {
	s := build(t)
	s.create(t, "acme", "globex")
	s.part("acme")
	closed := 0
	s.OnOpen(func(_ context.Context, in *Tenant) error {
		if in.Slug == "acme" {
			panic("boom")
		}
		return nil
	})
	s.OnClose(func(*Tenant) { closed++ })
	if _, err := s.Enter(s.ctx, "acme"); !fault.Is(err, fault.Unavailable) || closed != 1 {
		t.Errorf("Enter = %v, closed %d times", err, closed)
	}
	s.enter(t, "globex").Leave()
}

// look is the file as it lies there, whatever it is.
func look(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		return "none"
	}
	if !info.Mode().IsRegular() {
		return info.Mode().String()
	}
	data, err := os.ReadFile(path)
	must(t, err)
	return info.Mode().String() + string(data)
}

func lock(t *testing.T, path string) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=locking_mode(EXCLUSIVE)")
	must(t, err)
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	_, err = db.Exec("BEGIN EXCLUSIVE")
	must(t, err)
}

func anothersDatabase(t *testing.T, path string) {
	must(t, os.Remove(path))
	db, err := sql.Open("sqlite", "file:"+path)
	must(t, err)
	defer db.Close()
	_, err = db.Exec("CREATE TABLE recipes (title TEXT)")
	must(t, errors.Join(err, os.Chmod(path, 0o600)))
}

// makeNewer has a later program run a migration that this one does not know.
func makeNewer(t *testing.T, s *site, path string) {
	db, err := store.Open(s.ctx, path)
	must(t, err)
	files := fstest.MapFS{}
	for n := range 9 {
		files["000"+string(rune('1'+n))+"_later.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE later_" + string(rune('a'+n)) + " (x TEXT) STRICT;")}
	}
	must(t, db.Migrate(s.ctx, store.Schema{Name: "later", FS: files}))
	must(t, db.Close())
	known := s.o.Schemas
	s.o.Schemas = func(active map[string]bool) []store.Schema {
		return append(known(active), store.Schema{Name: "later", FS: fstest.MapFS{"0001_later.sql": files["0001_later.sql"]}})
	}
	t.Cleanup(func() { s.o.Schemas = known })
	s.create(t, "umbrella")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
