package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"runes.im/platform/runetest"
	"runes.im/platform/store"
)

// forms are the ways in which a secret may have been written down.
func forms(secret string) map[string][]byte {
	// The same bytes stand in three different places of a group of base64, and its ends depend on what is beside them.
	all := map[string][]byte{"plain": []byte(secret), "hex": []byte(hex.EncodeToString([]byte(secret)))}
	for shift, name := range []string{"base64", "base64 shifted once", "base64 shifted twice"} {
		text := base64.StdEncoding.EncodeToString(append(make([]byte, shift), secret...))
		all[name] = []byte(strings.TrimRight(text[4*((shift+2)/3):], "=")[:len(secret)])
	}
	if raw, err := base64.RawURLEncoding.DecodeString(secret); err == nil && len(raw) >= 16 {
		all["what it stands for"] = raw
		all["that in hex"] = []byte(hex.EncodeToString(raw))
	}
	return all
}

// K1: whatever lets somebody in is nowhere in the data directory and nowhere in the log, in no form.
func TestNoSecretIsWrittenDown(t *testing.T) {
	t.Parallel()
	l := newLived(t)
	a := l.owner.Post("/storage/sync/new", url.Values{"name": {"laptop"}})
	secrets := map[string]string{
		"the login password": runetest.Password, "an app password": l.device.Secret(), "one that a page showed": match(t, `value="([\w-]{20,})" readonly`, a.Text),
		"what a program polls with": l.poll, "the address of its page": strings.TrimPrefix(l.flow, "/storage/connect/"),
	}
	for _, pair := range strings.Split(l.owner.Cookies(), "; ") {
		name, value, _ := strings.Cut(pair, "=")
		secrets["the cookie "+name] = value
	}
	if page := l.owner.Post(l.flow, url.Values{"answer": {"grant"}}); page.StatusCode != http.StatusOK {
		t.Fatalf("let a program in: %s", page.Status)
	}
	got := l.Visitor("acme").Do(http.MethodPost, "/index.php/login/v2/poll", strings.NewReader("token="+l.poll),
		http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	secrets["what the program got"] = match(t, `"appPassword":"([^"]+)"`, got.Text)
	const planted = "planted-smtp-password-39f1"
	org := l.Tenant("acme")
	err := org.DB.Write(l.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO storage_props (node, space, name, value) SELECT min(id), 'test', 'sealed', ? FROM storage_nodes`,
			base64.StdEncoding.EncodeToString(org.Secrets.Seal("test.smtp", []byte(planted))))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	secrets["a sealed secret"] = planted
	key, err := os.ReadFile(l.Dir + ".key")
	if err != nil {
		t.Fatal(err)
	}
	secrets["the master key"] = strings.TrimSpace(string(key))
	if raw, err := hex.DecodeString(secrets["the master key"]); err == nil {
		secrets["the master key in bytes"] = string(raw)
	}
	places := map[string][]byte{"the log": []byte(l.Log())}
	err = filepath.WalkDir(l.Dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			places[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil || len(places) < 5 {
		t.Fatalf("looked at %d places: %v", len(places), err)
	}
	if all := bytes.Join(values(places), nil); !bytes.Contains(all, []byte(l.owner.Email)) || !bytes.Contains(all, []byte("laptop")) {
		t.Fatal("what is not secret is not found either, so the rest proves nothing")
	}
	for what, secret := range secrets {
		if len(secret) < 12 {
			t.Fatalf("%s is %q", what, secret)
		}
		for form, text := range forms(secret) {
			for place, content := range places {
				if bytes.Contains(content, text) {
					t.Errorf("%s stands in %s, %s", what, place, form)
				}
			}
		}
	}
}

func values(m map[string][]byte) (all [][]byte) {
	for _, v := range m {
		all = append(all, v)
	}
	return all
}
