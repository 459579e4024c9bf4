package identity

import (
	"context"
	"testing"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// asked is bob, who asked for a new address, with the tokens of both mailboxes.
func (s *site) asked(t *testing.T, bob *Person, email string) EmailLinks {
	t.Helper()
	must(t, s.AskEmail(s.ctx, s.a, bob, email, password, desk))
	links, _, err := s.MakeEmailLinks(s.ctx, s.a, s.owner, bob.ID)
	must(t, err)
	return links
}

func (s *site) wantGone(t *testing.T, why, token string) {
	t.Helper()
	if _, _, err := s.AgreeToEmail(s.ctx, s.a, nil, token, desk); !fault.Is(err, fault.NotFound) {
		t.Errorf("%s: %v", why, err)
	}
}

func TestAnAddressIsNewOnceBothMailboxesAgree(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	here, there := s.signIn(t, bob.Email, desk), s.signIn(t, bob.Email, desk)
	at, err := s.BySession(s.ctx, s.a, here)
	must(t, err)
	if err := s.AskEmail(s.ctx, s.a, at, "robert@acme.example", "not the password", desk); fault.Of(err).Problems["password"].Key == "" {
		t.Errorf("with a wrong password: %v", err)
	}
	links := s.asked(t, at, "robert@acme.example")
	if n := s.notes(t, s.owner.ID, "identity.email_asked"); n != 1 {
		t.Errorf("%d notes for those who manage people", n)
	}
	done, session, err := s.AgreeToEmail(s.ctx, s.a, nil, links.New, desk)
	must(t, err)
	if done || session != "" {
		t.Error("one mailbox was enough")
	}
	s.signIn(t, bob.Email, desk) // still the old one
	s.wantGone(t, "used twice", links.New)
	done, session, err = s.AgreeToEmail(s.ctx, s.a, at, links.Old, desk)
	must(t, err)
	if !done {
		t.Fatal("both agreed and nothing happened")
	}
	me, err := s.BySession(s.ctx, s.a, session)
	must(t, err)
	if me.Email != "robert@acme.example" {
		t.Errorf("the session says %s", me.Email)
	}
	for _, old := range []string{here, there} {
		if _, err := s.BySession(s.ctx, s.a, old); !fault.Is(err, fault.SignedOut) {
			t.Errorf("an older session: %v", err)
		}
	}
	if _, err := s.SignIn(s.ctx, s.a, bob.Email, password, false, desk); !fault.Is(err, fault.SignedOut) {
		t.Errorf("the old address: %v", err)
	}
	s.signIn(t, "Robert@ACME.example", desk)
	if n := s.lines(t, "identity.email_changed"); n != 1 {
		t.Errorf("%d lines in the log", n)
	}
}

func TestLinksForAnAddressDie(t *testing.T) {
	s := build(t)
	for name, end := range map[string]func(bob *Person){
		"after an hour":         func(*Person) { s.later(EmailChangeLasts) },
		"after a new password":  func(bob *Person) { must(t, s.SetPassword(s.ctx, s.a, bob.ID, "another good password")) },
		"after a suspension":    func(bob *Person) { must(t, s.Suspend(s.ctx, s.a, s.owner, bob.ID)) },
		"when they are renewed": func(bob *Person) { _, _, err := s.MakeEmailLinks(s.ctx, s.a, s.owner, bob.ID); must(t, err) },
		"when withdrawn":        func(bob *Person) { must(t, s.WithdrawEmail(s.ctx, bob)) },
		"in another organisation": func(bob *Person) {
			must(t, s.noteMembership(s.ctx, bob.AccountID, s.b.ID, "member-there"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			bob := s.add(t, "bob."+digest(name)[:8]+"@acme.example", roleEmployee)
			bob, err := s.Member(s.ctx, s.a, bob.ID)
			must(t, err)
			links := s.asked(t, bob, "new."+bob.Email)
			end(bob)
			s.wantGone(t, "the old mailbox", links.Old)
			s.wantGone(t, "the new mailbox", links.New)
		})
	}
}

func TestAnAddressBelongsToOneAccount(t *testing.T) {
	s := build(t)
	bob, eve := s.add(t, "bob@acme.example", roleEmployee), s.add(t, "eve@acme.example", roleEmployee)
	agree := func(links EmailLinks) error {
		_, _, err := s.AgreeToEmail(s.ctx, s.a, nil, links.Old, desk)
		must(t, err)
		_, _, err = s.AgreeToEmail(s.ctx, s.a, nil, links.New, desk)
		return err
	}
	// Asking for somebody else's address is answered as any other; the links open nothing at the end.
	if err := agree(s.asked(t, eve, "ADA@acme.example")); !fault.Is(err, fault.NotFound) {
		t.Errorf("an address that is taken: %v", err)
	}
	first, second := s.asked(t, bob, "team@acme.example"), s.asked(t, eve, "team@acme.example")
	must(t, agree(first))
	if err := agree(second); !fault.Is(err, fault.NotFound) {
		t.Errorf("the second of two: %v", err)
	}
	s.signIn(t, "eve@acme.example", desk)
	if _, err := s.EmailChangeOf(s.ctx, eve); !fault.Is(err, fault.NotFound) {
		t.Errorf("the change that failed is still there: %v", err)
	}
	mo := s.add(t, "mo@acme.example", "Guest")
	if _, _, err := s.MakeEmailLinks(s.ctx, s.a, mo, bob.ID); err == nil {
		t.Error("somebody who manages nobody made links")
	}
	must(t, s.noteMembership(s.ctx, mo.AccountID, s.b.ID, "member-there"))
	if err := s.AskEmail(s.ctx, s.a, mo, "mo2@acme.example", password, desk); !fault.Is(err, fault.Conflict) {
		t.Errorf("an account of two organisations: %v", err)
	}
}

func TestAnAddressFollowsAfterAStopBetweenTheDatabases(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	must(t, s.system.Write(s.ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE identity_accounts SET email = 'new@acme.example', email_key = 'new@acme.example' WHERE id = ?`, bob.AccountID)
		return err
	}))
	s.later(time.Minute)
	s.signIn(t, "new@acme.example", desk)
	if p, err := s.Member(s.ctx, s.a, bob.ID); err != nil || p.Email != "new@acme.example" {
		t.Errorf("%v, %v", p, err)
	}
}
