package shell_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
)

// upload sends a picture as the form of My Profile does.
func upload(t *testing.T, p *runetest.Person, content []byte, fields map[string]string) *runetest.Answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	token := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(p.Get("/account/picture").Text)
	form.WriteField("csrf", token[1])
	for name, value := range fields {
		form.WriteField(name, value)
	}
	file, err := form.CreateFormFile("picture", "me.png")
	if err != nil {
		t.Fatal(err)
	}
	file.Write(content)
	form.Close()
	return p.Do(http.MethodPost, "/account/picture", &body, http.Header{"Content-Type": {form.FormDataContentType()}})
}

// halves is a PNG, red on the left and blue on the right.
func halves(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 400, 200))
	for x := range 400 {
		for y := range 200 {
			m.Set(x, y, color.RGBA{R: 220, A: 255})
			if x >= 200 {
				m.Set(x, y, color.RGBA{B: 220, A: 255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// until reads the stream until it says that.
func (s *stream) until(t *testing.T, text string) {
	t.Helper()
	for {
		switch line := s.next(t); {
		case strings.Contains(line, text):
			return
		case line == "":
			t.Fatalf("the stream ended before %s", text)
		}
	}
}

var pictureIn = regexp.MustCompile(`<img src="(/people/[0-9a-f-]+/picture/[0-9a-f]+/)96"`)

func TestAPictureIsSeenByColleaguesAndNobodyElse(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{notebook()})
	ada, colleague, guest := h.Person("view_notebook"), h.Person("view_notebook"), h.Person()
	live := open(t, h, colleague.Cookies())
	if a := upload(t, ada, halves(t), map[string]string{"x": "100", "y": "50", "zoom": "150"}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d: %s", a.StatusCode, a.See())
	}
	live.until(t, `"id":"`+ada.ID+`","picture":"/people/`+ada.ID+`/picture/`)
	found := pictureIn.FindStringSubmatch(ada.Get("/").Text)
	if found == nil {
		t.Fatal("the account menu shows no picture")
	}
	if page := colleague.Get("/people/" + ada.ID).Text; !strings.Contains(page, found[1]+"192") {
		t.Errorf("a colleague does not see %s", found[1])
	}
	a := colleague.Get(found[1] + "96")
	if a.StatusCode != 200 || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") || a.Header.Get("Content-Type") != "image/jpeg" {
		t.Fatalf("%d %v", a.StatusCode, a.Header)
	}
	m, err := jpeg.Decode(strings.NewReader(a.Text))
	if err != nil {
		t.Fatal(err)
	}
	if r, _, b, _ := m.At(20, 48).RGBA(); m.Bounds().Dx() != 96 || b < r {
		t.Errorf("%v with red %x and blue %x at the left: not the part that was chosen", m.Bounds(), r, b)
	}
	old := regexp.MustCompile(`/picture/[0-9a-f]+/`).ReplaceAllString(found[1], "/picture/0123/")
	if a := colleague.Get(old + "96"); a.StatusCode != 200 || strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("an address of before: %d %v", a.StatusCode, a.Header)
	}
	for who, p := range map[string]*runetest.Person{"another organisation": h.PersonOf("beta", "view_notebook"), "a guest": guest} {
		if a := p.Get(found[1] + "96"); a.StatusCode != 404 {
			t.Errorf("%s: %d", who, a.StatusCode)
		}
	}
	if a := colleague.Get(found[1] + "97"); a.StatusCode != 404 {
		t.Errorf("a size of one's own: %d", a.StatusCode)
	}
	if a := ada.Post("/account/picture/remove", nil); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("remove: %d", a.StatusCode)
	}
	live.until(t, `"picture":""`)
	if a := colleague.Get(found[1] + "96"); a.StatusCode != 404 || pictureIn.MatchString(ada.Get("/").Text) {
		t.Errorf("after its removal: %d", a.StatusCode)
	}
}

func TestWhatIsNoPictureIsRefusedWithAReason(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{notebook()})
	ada := h.Person("view_notebook")
	for reason, content := range map[string][]byte{
		"PNG, JPEG":          []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"),
		"larger than 10 MiB": bytes.Repeat([]byte("x"), 11<<20),
	} {
		if a := upload(t, ada, content, nil); a.StatusCode != 422 || !strings.Contains(a.See(), reason) {
			t.Errorf("%s: %d %s", reason, a.StatusCode, a.See())
		}
	}
	for _, cut := range []map[string]string{{"x": "NaN"}, {"y": "-3"}, {"zoom": "1e9"}} {
		if a := upload(t, ada, halves(t), cut); a.StatusCode != 422 {
			t.Errorf("%v: %d", cut, a.StatusCode)
		}
	}
	if a := ada.Post("/account/picture", nil); a.StatusCode != 422 || !strings.Contains(a.See(), "Choose a picture first") {
		t.Errorf("nothing: %d", a.StatusCode)
	}
}

func TestTheSearchShowsColleaguesAsTheyLook(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{notebook()})
	ada, colleague := h.Person("view_notebook"), h.Person("view_notebook", "manage_notebook")
	upload(t, ada, halves(t), nil)
	for _, path := range []string{"/palette?q=view_notebook", "/search?q=view_notebook"} {
		if a := colleague.Get(path); !strings.Contains(a.Text, "/people/"+ada.ID+"/picture/") {
			t.Errorf("%s: %s", path, a.Text)
		}
	}
}
