package storage

import (
	"strings"
	"testing"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/tenant"
)

// What the operator leaves the organisation is what clients are told, and what is refused.
func TestClientsSeeTheLimitOfTheOrganisation(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	c := newClient(t, h)
	told := func() map[string]any {
		_, data := c.ocs(200, "GET", "/ocs/v2.php/cloud/user")
		return data["quota"].(map[string]any)
	}
	room := func() string {
		return c.want(207, "PROPFIND", "/", `<d:propfind xmlns:d="DAV:"><d:prop><d:quota-available-bytes/></d:prop></d:propfind>`, "Depth", "0").Text
	}
	limit := func(bytes int64) {
		if err := h.App.Tenants.SetLimits(h.Context(), "acme", tenant.Limits{Storage: bytes}); err != nil {
			t.Fatal(err)
		}
	}
	if q := told(); q["free"] != -3.0 {
		t.Errorf("without any limit: %v", q)
	}
	c.want(201, "PUT", "/a.txt", strings.Repeat("a", 250))
	limit(1000)
	if q := told(); q["used"] != 250.0 || q["free"] != 750.0 || q["total"] != 1000.0 || q["relative"] != 25.0 {
		t.Errorf("quota: %v", q)
	}
	if text := room(); !strings.Contains(text, "<d:quota-available-bytes>750<") {
		t.Errorf("room: %s", text)
	}
	c.want(507, "PUT", "/b.txt", strings.Repeat("b", 751))
	c.want(201, "PUT", "/b.txt", strings.Repeat("b", 750))
	if q := told(); q["free"] != 0.0 || q["total"] != 1000.0 {
		t.Errorf("when it is full: %v", q)
	}
	if text := room(); !strings.Contains(text, "<d:quota-available-bytes>0<") {
		t.Errorf("when it is full: %s", text)
	}
	c.want(507, "PUT", "/c.txt", "c")

	// The narrower of the two is what counts.
	limit(5000)
	quota(t, c, 200)
	if q := told(); q["free"] != 200.0 || q["total"] != 1200.0 {
		t.Errorf("with a narrower quota of one's own: %v", q)
	}
}
