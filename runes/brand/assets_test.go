package brand

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"runes.im/platform/picture"
	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

func house(t *testing.T) *runetest.House {
	t.Helper()
	return runetest.Start(t, []runekit.Rune{Rune})
}

// photo is a JPEG as a camera leaves it, with a place in it.
func photo(t *testing.T, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		for y := range h {
			m.Set(x, y, color.RGBA{uint8(x), uint8(y), 90, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	note := []byte("GPS 47.3769 N")
	head := append([]byte{0xff, 0xd8, 0xff, 0xfe, 0, byte(len(note) + 2)}, note...)
	return append(head, b.Bytes()[2:]...)
}

// upload puts a picture into the library and says its id.
func upload(t *testing.T, p *runetest.Person, name string, content []byte) string {
	t.Helper()
	a := p.Put("/brand/assets/upload?name="+url.QueryEscape(name), bytes.NewReader(content))
	if a.StatusCode != http.StatusCreated {
		t.Fatalf("upload of %s: got %d %s", name, a.StatusCode, a.Text)
	}
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(a.Text), &made); err != nil {
		t.Fatal(err)
	}
	return made.ID
}

func TestPicturesAreKeptWithoutWhatTheCameraWroteAndInTheListedSizes(t *testing.T) {
	h := house(t)
	p := h.Person("manage_tenant_assets")
	id := upload(t, p, "harbour_at-dawn.JPG", photo(t, 1500, 1000))
	if a := p.Get("/brand/assets/" + id); a.StatusCode != http.StatusOK || !bytes.Contains([]byte(a.Text), []byte("harbour at dawn")) {
		t.Errorf("the page of the asset: got %d", a.StatusCode)
	}
	for _, side := range append([]int{0}, picture.Sizes...) {
		at := "/brand/assets/" + id + "/picture"
		if side > 0 {
			at += "?size=" + strconv.Itoa(side)
		}
		a := p.Get(at)
		c, kind, err := image.DecodeConfig(bytes.NewReader([]byte(a.Text)))
		if err != nil || kind != "jpeg" {
			t.Fatalf("size %d: got %s, %v", side, kind, err)
		}
		if want := min(1500, max(side, 0)); side > 0 && c.Width != want || side == 0 && c.Width != 1500 {
			t.Errorf("size %d: got %d pixels", side, c.Width)
		}
		if bytes.Contains([]byte(a.Text), []byte("GPS")) {
			t.Errorf("size %d still says where it was taken", side)
		}
		if got := a.Header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("size %d: nosniff is %q", side, got)
		}
	}
	for _, wrong := range []string{"65", "4096", "-1", "x", "1e9"} {
		if a := p.Get("/brand/assets/" + id + "/picture?size=" + wrong); a.StatusCode != http.StatusNotFound {
			t.Errorf("size %s: got %d, want 404", wrong, a.StatusCode)
		}
	}
}

func TestWhatIsNoPictureLeavesNothingBehind(t *testing.T) {
	h := house(t)
	p := h.Person("manage_tenant_assets")
	whole := photo(t, 400, 300)
	for name, content := range map[string][]byte{
		"empty": nil, "text": []byte("hello"), "half": whole[:len(whole)/2], "large": make([]byte, picture.MaxBytes+1),
		"page": []byte("<!doctype html><script>1</script>"), "svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><text>x</text></svg>`),
	} {
		if a := p.Put("/brand/assets/upload?name=x.png", bytes.NewReader(content)); a.StatusCode != http.StatusUnprocessableEntity && a.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: got %d", name, a.StatusCode)
		}
	}
	n, err := assets.Count(h.Context(), h.Tenant("acme").DB, nil, record.Query{})
	if err != nil || n != 0 {
		t.Errorf("got %d assets, %v, want none", n, err)
	}
	wantContents(t, h, 0)
}

// wantContents counts the contents that somebody still uses.
func wantContents(t *testing.T, h *runetest.House, want int) {
	t.Helper()
	var got int
	if err := h.Tenant("acme").DB.QueryRow(h.Context(), `SELECT count(*) FROM blob_contents WHERE uses > 0`).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("%d contents are in use, want %d", got, want)
	}
}

