package identity

import (
	"strings"
	"testing"
	"time"

	"runes.im/platform/fault"
)

func (s *site) token(t testing.TB, ownerID string, n NewToken) (APIToken, string) {
	t.Helper()
	if n.Name == "" {
		n.Name = "shop"
	}
	if n.Lasts == 0 {
		n.Lasts = time.Hour
	}
	made, secret, err := s.MakeAPIToken(s.ctx, s.a, ownerID, n)
	must(t, err)
	return made, secret
}

// opens is who a token lets in from that address; nil when nobody.
func (s *site) opens(t testing.TB, secret, address string, want fault.Kind) *Person {
	t.Helper()
	p, err := s.ByAPIToken(s.ctx, s.a, secret, Source{Address: address})
	if err != nil && !fault.Is(err, want) || err == nil && want != 0 {
		t.Errorf("from %s: %v, want %v", address, err, want)
	}
	return p
}

func TestAServiceWorksWithItsTokensAlone(t *testing.T) {
	s := build(t)
	id, err := s.AddService(s.ctx, s.a, s.owner, " Web shop ", []string{"manage_storage"})
	must(t, err)
	_, secret := s.token(t, id, NewToken{Scopes: []string{"view_storage"}})
	p := s.opens(t, secret, "192.0.2.1", 0)
	if p == nil || p.ID != id || p.Name != "Web shop" || !p.Service || p.IsGuest() || p.Owner {
		t.Fatalf("got %+v, want the service", p)
	}
	if !p.Can("view_storage") || p.Can("manage_storage") || p.Can("manage_users") {
		t.Error("it holds something else than the token's permissions")
	}
	_, whole := s.token(t, id, NewToken{Scopes: []string{"manage_storage"}})
	if p := s.opens(t, whole, "192.0.2.1", 0); !p.Can("manage_storage") || !p.Can("view_storage") || p.Can("manage_roles") {
		t.Error("it does not hold what it was given")
	}
	if _, _, err := s.MakeAPIToken(s.ctx, s.a, id, NewToken{Name: "x", Scopes: []string{"manage_users"}, Lasts: time.Hour}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a token beyond the service's permissions: %v", err)
	}
	// It is nobody who signs in or stands among the people.
	if people, err := s.Members(s.ctx, s.a); err != nil || len(people) != 1 {
		t.Errorf("%d members, %v, want the owner", len(people), err)
	}
	names, err := MembersNamed(s.ctx, s.a.DB, []string{id})
	if err != nil || len(names) != 1 || names[0].Name != "Web shop" {
		t.Errorf("its name in old lines: %v, %v", names, err)
	}
	must(t, s.SwitchService(s.ctx, s.a, s.owner, id, false))
	s.opens(t, secret, "192.0.2.1", fault.SignedOut)
	must(t, s.SwitchService(s.ctx, s.a, s.owner, id, true))
	s.opens(t, secret, "192.0.2.1", 0)
	must(t, s.RemoveService(s.ctx, s.a, s.owner, id))
	s.opens(t, secret, "192.0.2.1", fault.SignedOut)
	if err := s.SwitchService(s.ctx, s.a, s.owner, id, true); !fault.Is(err, fault.NotFound) {
		t.Errorf("a removed one came back: %v", err)
	}
	if names, err := MembersNamed(s.ctx, s.a.DB, []string{id}); err != nil || len(names) != 1 {
		t.Errorf("its name is gone: %v, %v", names, err)
	}
	for action, want := range map[string]int{"identity.service_made": 1, "identity.service_suspended": 1, "identity.service_resumed": 1, "identity.service_removed": 1, "identity.api_token_made": 2} {
		if got := s.lines(t, action); got != want {
			t.Errorf("%d lines of %s, want %d", got, action, want)
		}
	}
}

func TestNobodyGivesAServiceMoreThanTheyHold(t *testing.T) {
	s := build(t)
	bob := s.add(t, "bob@acme.example", "")
	for name, c := range map[string]struct {
		by          *Person
		name        string
		permissions []string
	}{
		"more than one's own":  {bob, "a", []string{"manage_users"}},
		"an unknown one":       {s.owner, "b", []string{"manage_everything"}},
		"none":                 {s.owner, "c", nil},
		"no name":              {s.owner, "  ", []string{"view_storage"}},
		"a name on two lines":  {s.owner, "a\nb", []string{"view_storage"}},
		"a name beyond limits": {s.owner, strings.Repeat("a", 201), []string{"view_storage"}},
	} {
		if _, err := s.AddService(s.ctx, s.a, c.by, c.name, c.permissions); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := s.AddService(s.ctx, s.a, s.owner, "Web shop", []string{"view_storage"})
	must(t, err)
	if _, err := s.AddService(s.ctx, s.a, s.owner, "WEB SHOP", []string{"view_storage"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a second one of that name: %v", err)
	}
}

func TestATokenMayBeBoundToNetworks(t *testing.T) {
	s := build(t)
	made, secret := s.token(t, s.owner.ID, NewToken{Scopes: []string{"view_storage"}, Networks: []string{"192.0.2.77/24", "2001:db8::1", "198.51.100.9"}})
	if got := strings.Join(made.Networks, " "); got != "192.0.2.0/24 198.51.100.9/32 2001:db8::1/128" {
		t.Errorf("kept %s", got)
	}
	for _, address := range []string{"192.0.2.1", "::ffff:192.0.2.200", "198.51.100.9", "2001:db8::1"} {
		s.opens(t, secret, address, 0)
	}
	for _, address := range []string{"192.0.3.1", "198.51.100.10", "2001:db8::2", "", "::1"} {
		s.opens(t, secret, address, fault.Forbidden)
	}
	for _, wrong := range []string{"everywhere", "192.0.2.0/33", "fe80::1%eth0", "192.0.2.0-9"} {
		_, _, err := s.MakeAPIToken(s.ctx, s.a, s.owner.ID, NewToken{Name: "x", Scopes: []string{"view_storage"}, Lasts: time.Hour, Networks: []string{wrong}})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	all, err := s.APITokens(s.ctx, s.a, s.owner.ID)
	must(t, err)
	if len(all) != 1 || len(all[0].Networks) != 3 || !all[0].LastUsed.IsZero() && all[0].LastFrom == "" {
		t.Errorf("listed: %+v", all)
	}
	must(t, s.RevokeAPIToken(s.ctx, s.a, s.owner.ID, made.ID))
	s.opens(t, secret, "192.0.2.1", fault.SignedOut)
}
