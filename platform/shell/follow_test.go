package shell_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"runes.im/platform/entitlement"
	"runes.im/platform/live"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

var stampOf = regexp.MustCompile(`data-frame="([0-9a-f]{16})"`)

func TestAnOpenPageHearsThatItsFrameIsOld(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{notebook()})
	p, acme := h.Person("view_notebook"), h.Tenant("acme")
	ctx := tenant.With(h.Context(), acme)
	turn := func(change func(context.Context, *store.Tx, string) error) {
		t.Helper()
		err := acme.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return change(ctx, tx, "notebook") })
		if err != nil {
			t.Fatal(err)
		}
	}
	cookie := session(t, h, p.Email)
	page := h.Visitor("acme").Do("GET", "/", nil, http.Header{"Cookie": {cookie}})
	first := stampOf.FindStringSubmatch(page.Text)
	if first == nil {
		t.Fatalf("the page has no stamp:\n%s", page.Text)
	}
	s := openPath(t, h, cookie, "/live?frame="+first[1])
	s.next(t) // the bell
	said := func(want string, same bool) {
		t.Helper()
		got := s.next(t)
		if !strings.HasPrefix(got, `event: `+want+` data: `) || strings.Contains(got, first[1]) != same {
			t.Errorf("the page hears %q, want %s, with the stamp of before: %t", got, want, same)
		}
	}
	// Records of a suspended rune are nobody's business; the toast shows that its message is not just late.
	tell := func() {
		h.App.Hub.Send(acme.ID, "", live.Message{Name: "record", Permission: "view_notebook", Data: "x"})
		h.App.Hub.Send(acme.ID, "", live.Message{Name: "toast", Data: "x"})
	}
	turn(entitlement.Suspend)
	said("frame", false)
	tell()
	said("toast", false)
	if page := p.Get("/"); strings.Contains(page.Text, "Notebook") || strings.Contains(page.Text, "/notebook") {
		t.Errorf("Home still shows the suspended rune:\n%s", page.See())
	}
	turn(entitlement.Activate)
	said("frame", true)
	tell()
	said("record", false)
	said("toast", false)
	for _, rights := range [][]string{nil, {"view_notebook"}} {
		if err := h.App.People.SaveRole(ctx, acme, "view_notebook", rights); err != nil {
			t.Fatal(err)
		}
		said("frame", rights != nil)
	}
	// A page that slept is told when it comes back.
	s = openPath(t, h, cookie, "/live?frame=0123456789abcdef")
	s.next(t)
	said("frame", true)
}
