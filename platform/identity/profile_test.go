package identity

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

func TestANameReachesOpenSessionsAtOnce(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	session := s.signIn(t, bob.Email, desk)
	before, err := s.BySession(s.ctx, s.a, session)
	must(t, err)
	wanted := Profile{FirstName: "Robert", LastName: "Meier", Name: " Bob Meier ", JobTitle: "Carpenter", Phone: "+41 44 123 45 67", City: "Zürich", Country: "CH"}
	must(t, s.SaveProfile(s.ctx, s.a, before, wanted))
	after, err := s.BySession(s.ctx, s.a, session)
	must(t, err)
	if after.Name != "Bob Meier" {
		t.Errorf("the session still says %q", after.Name)
	}
	kept, err := s.ProfileOf(s.ctx, s.a, bob.ID)
	must(t, err)
	if wanted.Name = "Bob Meier"; kept != wanted {
		t.Errorf("kept %+v", kept)
	}
	if n := s.lines(t, "identity.profile_saved"); n != 1 {
		t.Errorf("%d lines", n)
	}
	must(t, s.SaveProfile(s.ctx, s.a, after, wanted))
	if n := s.lines(t, "identity.profile_saved"); n != 1 {
		t.Errorf("saving the same again wrote a line: %d", n)
	}
	for field, bad := range map[string]Profile{
		"name":    {Name: "  "},
		"phone":   {Name: "Bob", Phone: "call me"},
		"country": {Name: "Bob", Country: "Switzerland"},
		"city":    {Name: "Bob", City: "a\nb"},
	} {
		if f := fault.Of(s.SaveProfile(s.ctx, s.a, after, bad)); f == nil || f.Problems[field].Key == "" {
			t.Errorf("%s: %v", field, f)
		}
	}
}

func TestLoginsSayHowTheyEnded(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", roleEmployee)
	s.signIn(t, bob.Email, desk) // left alone
	s.later(13 * time.Hour)
	out, err := s.BySession(s.ctx, s.a, s.signIn(t, bob.Email, desk))
	must(t, err)
	must(t, s.SignOut(s.ctx, s.a, out))
	s.later(time.Minute)
	here := s.signIn(t, bob.Email, desk)
	s.signIn(t, s.owner.Email, desk)
	found, err := s.Logins(s.ctx, s.a, bob.ID)
	must(t, err)
	var ends []string
	for _, l := range found {
		ends = append(ends, l.Ended)
	}
	if len(ends) != 3 || ends[0] != "" || ends[1] != "signed_out" || ends[2] != "expired" {
		t.Errorf("ends = %q, want the living one, signed out, expired", ends)
	}
	if p, err := s.BySession(s.ctx, s.a, here); err != nil || found[0].ID != p.Session || found[0].Device != "Firefox, Linux" {
		t.Errorf("the newest = %+v, %v", found[0], err)
	}
	must(t, s.SetPassword(s.ctx, s.a, bob.ID, "another long password"))
	found, err = s.Logins(s.ctx, s.a, bob.ID)
	must(t, err)
	if found[0].Ended != "password" {
		t.Errorf("after a new password: %q", found[0].Ended)
	}
	s.later(91 * 24 * time.Hour)
	if found, err = s.Logins(s.ctx, s.a, bob.ID); err != nil || len(found) != 0 {
		t.Errorf("after 91 days: %v, %v", found, err)
	}
}

// Every way in leaves its name in the list of sign-ins; sessions from before it was noted have none.
func TestASignInSaysHowItBegan(t *testing.T) {
	s := build(t)
	_, err := s.SignIn(s.ctx, s.a, ada, password, false, desk)
	must(t, err)
	must(t, s.a.DB.Write(s.ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO identity_sessions (id, token_hash, device_hash, member_id, credential, kept, address, user_agent, made_at, seen_at)
			SELECT 'old', x'01', x'01', member_id, credential, 0, '', '', made_at, seen_at FROM identity_sessions`)
		return err
	}))
	all, err := s.Logins(s.ctx, s.a, s.owner.ID)
	must(t, err)
	methods := map[string]string{}
	for _, l := range all {
		methods[l.ID] = l.Method
	}
	if len(all) != 2 || methods["old"] != "" || !slices.Contains(slices.Collect(maps.Values(methods)), byPassword) {
		t.Errorf("sign-ins by %v", methods)
	}
}
