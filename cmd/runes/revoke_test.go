package main

import (
	"net/http"
	"strings"
	"testing"

	"runes.im/platform/tenant"
)

// A11: a right that is taken away is gone with the next request, at every page and every door, and nothing on the pages
// that are left tells what was there. A right that comes back works at once.
func TestATakenRightIsGoneAtEveryDoor(t *testing.T) {
	t.Parallel()
	l := newLived(t)
	org := l.Tenant("acme")
	ctx := tenant.With(l.Context(), org)
	give := func(permissions ...string) {
		t.Helper()
		if err := l.App.People.SaveRole(ctx, org, "view_storage+desktop_sync", permissions); err != nil {
			t.Fatal(err)
		}
	}
	root := "/remote.php/dav/files/" + l.owner.ID
	works := func() (open []string) {
		for _, path := range []string{"/storage", "/storage/trash", "/storage/sync", "/storage/transfer/" + l.transfer, l.flow} {
			if granted(l.owner.Get(path)) {
				open = append(open, path)
			}
		}
		for _, path := range []string{root + "/", "/dav/", "/remote.php/webdav/", root + "/report.txt"} {
			if granted(l.device.Do("PROPFIND", path, nil, http.Header{"Depth": {"0"}})) {
				open = append(open, path)
			}
		}
		if granted(l.device.Do("GET", "/ocs/v2.php/cloud/user", nil, http.Header{"Ocs-Apirequest": {"true"}})) {
			open = append(open, "OCS")
		}
		if granted(l.device.Do("PUT", root+"/new.txt", strings.NewReader("x"), nil)) {
			open = append(open, "PUT")
		}
		if strings.Contains(l.owner.Get("/").Text, "report.txt") {
			open = append(open, "Home")
		}
		if strings.Contains(l.owner.Get("/").Text, `href="/storage`) {
			open = append(open, "sidebar")
		}
		return open
	}
	all := works()
	if len(all) != 13 {
		t.Fatalf("with all rights only %v are open", all)
	}
	give("view_storage")
	if got := works(); len(got) != 11 || strings.Contains(strings.Join(got, " "), "/sync") {
		t.Errorf("without desktop_sync: %v", got)
	}
	give()
	if got := works(); len(got) != 0 {
		t.Errorf("without any right: %v", got)
	}
	give("view_storage", "desktop_sync")
	if got := works(); len(got) != len(all) {
		t.Errorf("given back: %v", got)
	}
}
