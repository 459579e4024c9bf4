package tenant

import (
	"context"
	"errors"
	"testing"

	"runes.im/platform/fault"
	"runes.im/platform/reach"
)

// world is what the outside answers.
type world struct {
	texts map[string]string // by name
	files map[string]string // by host
	down  bool
}

func (w *world) TXT(_ context.Context, name string) ([]string, error) {
	if w.down {
		return nil, errors.New("no way out")
	}
	if text, ok := w.texts[name]; ok {
		return []string{"v=spf1 -all", text}, nil
	}
	return nil, reach.ErrNone
}

func (w *world) File(_ context.Context, host, path string) (string, error) {
	if text, ok := w.files[host]; ok && path == ProofPath && !w.down {
		return text, nil
	}
	return "", errors.New("nobody answers")
}

// A1.14, T1: a name leads to an organisation only after it was proven, to one alone, and no longer than it is kept.
func TestANameIsProvenBeforeItLeadsAnywhere(t *testing.T) {
	s := build(t)
	w := &world{texts: map[string]string{}, files: map[string]string{}}
	s.o.Outside = w
	s.create(t, "acme", "globex")
	acme, globex := s.enter(t, "acme"), s.enter(t, "globex")
	prove := func(in *Tenant, host, problem string) {
		t.Helper()
		s.now.Add(60)
		err := in.ProveHost(s.ctx, host)
		if f := fault.Of(err); problem == "" && err != nil || problem != "" && (f == nil || f.Key != problem) {
			t.Errorf("%s for %s: %v, want %q", host, in.Slug, err, problem)
		}
	}
	leads := func(host, slug string) {
		t.Helper()
		if got, err := s.ByHost(s.ctx, host); got != slug || (err == nil) != (slug != "") {
			t.Errorf("%s leads to %q, %v, want %q", host, got, err, slug)
		}
	}
	const host = "work.acme.example"
	for _, in := range []*Tenant{acme, globex} {
		if err := in.Claim(s.ctx, host); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{"https://x.example", "localhost", "acme.base.test", "192.0.2.1", "a.example:80"} {
		if err := acme.Claim(s.ctx, bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	mine, err := acme.Claims(s.ctx)
	if err != nil || len(mine) != 1 {
		t.Fatalf("claims: %+v, %v", mine, err)
	}
	theirs, err := globex.Claims(s.ctx)
	if err != nil || len(theirs) != 1 || theirs[0].Token == mine[0].Token {
		t.Fatalf("claims of the other: %+v, %v", theirs, err)
	}
	leads(host, "")
	prove(acme, host, "tenant.proof_none")
	if err := acme.ProveHost(s.ctx, host); !fault.Is(err, fault.TooMany) {
		t.Errorf("again at once: %v", err)
	}
	w.texts[mine[0].RecordName()] = theirs[0].Proof()
	prove(acme, host, "tenant.proof_other")
	w.down = true
	prove(acme, host, "tenant.proof_offline")
	w.down = false
	leads(host, "")
	w.texts[mine[0].RecordName()] = mine[0].Proof()
	prove(globex, host, "tenant.proof_other")
	prove(acme, host, "")
	leads(host, "acme")

	// Whoever held a claim meanwhile has nothing of it, and nobody claims what is proven.
	w.texts[mine[0].RecordName()] = theirs[0].Proof()
	prove(globex, host, "tenant.host_taken")
	if err := globex.Claim(s.ctx, host); !fault.Is(err, fault.Conflict) {
		t.Errorf("claiming what is another's: %v", err)
	}
	leads(host, "acme")

	// A file proves as well, and the operator's word; what is removed leads nowhere at once.
	if err := globex.Claim(s.ctx, "files.globex.example"); err != nil {
		t.Fatal(err)
	}
	theirs, _ = globex.Claims(s.ctx)
	w.files["files.globex.example"] = "# ours\n" + theirs[0].Proof() + "\n"
	prove(globex, "files.globex.example", "")
	leads("files.globex.example", "globex")
	if err := acme.RemoveHost(s.ctx, "files.globex.example"); !fault.Is(err, fault.NotFound) {
		t.Errorf("removing what is another's: %v", err)
	}
	if err := globex.RemoveHost(s.ctx, "files.globex.example"); err != nil {
		t.Fatal(err)
	}
	leads("files.globex.example", "")
	if err := globex.Claim(s.ctx, "offline.globex.example"); err != nil {
		t.Fatal(err)
	}
	if err := s.AddHost(s.ctx, "globex", "offline.globex.example"); err != nil {
		t.Fatal(err)
	}
	leads("offline.globex.example", "globex")
	if left, err := globex.Claims(s.ctx); err != nil || len(left) != 1 {
		t.Errorf("claims that are settled stay: %+v, %v", left, err)
	}
	if err := globex.Unclaim(s.ctx, host); err != nil {
		t.Error(err)
	}
}
