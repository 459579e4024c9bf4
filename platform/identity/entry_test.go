package identity

import (
	"testing"

	"runes.im/platform/fault"
)

func TestOwnersAloneDecideWhoIsOneAndTheLastStays(t *testing.T) {
	s := build(t)
	admin, bob := s.add(t, "eve@acme.example", "admin"), s.add(t, "bob@acme.example", "")
	if err := s.SetOwner(s.ctx, s.a, admin, admin.ID, true); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an administrator makes themselves an owner: %v", err)
	}
	if err := s.SetOwner(s.ctx, s.a, s.owner, s.owner.ID, false); !fault.Is(err, fault.Conflict) {
		t.Errorf("the last owner goes: %v", err)
	}
	must(t, s.SetOwner(s.ctx, s.a, s.owner, bob.ID, true))
	bob, err := s.Member(s.ctx, s.a, bob.ID)
	must(t, err)
	if !bob.Owner || !bob.Can("manage_roles") {
		t.Errorf("the new owner is %+v", bob)
	}
	must(t, s.SetOwner(s.ctx, s.a, bob, s.owner.ID, false))
	must(t, s.Suspend(s.ctx, s.a, nil, admin.ID))
	if err := s.SetOwner(s.ctx, s.a, bob, admin.ID, true); !fault.Is(err, fault.Conflict) {
		t.Errorf("somebody suspended becomes an owner: %v", err)
	}
	if n := s.lines(t, "identity.owner_changed"); n != 2 {
		t.Errorf("%d lines", n)
	}
}

func TestAHiddenEntryHoldsAtOnceAndTakesNoRight(t *testing.T) {
	s := build(t)
	s.Provide([]Shelf{{Rune: "all", Permissions: s.permission, Entries: []SidebarEntry{{Key: "files", Permission: "view_storage"}}}})
	bob := s.add(t, "bob@acme.example", "")
	token := s.signIn(t, bob.Email, desk)
	seen := func() *Person {
		p, err := s.BySession(s.ctx, s.a, token)
		must(t, err)
		return p
	}
	if seen().Hides("all.files") {
		t.Fatal("hidden before anybody said so")
	}
	must(t, s.HideEntries(s.ctx, s.a, s.owner, bob.ID, []string{"all.files", "all.files"}))
	if p := seen(); !p.Hides("all.files") || !p.Can("view_storage") {
		t.Errorf("hidden %v, may %v", p.Hides("all.files"), p.Can("view_storage"))
	}
	if err := s.HideEntries(s.ctx, s.a, s.owner, bob.ID, []string{"all.secrets"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown entry: %v", err)
	}
	if err := s.HideEntries(s.ctx, s.a, bob, s.owner.ID, nil); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an owner's sidebar is changed from below: %v", err)
	}
	must(t, s.HideEntries(s.ctx, s.a, s.owner, bob.ID, nil))
	if seen().Hides("all.files") {
		t.Error("still hidden")
	}
}
