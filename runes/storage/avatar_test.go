package storage

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"runes.im/platform/identity"
)

// Clients draw people as the pages do, and learn of nobody's picture elsewhere.
func TestClientsFetchHowPeopleLook(t *testing.T) {
	h := newHouse(t)
	c := newClient(t, h)
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 300, 200))); err != nil {
		t.Fatal(err)
	}
	if err := h.App.People.SavePicture(h.Context(), h.Tenant("acme"), c.Person.Person, &b, identity.PictureCut{X: 50, Y: 50}); err != nil {
		t.Fatal(err)
	}
	for path, side := range map[string]int{"/index.php/avatar/" + c.ID + "/64": 96, "/remote.php/dav/avatars/" + c.ID + "/128.png": 192, "/index.php/avatar/" + c.ID + "/9999": 512} {
		a := c.want(200, "GET", path, "")
		if m, err := jpeg.Decode(strings.NewReader(a.Text)); err != nil || min(m.Bounds().Dx(), 200) != min(side, 200) || a.Header.Get("X-NC-IsCustomAvatar") != "1" {
			t.Errorf("%s: %v %v", path, err, a.Header)
		}
		c.want(304, "GET", path, "", "If-None-Match", a.Header.Get("Etag"))
	}
	c.want(404, "GET", "/index.php/avatar/"+c.ID+"/x", "")
	c.want(404, "PUT", "/index.php/avatar/"+c.ID+"/64", "x")
	if a := h.Visitor("acme").Get("/index.php/avatar/" + c.ID + "/64"); a.StatusCode != 401 {
		t.Errorf("nobody: %d", a.StatusCode)
	}
}
