package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"runes.im/platform/app"
	"runes.im/platform/blob"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/picture"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// moved is a house whose tenant acme has a large file and an owner with a second factor.
type moved struct {
	*runetest.House
	owner   *runetest.Person
	secret  string // of the second factor
	content string // id of the file
	bytes   []byte
}

func newMoved(t *testing.T) *moved {
	h := runetest.Start(t, installed())
	m := &moved{House: h, owner: h.Person("owner"), bytes: bytes.Repeat([]byte("all the same, all the while. "), 9000)}
	acme := h.Tenant("acme")
	ctx := tenant.With(h.Context(), acme)
	staged, err := acme.Blobs.Stage(ctx, bytes.NewReader(m.bytes), blob.StageOptions{Expect: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer staged.Discard()
	m.content = staged.ID
	err = acme.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return acme.Blobs.Keep(ctx, tx, staged) })
	if err != nil {
		t.Fatal(err)
	}
	if m.secret, _, err = identity.NewTOTP("acme", m.owner.Email, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := h.App.People.AddTOTP(ctx, acme, m.owner.Person, m.secret, m.code(t), "Phone"); err != nil {
		t.Fatal(err)
	}
	drawn, err := picture.Patchwork(40, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.App.People.SavePicture(ctx, acme, m.owner.Person, bytes.NewReader(drawn.Content), identity.PictureCut{X: 50, Y: 50}); err != nil {
		t.Fatal(err)
	}
	m.erase(ctx, t, acme)
	return m
}

// erase leaves a member whose account was deleted: a name on records.
func (m *moved) erase(ctx context.Context, t *testing.T, acme *tenant.Tenant) {
	t.Helper()
	gone, err := m.App.People.AddMember(ctx, acme, identity.NewMember{Email: "gone@acme.example", Name: "Gone Away"})
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(m.App.People.Deactivate(ctx, acme, nil, gone.ID), m.App.People.Forsake(ctx, acme, gone.ID), m.App.People.EraseAccount(ctx, gone.AccountID))
	if err != nil {
		t.Fatal(err)
	}
}

func (m *moved) code(t *testing.T) string {
	code, err := totp.GenerateCode(m.secret, m.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func (m *moved) export(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "acme.zip")
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := app.Export(t.Context(), m.App.Config, installed(), "acme", out); err != nil {
		t.Fatal(err)
	}
	return path
}

func (m *moved) bring(t *testing.T, path string) (app.Moved, error) {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	return app.Import(t.Context(), m.App.Config, installed(), in, "")
}

func (m *moved) wantContent(t *testing.T, slug string) {
	t.Helper()
	back, err := m.App.Tenants.Enter(m.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	defer back.Leave()
	c, err := back.Blobs.Read(m.Context(), back.DB, m.content)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, m.bytes) {
		t.Errorf("the file came back with %d bytes, %v", len(got), err)
	}
}

// A1.16: everything comes back, the accounts with their passwords and second factors, and a copy opens nothing of its original.
func TestAnOrganisationTravelsWhole(t *testing.T) {
	m := newMoved(t)
	device := m.owner.Device("sync")
	path := m.export(t)

	made, err := m.bring(t, path)
	if err != nil || made.Slug != "acme-2" || made.Files != 1 {
		t.Fatalf("a copy: %+v, %v", made, err)
	}
	m.wantContent(t, "acme-2")
	other := m.Visitor("acme-2").WithPassword(m.owner.Email, device.Secret())
	if a := other.Do("PROPFIND", "/dav/", nil, nil); a.StatusCode != 401 {
		t.Errorf("an app password of the original in the copy: %s", a.Status)
	}
	p := m.Visitor("acme-2")
	if a := p.SignIn(m.owner.Email, runetest.Password); !strings.HasPrefix(a.Header.Get("Location"), "/login/second") {
		t.Fatalf("sign-in in the copy: %s %s", a.Status, a.Header.Get("Location"))
	}
	m.Clock.Add(time.Minute)
	p.Get("/login/second")
	p.Post("/login/second", url.Values{"code": {m.code(t)}})
	if a := p.Get("/"); a.StatusCode != 200 || !strings.Contains(a.See(), "owner") {
		t.Errorf("Home of the copy: %s", a.Status)
	}

	// Another appliance knows none of the people: their accounts come along with their factors.
	there := runetest.Start(t, installed())
	key, err := os.ReadFile(m.App.Config.Key)
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if made, err = app.Import(t.Context(), there.App.Config, installed(), in, string(key)); err != nil || made.Slug != "acme-2" {
		t.Fatalf("elsewhere: %+v, %v", made, err)
	}
	client := there.Visitor("acme-2").WithPassword(m.owner.Email, device.Secret())
	if a := client.Do("PROPFIND", "/dav/", nil, map[string][]string{"Depth": {"0"}}); a.StatusCode != 207 {
		t.Errorf("a device after the move: %s", a.Status)
	}
	p = there.Visitor("acme-2")
	if a := p.SignIn(m.owner.Email, runetest.Password); !strings.HasPrefix(a.Header.Get("Location"), "/login/second") {
		t.Errorf("sign-in elsewhere: %s %s", a.Status, a.Header.Get("Location"))
	}
	found, err := there.App.Tenants.Enter(there.Context(), "acme-2")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Leave()
	if pictures, err := there.App.People.Pictures(there.Context(), found); err != nil || pictures[m.owner.ID] == "" {
		t.Errorf("the owner's picture did not come along: %v, %v", pictures, err)
	}
	if p, err := there.App.People.Members(there.Context(), found); err != nil || len(p) != 2 {
		t.Errorf("%d members elsewhere, %v", len(p), err)
	}
	if bad, err := found.Blobs.Check(there.Context(), true); err != nil || len(bad) > 0 {
		t.Errorf("contents elsewhere: %v, %v", bad, err)
	}
}

// An account that is here keeps its password: an archive is no way to take one over.
func TestAnArchiveOverwritesNoAccount(t *testing.T) {
	m := newMoved(t)
	path := m.export(t)
	acme := m.Tenant("acme")
	const changed = "a password of later days"
	if err := m.App.People.SetPassword(m.Context(), acme, m.owner.Person.ID, changed); err != nil {
		t.Fatal(err)
	}
	if _, err := m.bring(t, path); err != nil {
		t.Fatal(err)
	}
	p := m.Visitor("acme-2")
	p.Get("/login")
	if a := p.Post("/login", url.Values{"email": {m.owner.Email}, "password": {runetest.Password}}); a.StatusCode != 401 {
		t.Errorf("the password of the archive: %s", a.Status)
	}
	if a := p.Post("/login", url.Values{"email": {m.owner.Email}, "password": {changed}}); a.StatusCode != 303 {
		t.Errorf("the password of today: %s", a.Status)
	}
}

// Whatever is wrong with an archive, nothing is made of it: no folder, no row, no account.
func TestADamagedArchiveIsRefusedWhole(t *testing.T) {
	m := newMoved(t)
	path := m.export(t)
	manifest := func(change func(map[string]any)) func(name string, raw []byte) []byte {
		return func(name string, raw []byte) []byte {
			if name != "manifest.json" {
				return raw
			}
			all := map[string]any{}
			if err := json.Unmarshal(raw, &all); err != nil {
				t.Fatal(err)
			}
			change(all)
			raw, _ = json.Marshal(all)
			return raw
		}
	}
	swap := func(of string, with func([]byte) []byte) func(string, []byte) []byte {
		return func(name string, raw []byte) []byte {
			if strings.HasPrefix(name, of) {
				return with(raw)
			}
			return raw
		}
	}
	flip := func(raw []byte) []byte { raw[len(raw)/2] ^= 1; return raw }
	drop := func([]byte) []byte { return nil }
	for name, change := range map[string]func(string, []byte) []byte{
		"a database with another byte":  swap("tenant.db", flip),
		"a content with another byte":   swap("blobs/", flip),
		"accounts with another byte":    swap("accounts", flip),
		"a content that is missing":     swap("blobs/", drop),
		"no accounts":                   swap("accounts", drop),
		"no manifest":                   swap("manifest", drop),
		"a newer schema":                manifest(func(m map[string]any) { m["schemas"].(map[string]any)["identity"] = 4711 }),
		"a schema of nobody":            manifest(func(m map[string]any) { m["schemas"].(map[string]any)["tarot"] = 1 }),
		"another form":                  manifest(func(m map[string]any) { m["form"] = "runes tenant 2" }),
		"a short name that leads away":  manifest(func(m map[string]any) { m["slug"] = "../../etc" }),
		"a file that leads away":        manifest(func(m map[string]any) { m["files"].(map[string]any)["../evil"] = map[string]any{"size": 1} }),
		"a name that nobody could read": manifest(func(m map[string]any) { m["name"] = "\x00" }),
	} {
		bad := rewrite(t, path, change)
		if made, err := m.bring(t, bad); fault.Of(err) == nil && !isRefusal(err) || made.Slug != "" {
			t.Errorf("%s: %+v, %v", name, made, err)
		}
	}
	if infos, err := m.App.Tenants.List(m.Context()); err != nil || len(infos) != 1 {
		t.Errorf("tenants afterwards: %v, %v", infos, err)
	}
	for _, folder := range []string{"tenants", "moving"} {
		entries, err := os.ReadDir(filepath.Join(m.Dir, folder))
		if want := map[string]int{"tenants": 1}[folder]; err != nil || len(entries) != want {
			t.Errorf("%s holds %v, %v", folder, entries, err)
		}
	}
}

func isRefusal(err error) bool {
	r, ok := err.(*app.Refusal)
	return ok && r.Kind != 0
}

// rewrite makes an archive with other bytes in it.
func rewrite(t *testing.T, path string, change func(name string, raw []byte) []byte) string {
	t.Helper()
	from, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	var out bytes.Buffer
	to := zip.NewWriter(&out)
	for _, f := range from.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if raw = change(f.Name, raw); raw == nil {
			continue
		}
		w, err := to.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, string(raw))
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.zip")
	if err := os.WriteFile(bad, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return bad
}
