package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"runes.im/platform/isolation"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// A1.2: owners see the proof, run it, and it is true: everything is refused, and nothing of the test stays behind.
func TestOwnersSeeThatTheirDataIsApart(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	h := runetest.Start(t, installed())
	h.Tenant("globex")
	if a := h.Person("view_contacts").Get("/settings/isolation"); a.StatusCode != http.StatusNotFound {
		t.Errorf("for somebody else: %s", a.Status)
	}
	p := h.Person("owner")
	p.Device("sync")
	if a := p.Get("/settings"); !strings.Contains(a.See(), "Proof of isolation") {
		t.Errorf("the way there: %s", a.See())
	}
	if a := p.Get("/settings/isolation"); !strings.Contains(a.See(), "Not run yet") || !strings.Contains(a.See(), "tenants/acme/tenant.db") {
		t.Errorf("before: %s", a.See())
	}
	before := len(h.App.Tenants.Health(h.Context()))
	if a := p.Post("/settings/isolation", nil); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("running: %s\n%s", a.Status, a.See())
	}
	if a := p.Get("/settings/isolation"); strings.Contains(a.See(), "Failed") || strings.Contains(a.See(), "Not run yet") {
		t.Errorf("after: %s", a.See())
	}
	r, err := isolation.Last(h.Context(), h.Tenant("acme").DB, isolation.Test)
	if err != nil || len(r.Checks) != 10 || !r.Passed() {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, c := range r.Checks {
		if c.Tried == 0 {
			t.Errorf("%s tried nothing", c.Key)
		}
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if after := len(h.App.Tenants.Health(h.Context())); after != before {
		t.Errorf("ill tenants: %d, before %d", after, before)
	}
}

// A test that cannot fail proves nothing: what is broken on purpose is found.
func TestTheProofFindsWhatIsBroken(t *testing.T) {
	h := runetest.Start(t, installed())
	acme, globex := h.Tenant("acme"), h.Tenant("globex")
	ctx := tenant.With(h.Context(), acme)
	prover := h.App.Prover()
	failed := func(r *isolation.Result, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, c := range r.Checks {
			if c.Failed > 0 {
				keys = append(keys, c.Key)
			}
		}
		return strings.Join(keys, " ")
	}
	if got := failed(prover.RunIntegrity(ctx, acme)); got != "" {
		t.Errorf("sound: %s", got)
	}
	// Others may read the file, and another organisation has the same one.
	file := filepath.Join(acme.Folder(), "tenant.db")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := failed(prover.RunTest(ctx, acme)); got != isolation.OwnFiles {
		t.Errorf("a file for everybody: %q", got)
	}
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(globex.Folder(), "tenant.db")
	if err := os.Rename(other, other+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(file, other); err != nil {
		t.Fatal(err)
	}
	if got := failed(prover.RunTest(ctx, acme)); got != isolation.OwnFiles {
		t.Errorf("one file for two: %q", got)
	}
	if err := os.Rename(other+".away", other); err != nil {
		t.Fatal(err)
	}
	// A content that is not there.
	err := acme.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO blob_contents (id, size, uses, made_at) VALUES (?, 100000, 1, '2030')`, strings.Repeat("a", 64))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := failed(prover.RunIntegrity(ctx, acme)); got != isolation.ContentsThere {
		t.Errorf("a content that is not there: %q", got)
	}
}
