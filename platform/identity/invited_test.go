package identity

import (
	"testing"
)

// A7: where anybody may run an organisation, an address that its administrator alone confirmed is nobody's word: invitations for it
// are not shown. Where the operator answers for the organisations, they are.
func TestAConfirmedAddressIsWorthWhoConfirmedIt(t *testing.T) {
	for _, trusts := range []bool{true, false} {
		s := build(t)
		s.TrustOrganisations(trusts)
		bob := s.add(t, "bob@acme.example", roleEmployee)
		at, err := s.BySession(s.ctx, s.a, s.signIn(t, bob.Email, desk))
		must(t, err)
		sees := func() bool {
			t.Helper()
			email, _, err := s.vouchedAddress(s.ctx, bob.AccountID)
			return err == nil && email != ""
		}
		if !sees() {
			t.Errorf("trusts %v: an address that the operator gave is not vouched for", trusts)
		}
		links := s.asked(t, at, "victim@elsewhere.example")
		_, _, err = s.AgreeToEmail(s.ctx, s.a, nil, links.New, desk)
		must(t, err)
		_, _, err = s.AgreeToEmail(s.ctx, s.a, at, links.Old, desk)
		must(t, err)
		if sees() != trusts {
			t.Errorf("trusts %v: the new address is vouched for: %v", trusts, !trusts)
		}
	}
}
