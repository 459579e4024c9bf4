package secret

import (
	"os"
	"path/filepath"
	"testing"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// rotation is an appliance with two tenants that have secrets and one that never had any.
type rotation struct {
	path   string
	master *Master
	dbs    []*store.DB
	sealed [][]byte
}

func newRotation(t *testing.T) *rotation {
	t.Helper()
	r := &rotation{path: filepath.Join(t.TempDir(), "runes.key")}
	r.master = master(t, r.path)
	for range 2 {
		db := openTest(t)
		r.dbs = append(r.dbs, db)
		r.sealed = append(r.sealed, box(t, r.master, db).Seal("mail", []byte("hunter2")))
	}
	r.dbs = append(r.dbs, openTest(t))
	return r
}

// wantReadable says that the key file, as a new start reads it, opens every secret.
func (r *rotation) wantReadable(t *testing.T) {
	t.Helper()
	m, err := Open(r.path, false)
	if err != nil {
		t.Fatal(err)
	}
	for i, sealed := range r.sealed {
		if got, err := box(t, m, r.dbs[i]).Open("mail", sealed); string(got) != "hunter2" || err != nil {
			t.Errorf("tenant %d: got %q, %v", i, got, err)
		}
	}
}

func (r *rotation) wantKeys(t *testing.T, want int) {
	t.Helper()
	for i := range r.sealed {
		var n int
		if err := r.dbs[i].QueryRow(t.Context(), "SELECT count(*) FROM secret_keys").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != want {
			t.Errorf("tenant %d: got %d wrapped keys, want %d", i, n, want)
		}
	}
}

func TestRotationReplacesTheMasterKeyAndLosesNoSecret(t *testing.T) {
	r := newRotation(t)
	before := r.master.Fingerprint()
	oldText, err := os.ReadFile(r.path)
	if err != nil {
		t.Fatal(err)
	}
	open := box(t, r.master, r.dbs[0])
	if err := r.master.Rotate(t.Context(), r.dbs...); err != nil {
		t.Fatal(err)
	}
	if r.master.Fingerprint() == before {
		t.Error("the key is the old one")
	}
	r.wantReadable(t)
	r.wantKeys(t, 1)
	if got, err := open.Open("mail", r.sealed[0]); string(got) != "hunter2" || err != nil {
		t.Errorf("a box opened before: got %q, %v", got, err)
	}
	box(t, r.master, r.dbs[2]) // the tenant without secrets gets its key under the new master
	old := filepath.Join(t.TempDir(), "old")
	if err := os.WriteFile(old, oldText, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := master(t, old).Box(t.Context(), r.dbs[0]); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the old key: got %v, want refused", err)
	}
	info, err := os.Stat(r.path)
	if err != nil || info.Mode().Perm() != 0o400 {
		t.Errorf("key file: %v, %v, want mode 400", info.Mode(), err)
	}
	if names, err := os.ReadDir(filepath.Dir(r.path)); len(names) != 1 || err != nil {
		t.Errorf("got %v, %v, want one key file", names, err)
	}
}

// The tenants are wrapped one after the other. A rotation that breaks off at any of them leaves the old key in place, and the
// next call finishes with the key that was begun.
func TestABrokenRotationOpensEverythingAndIsTakenUp(t *testing.T) {
	for broken := range 2 {
		r := newRotation(t)
		dbs := append([]*store.DB{}, r.dbs...)
		dbs[broken] = openTest(t)
		dbs[broken].Close()
		if err := r.master.Rotate(t.Context(), dbs...); err == nil {
			t.Fatal("got no error")
		}
		r.wantReadable(t)
		next, err := readKey(r.path + ".next")
		if err != nil {
			t.Fatal(err)
		}
		m := master(t, r.path) // a new start
		if err := m.Rotate(t.Context(), r.dbs...); err != nil {
			t.Fatal(err)
		}
		if m.Fingerprint() != next.fingerprint {
			t.Error("the second try made another key")
		}
		r.wantReadable(t)
		r.wantKeys(t, 1)
	}
}

// Killed after the new key took its place: the old wrappings are still there and go with the next rotation.
func TestOldWrappingsLeftByACrashGoWithTheNextRotation(t *testing.T) {
	r := newRotation(t)
	fresh, err := makeKey(r.path + ".next")
	if err != nil {
		t.Fatal(err)
	}
	for _, db := range r.dbs {
		if err := r.master.key.rewrap(t.Context(), db, fresh); err != nil {
			t.Fatal(err)
		}
	}
	r.wantReadable(t)
	if err := os.Rename(r.path+".next", r.path); err != nil {
		t.Fatal(err)
	}
	r.wantReadable(t)
	r.wantKeys(t, 2)
	if err := master(t, r.path).Rotate(t.Context(), r.dbs...); err != nil {
		t.Fatal(err)
	}
	r.wantReadable(t)
	r.wantKeys(t, 1)
}

func TestAForeignTenantStopsTheRotationBeforeTheKeyChanges(t *testing.T) {
	r := newRotation(t)
	foreign := openTest(t)
	box(t, master(t, filepath.Join(t.TempDir(), "foreign.key")), foreign)
	before := r.master.Fingerprint()
	if err := r.master.Rotate(t.Context(), append(r.dbs, foreign)...); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v, want refused", err)
	}
	if got := master(t, r.path).Fingerprint(); got != before || r.master.Fingerprint() != before {
		t.Error("the key changed")
	}
	r.wantReadable(t)
}

// A credential of systemd lies in a folder that nobody may write to.
func TestAKeyThatCannotBeReplacedIsRefusedWithASentence(t *testing.T) {
	r := newRotation(t)
	r.master.path = "/sys/runes.key"
	if err := r.master.Rotate(t.Context(), r.dbs...); !fault.Is(err, fault.Forbidden) {
		t.Errorf("got %v, want a refusal", err)
	}
	r.wantReadable(t)
}
