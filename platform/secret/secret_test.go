package secret

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

func openTest(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "tenant.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(t.Context(), Schema); err != nil {
		t.Fatal(err)
	}
	return db
}

func master(t *testing.T, path string) *Master {
	t.Helper()
	m, err := Open(path, true)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func box(t *testing.T, m *Master, db *store.DB) *Box {
	t.Helper()
	b, err := m.Box(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestASecretOpensOnlyForItsPurposeInItsTenant(t *testing.T) {
	m := master(t, filepath.Join(t.TempDir(), "runes.key"))
	db := openTest(t)
	b, other := box(t, m, db), box(t, m, openTest(t))
	for _, plain := range []string{"", "hunter2"} {
		sealed := b.Seal("mail", []byte(plain))
		if plain != "" && bytes.Contains(sealed, []byte(plain)) {
			t.Error("the secret stands in what was sealed")
		}
		if bytes.Equal(sealed, b.Seal("mail", []byte(plain))) {
			t.Error("sealing twice gives the same")
		}
		got, err := box(t, m, db).Open("mail", sealed)
		if err != nil || string(got) != plain {
			t.Errorf("got %q, %v, want %q", got, err, plain)
		}
		if _, err := b.Open("totp", sealed); err == nil {
			t.Error("it opened for another purpose")
		}
		if _, err := other.Open("mail", sealed); err == nil {
			t.Error("it opened in another tenant")
		}
		for i := range sealed {
			changed := bytes.Clone(sealed)
			changed[i] ^= 1
			if _, err := b.Open("mail", changed); err == nil {
				t.Errorf("it opened with byte %d changed", i)
			}
			if _, err := b.Open("mail", sealed[:i]); err == nil {
				t.Errorf("it opened when cut to %d bytes", i)
			}
		}
	}
}

func TestKeysForPurposesAreStableAndDifferent(t *testing.T) {
	m := master(t, filepath.Join(t.TempDir(), "runes.key"))
	db := openTest(t)
	b := box(t, m, db)
	key := b.Key("links")
	if len(key) != 32 || !bytes.Equal(key, box(t, m, db).Key("links")) {
		t.Error("the key of a purpose is not stable")
	}
	if bytes.Equal(key, b.Key("csrf")) || bytes.Equal(key, box(t, m, openTest(t)).Key("links")) {
		t.Error("two purposes or two tenants share a key")
	}
}

func TestBoxesOpenedAtOnceShareOneDataKey(t *testing.T) {
	m := master(t, filepath.Join(t.TempDir(), "runes.key"))
	db := openTest(t)
	keys := make([]string, 8)
	var openers sync.WaitGroup
	for i := range keys {
		openers.Go(func() {
			b, err := m.Box(t.Context(), db)
			if err != nil {
				t.Error(err)
				return
			}
			keys[i] = string(b.Key("x"))
		})
	}
	openers.Wait()
	if len(slices.Compact(keys)) != 1 {
		t.Error("got several data keys for one tenant")
	}
}

func TestTheKeyFileIsMadeOnceAndReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runes.key")
	if _, err := Open(path, false); !fault.Is(err, fault.NotFound) {
		t.Errorf("missing key: got %v, want a refusal", err)
	}
	m := master(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o400 {
		t.Errorf("mode %o, want 400", got)
	}
	if got := master(t, path).Fingerprint(); got != m.Fingerprint() {
		t.Errorf("got another key the second time")
	}
	if names, err := os.ReadDir(filepath.Dir(path)); len(names) != 1 || err != nil {
		t.Errorf("got %v, %v, want the key alone", names, err)
	}
}

// Two starts at once must not each go on with a key of their own.
func TestAKeyThatIsThereIsNeverReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runes.key")
	m := master(t, path)
	if _, err := makeKey(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want that it exists", err)
	}
	if got := master(t, path).Fingerprint(); got != m.Fingerprint() {
		t.Error("the key was replaced")
	}
}

func TestAKeyFileIsHexOrBase64(t *testing.T) {
	raw := bytes.Repeat([]byte{0xab}, 32)
	want := newMasterKey(raw).fingerprint
	for text, good := range map[string]bool{
		hex.EncodeToString(raw):                               true,
		" " + strings.ToUpper(hex.EncodeToString(raw)) + "\n": true,
		base64.StdEncoding.EncodeToString(raw):                true,
		"":                                                    false,
		"hello":                                               false,
		hex.EncodeToString(raw[:31]):                          false,
		hex.EncodeToString(raw) + "ab":                        false,
		string(bytes.Repeat(raw, 1)):                          false,
	} {
		path := filepath.Join(t.TempDir(), "runes.key")
		if err := os.WriteFile(path, []byte(text), 0o400); err != nil {
			t.Fatal(err)
		}
		m, err := Open(path, true)
		if good && (err != nil || m.Fingerprint() != want) {
			t.Errorf("%q: got %v", text, err)
		}
		if !good && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: got %v, want a refusal", text, err)
		}
		if now, _ := os.ReadFile(path); string(now) != text {
			t.Errorf("%q: the file was changed", text)
		}
	}
}

func TestWhereTheKeyLies(t *testing.T) {
	credentials, system, data := t.TempDir(), t.TempDir(), "/srv/runes-data/"
	expect := func(want string) {
		t.Helper()
		if got := defaultPath(data, credentials, system); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	expect("/srv/runes-data.key")
	master(t, filepath.Join(system, "runes.key"))
	expect(filepath.Join(system, "runes.key"))
	master(t, filepath.Join(credentials, "runes.key"))
	expect(filepath.Join(credentials, "runes.key"))
	if got, want := defaultPath(data, "", "/nonexistent"), "/srv/runes-data.key"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAnotherMasterKeyIsRefusedAndChangesNothing(t *testing.T) {
	dir := t.TempDir()
	right, wrong := master(t, filepath.Join(dir, "right")), master(t, filepath.Join(dir, "wrong"))
	db := openTest(t)
	sealed := box(t, right, db).Seal("x", []byte("secret"))
	_, err := wrong.Box(t.Context(), db)
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), right.Fingerprint()) {
		t.Errorf("got %v, want a refusal that names the right key", err)
	}
	if got, err := box(t, right, db).Open("x", sealed); string(got) != "secret" || err != nil {
		t.Errorf("afterwards: got %q, %v", got, err)
	}
}

func TestKeysNeverStandInTextOrFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "runes.key")
	m := master(t, path)
	db := openTest(t)
	b := box(t, m, db)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	sealed := b.Seal("x", []byte("planted-canary-value"))
	write(t, db, "CREATE TABLE secret_test (sealed BLOB) STRICT")
	err = db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO secret_test (sealed) VALUES (?)", sealed)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "copy.db")
	if err := db.Copy(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	data = fmt.Appendf(data, "%v %+v %#v %s %v %+v %#v %s", m, m, m, m, b, b, b, b)
	for name, secret := range map[string][]byte{"master key": raw, "data key": b.data, "secret": []byte("planted-canary-value")} {
		for form, text := range map[string][]byte{
			"plain":   secret,
			"hex":     []byte(hex.EncodeToString(secret)),
			"base64":  []byte(base64.RawStdEncoding.EncodeToString(secret)),
			"decimal": []byte(strings.Trim(fmt.Sprint(secret), "[]")),
		} {
			if bytes.Contains(data, text) {
				t.Errorf("the %s stands there as %s", name, form)
			}
		}
	}
}

func write(t *testing.T, db *store.DB, statement string) {
	t.Helper()
	err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, statement)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
