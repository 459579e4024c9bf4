package storage

import (
	"fmt"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"runes.im/platform/config"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

// F8: on a full disk every door says 507 to what needs room, never 405 or 500; reading and deleting go on, and after
// something was deleted for good there is room again, without a restart.
func TestAFullDiskAnswers507AtEveryDoor(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skip("this machine does not let us mount a small disk: ", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	h := runetest.Start(t, []runekit.Rune{Rune}, func(c *config.Config) { c.Data = dir + "/data" })
	c := newClient(t, h)
	p := c.browser()
	top := c.idOf()
	large := strings.Repeat("x", 1<<20)
	c.want(201, "MKCOL", c.transfer("1"), "")
	stored := 0
	for ; stored < 40; stored++ {
		if a := c.do("PUT", fmt.Sprintf("/%d", stored), fmt.Sprint(stored)+large); a.StatusCode != 201 {
			if a.StatusCode != 507 {
				t.Fatalf("PUT %d: %s", stored, a.Status)
			}
			break
		}
	}
	if stored < 10 || stored == 40 {
		t.Fatalf("%d files fit", stored)
	}
	for name, status := range map[string]int{
		"PUT":              c.do("PUT", "/new", large).StatusCode,
		"PUT over another": c.do("PUT", "/0", large).StatusCode,
		"a piece":          c.do("PUT", c.transfer("1")+"/1", large).StatusCode,
		"the page":         p.Put("/storage/upload/"+top+"?path=new", strings.NewReader(large)).StatusCode,
	} {
		if status != 507 {
			t.Errorf("%s: %d, want 507", name, status)
		}
	}
	if a := c.do("PUT", "/new", large); !strings.Contains(a.Text, "InsufficientStorage") {
		t.Errorf("a client is told %s", a.Text)
	}
	c.want(404, "GET", "/new", "")
	if got := c.want(200, "GET", "/1", "").Text; got != "1"+large {
		t.Errorf("a file has %d bytes", len(got))
	}
	c.want(207, "PROPFIND", "/", "", "Depth", "1")
	ids := url.Values{"id": {c.idOf("0"), c.idOf("1"), c.idOf("2"), c.idOf("3")}}
	if a := p.Post("/storage/delete", ids); a.StatusCode != 303 {
		t.Fatalf("delete on a full disk: %s", a.Status)
	}
	if a := p.Post("/storage/trash/destroy", ids); a.StatusCode != 303 {
		t.Fatalf("delete for good: %s", a.Status)
	}
	ctx, d := c.drive()
	if _, err := d.tenant.Blobs.Sweep(ctx, 0); err != nil {
		t.Fatal(err)
	}
	c.want(201, "PUT", "/new", large)
	if strings.Contains(h.Log(), `"request failed"`) {
		t.Error("a full disk counts as a failure of ours")
	}
}
