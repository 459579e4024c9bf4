package brand

import (
	"bytes"
	"image"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"runes.im/platform/runetest"
	"runes.im/platform/slot"
)

// replace gives an asset another picture.
func replace(t *testing.T, p *runetest.Person, id string, content []byte) {
	t.Helper()
	if a := p.Put("/brand/assets/"+id+"/picture", bytes.NewReader(content)); a.StatusCode != http.StatusOK {
		t.Fatalf("replace: got %d %s", a.StatusCode, a.Text)
	}
}

// wantUses counts how often contents are in use: equal ones are kept once.
func wantUses(t *testing.T, h *runetest.House, want int) {
	t.Helper()
	var got int
	if err := h.Tenant("acme").DB.QueryRow(h.Context(), `SELECT sum(uses) FROM blob_contents`).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("contents are used %d times, want %d", got, want)
	}
}

// width is how wide the picture at that address is.
func width(t *testing.T, p *runetest.Person, at string) int {
	t.Helper()
	a := p.Get(at)
	c, _, err := image.DecodeConfig(strings.NewReader(a.Text))
	if err != nil {
		t.Fatalf("%s: %d, %v", at, a.StatusCode, err)
	}
	return c.Width
}

var (
	tagAt   = regexp.MustCompile(`/brand/assets/[^/"]+/picture\?size=1280&amp;v=[0-9a-f]+`)
	bringAt = regexp.MustCompile(`/brand/assets/[^/"]+/versions/[^/"]+/restore`)
)

func TestAReplacedPictureIsNewEverywhereAndTheOldOneComesBack(t *testing.T) {
	h := house(t)
	p := h.Person("manage_tenant_assets", "manage_tenant_identity")
	id := upload(t, p, "sea.jpg", photo(t, 3000, 1200))
	here := "/brand/assets/" + id
	login := url.Values{"layout": {"left"}, "backdrop": {"picture"}, "picture": {id}, "logo": {id}, "colour": {"#123456"}, "colour2": {"#123456"}}
	if a := p.Post("/brand/login/publish", login); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("publish: got %d", a.StatusCode)
	}
	look := url.Values{"header": {"glass"}, "primary": {"#123456"}, "focus_x": {"50"}, "focus_y": {"50"}, "logo": {id}, "banner": {id}}
	if a := p.Post("/brand/settings/publish", look); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("publish the look: got %d %s", a.StatusCode, a.See())
	}
	sheetAt := func() string {
		return regexp.MustCompile(`/brand/theme/[0-9a-f]+\.css`).FindString(p.Get("/brand/assets").Text)
	}
	before, sheet := tagAt.FindString(p.Get(here).Text), sheetAt()
	visitor := h.Visitor("acme")

	replace(t, p, id, photo(t, 900, 700))
	wantUses(t, h, 8) // whole and preview of both, four places
	after := tagAt.FindString(p.Get(here).Text)
	if before == "" || after == before {
		t.Errorf("the address of the picture stayed %q", after)
	}
	if got := width(t, p, here+"/picture"); got != 900 {
		t.Errorf("the picture is %d wide, want 900", got)
	}
	if got := p.Get(strings.ReplaceAll(before, "&amp;", "&")).Header.Get("Cache-Control"); strings.Contains(got, "immutable") {
		t.Errorf("an old address may be kept: %q", got)
	}
	for at, want := range map[string]int{"/brand/login/background": 900, "/brand/login/logo": 640, "/brand/look/logo": 640, "/brand/look/banner": 900} {
		if got := width(t, visitor, at); got != want {
			t.Errorf("%s is %d wide, want %d", at, got, want)
		}
	}
	if now := sheetAt(); now == sheet || now == "" {
		t.Errorf("the sheet with the banner is still %q", now)
	}

	bring := bringAt.FindString(p.Get(here).Text)
	if a := p.Post(bring, nil); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("restore at %q: got %d", bring, a.StatusCode)
	}
	wantUses(t, h, 8)
	if got := width(t, p, here+"/picture"); got != 3000 {
		t.Errorf("the picture is %d wide, want 3000", got)
	}
	if got := width(t, visitor, "/brand/login/background"); got != 2560 {
		t.Errorf("the background is %d wide, want 2560", got)
	}
	if a := p.Post(bring, nil); a.StatusCode != http.StatusNotFound {
		t.Errorf("restored twice: got %d", a.StatusCode)
	}
}

func TestAnAssetKeepsTwentyEarlierPicturesAndItsEndTakesThemAlong(t *testing.T) {
	h := house(t)
	p := h.Person("manage_tenant_assets")
	id := upload(t, p, "a.svg", circle(0))
	for n := range keepVersions + 2 {
		replace(t, p, id, circle(n+1))
	}
	replace(t, p, id, circle(keepVersions+2)) // the same again
	wantContents(t, h, keepVersions+1)
	if n := len(bringAt.FindAllString(p.Get("/brand/assets/"+id).Text, -1)); n != keepVersions {
		t.Errorf("%d earlier pictures, want %d", n, keepVersions)
	}
	p.Post("/brand/assets/all/"+id+"/remove", nil)
	if a := p.Post("/brand/assets/all/purge", url.Values{"id": {id}}); a.StatusCode >= http.StatusBadRequest {
		t.Fatalf("purge: got %d", a.StatusCode)
	}
	wantContents(t, h, 0)
}

func circle(n int) []byte {
	return []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><circle cx="20" cy="20" r="` + strconv.Itoa(n+1) + `"/></svg>`)
}

func TestADrawingDoesNotReplaceAPublishedBackground(t *testing.T) {
	h := house(t)
	p := h.Person("manage_tenant_assets", "manage_tenant_identity")
	id := upload(t, p, "sea.jpg", photo(t, 300, 200))
	p.Post("/brand/login/publish", url.Values{"layout": {"left"}, "backdrop": {"picture"}, "picture": {id}, "colour": {"#123456"}, "colour2": {"#123456"}})
	a := p.Put("/brand/assets/"+id+"/picture", bytes.NewReader(circle(1)))
	if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.Text, "an SVG does not fit there") {
		t.Errorf("got %d %s", a.StatusCode, a.Text)
	}
	wantUses(t, h, 3)
}

func TestOtherRunesGetThePictureAsItIsNow(t *testing.T) {
	h := house(t)
	p := h.Person("manage_tenant_assets")
	id := upload(t, p, "mark.jpg", photo(t, 1000, 500))
	replace(t, p, id, photo(t, 800, 800))
	asker := slot.Asker{Tenant: h.Tenant("acme")}
	ctx := slot.With(h.Context(), Rune.Offers)
	for i := range Rune.Offers {
		Rune.Offers[i].Rune = "brand"
	}
	shelves, err := slot.Shelves.Ask(ctx, asker)
	if err != nil || len(shelves) != 1 || shelves[0].What.Kind != "brand.asset" {
		t.Fatalf("got %v, %v", shelves, err)
	}
	got, err := shelves[0].What.Read(ctx, asker, id, 320)
	if err != nil {
		t.Fatal(err)
	}
	c, kind, err := image.DecodeConfig(bytes.NewReader(got.Content))
	if err != nil || c.Width != 320 || c.Height != 320 || "image/"+kind != got.Type || got.Title != "mark" {
		t.Errorf("got %d×%d %s %q, %v", c.Width, c.Height, got.Type, got.Title, err)
	}
	if w := width(t, p, got.Address); w != 320 {
		t.Errorf("at %s it is %d wide", got.Address, w)
	}
}
