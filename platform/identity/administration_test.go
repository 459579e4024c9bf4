package identity

import "testing"

func TestWhichPermissionsAreAdministrators(t *testing.T) {
	for permission, want := range map[string]bool{
		"manage_users": true, "manage_roles": true, "manage_network_governance": true, "view_audit_log": true, "manage_storage_settings": true,
		"manage_what_comes_later_settings": true, "manage_tenant_assets": false, "manage_contacts": false, "view_contacts": false,
		"desktop_sync": false, "": false, SignedIn: false, "view_mail_settings": false,
	} {
		if got := Administrative(permission); got != want {
			t.Errorf("Administrative(%q) = %t", permission, got)
		}
	}
}