func TestThePictureEndsWithTheAssetAndThePublishedPageKeepsItsOwn(t *testing.T) {
	h := house(t)
	p := h.Person("manage_tenant_assets", "manage_tenant_identity")
	id := upload(t, p, "sea.jpg", photo(t, 3000, 1200))
	wantContents(t, h, 2)
	form := url.Values{"layout": {"left"}, "backdrop": {"picture"}, "picture": {id}, "colour": {"#123456"}, "colour2": {"#123456"}}
	if a := p.Post("/brand/login/publish", form); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("publish: got %d", a.StatusCode)
	}
	acme := h.Tenant("acme")
	ctx := tenant.With(h.Context(), acme)
	a, err := assets.One(ctx, acme.DB, nil, id)
	if err != nil {
		t.Fatal(err)
	}
	err = acme.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := assets.Remove(ctx, tx, a, ""); err != nil {
			return err
		}
		return assets.Purge(ctx, tx, record.Query{})
	})
	if err != nil {
		t.Fatal(err)
	}
	wantContents(t, h, 1)
	shown := h.Visitor("acme").Get("/brand/login/background")
	c, _, err := image.DecodeConfig(bytes.NewReader([]byte(shown.Text)))
	if err != nil || c.Width != 2560 {
		t.Errorf("the background: got %d pixels, %v, want 2560", c.Width, err)
	}
	// The one that replaces it lets go of it, once it is no longer among the last ten.
	for range keepPast + 1 {
		form.Set("backdrop", "aurora")
		if a := p.Post("/brand/login/publish", form); a.StatusCode != http.StatusSeeOther {
			t.Fatalf("publish: got %d", a.StatusCode)
		}
	}
	wantContents(t, h, 0)
}

func TestNamesOfFilesBecomeTitles(t *testing.T) {
	for file, want := range map[string]string{
		"harbour_at-dawn.JPG": "harbour at dawn", `C:\Users\x\Logo final.svg`: "Logo final", "../../etc/passwd": "passwd",
		"": "?", ".png": "?", "  __  .png": "?", "a\x00b\n.png": "a b",
	} {
		if got := titleOf(file); got != want {
			t.Errorf("%q: got %q, want %q", file, got, want)
		}
	}
	if got := (&Asset{Name: `a/b:c"`}).file("image/png"); got != "a-b-c-.png" {
		t.Errorf("got %q", got)
	}
}

func TestACardGoesWithItsOwner(t *testing.T) {
	h := house(t)
	p := h.Person()
	if a := p.Post("/brand/card", url.Values{"on": {"1"}, "job_title": {"Sailor"}, "show": {"job_title"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("save: got %d", a.StatusCode)
	}
	acme := h.Tenant("acme")
	c, err := readCard(h.Context(), acme.DB, "is_on = ?", "1")
	if err != nil || c == nil {
		t.Fatalf("got %v, %v", c, err)
	}
	visitor := h.Visitor("acme")
	if a := visitor.Get("/c/" + c.Token); a.StatusCode != http.StatusOK || len(c.Token) < 22 {
		t.Fatalf("the card at %q: got %d", c.Token, a.StatusCode)
	}
	member, err := h.App.People.Member(h.Context(), acme, c.Member)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.App.People.Suspend(h.Context(), acme, nil, member.ID); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/c/" + c.Token, "/c/" + c.Token + "/card.vcf"} {
		if a := visitor.Get(path); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s of somebody suspended: got %d, want 404", path, a.StatusCode)
		}
	}
}

func TestPlainPNGsStaySharp(t *testing.T) {
	h := house(t)
	p := h.Person("manage_tenant_assets")
	m := image.NewNRGBA(image.Rect(0, 0, 30, 20))
	m.Set(3, 4, color.NRGBA{10, 200, 30, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	id := upload(t, p, "dot.png", b.Bytes())
	got, err := png.Decode(bytes.NewReader([]byte(p.Get("/brand/assets/" + id + "/picture").Text)))
	if err != nil {
		t.Fatal(err)
	}
	if c := color.NRGBAModel.Convert(got.At(3, 4)); c != (color.NRGBA{10, 200, 30, 255}) {
		t.Errorf("the dot is %v", c)
	}
}

func TestWhatACardSaysIsCopiedAndEndsWithSomebody(t *testing.T) {
	h := house(t)
	p := h.Person()
	if a := p.Post("/brand/card", url.Values{"on": {"1"}, "job_title": {"Sailor"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("save: got %d", a.StatusCode)
	}
	acme := h.Tenant("acme")
	c, err := readCard(h.Context(), acme.DB, "is_on = ?", "1")
	if err != nil || c == nil {
		t.Fatalf("got %v, %v", c, err)
	}
	who := slot.Subject{Member: c.Member}
	known, err := cardData.Export(h.Context(), acme.DB, who)
	if err != nil || known.(map[string]any)["fields"].(map[string]string)["job_title"] != "Sailor" {
		t.Errorf("the copy is %v, %v", known, err)
	}
	err = acme.DB.Write(h.Context(), func(ctx context.Context, tx *store.Tx) error { return cardData.Erase(ctx, tx, who) })
	if err != nil {
		t.Fatal(err)
	}
	if known, err := cardData.Export(h.Context(), acme.DB, who); err != nil || known != nil {
		t.Errorf("after the end: %v, %v", known, err)
	}
	if a := h.Visitor("acme").Get("/c/" + c.Token); a.StatusCode != http.StatusNotFound {
		t.Errorf("the page of an ended card: got %d", a.StatusCode)
	}
}
