package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"golang.org/x/image/webp"

	"runes.im/platform/fault"
)

// quarters is a picture with a colour in each corner, so that a turn is seen.
func quarters(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, corners[2*(2*y/h)+2*x/w])
		}
	}
	return m
}

var corners = [4]color.RGBA{{220, 20, 20, 255}, {20, 200, 20, 255}, {20, 20, 220, 255}, {230, 220, 20, 255}}

func asPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// turned is a JPEG with an orientation, and with what else a camera writes.
func turned(t *testing.T, m image.Image, o byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	exif := append([]byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00"), o, 0, 0, 0, 0, 0, 0, 0)
	exif = append(exif, "GPS 47.3769 N"...)
	head := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(exif)+2))...)
	return append(append(head, exif...), b.Bytes()[2:]...)
}

func read(t *testing.T, content []byte, want Shape) (*Picture, image.Image) {
	t.Helper()
	p, err := Read(t.Context(), bytes.NewReader(content), want)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := image.Decode(bytes.NewReader(p.Content))
	if err != nil {
		t.Fatal(err)
	}
	if m.Bounds().Dx() != p.Width || m.Bounds().Dy() != p.Height {
		t.Errorf("the picture has %v, but says %d × %d", m.Bounds(), p.Width, p.Height)
	}
	return p, m
}

// corner is which colour is nearest to a corner of the picture.
func corner(m image.Image, right, bottom bool) int {
	b := m.Bounds()
	x, y := b.Min.X+b.Dx()/8, b.Min.Y+b.Dy()/8
	if right {
		x = b.Max.X - 1 - b.Dx()/8
	}
	if bottom {
		y = b.Max.Y - 1 - b.Dy()/8
	}
	r, g, bl, _ := m.At(x, y).RGBA()
	best, least := -1, 1<<30
	for i, c := range corners {
		d := abs(int(r>>8)-int(c.R)) + abs(int(g>>8)-int(c.G)) + abs(int(bl>>8)-int(c.B))
		if d < least {
			best, least = i, d
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

func TestAPictureStandsUprightWhateverTheCameraSays(t *testing.T) {
	// Which colour is at the top left and right, bottom left and right, once the orientation is applied.
	want := map[byte][4]int{
		1: {0, 1, 2, 3}, 2: {1, 0, 3, 2}, 3: {3, 2, 1, 0}, 4: {2, 3, 0, 1},
		5: {0, 2, 1, 3}, 6: {2, 0, 3, 1}, 7: {3, 1, 2, 0}, 8: {1, 3, 0, 2},
	}
	for o, corners := range want {
		for _, s := range []Shape{{}, {Width: 40, Height: 40}} {
			p, m := read(t, turned(t, quarters(96, 64), o), s)
			got := [4]int{corner(m, false, false), corner(m, true, false), corner(m, false, true), corner(m, true, true)}
			if got != corners {
				t.Errorf("orientation %d in %v: got corners %v, want %v", o, s, got, corners)
			}
			if (p.Width > p.Height) != (o < 5) {
				t.Errorf("orientation %d: got %d × %d", o, p.Width, p.Height)
			}
			if bytes.Contains(p.Content, []byte("GPS")) || bytes.Contains(p.Content, []byte("Exif")) {
				t.Errorf("orientation %d: what the camera wrote is still there", o)
			}
		}
	}
}

func TestShapes(t *testing.T) {
	cases := []struct {
		name    string
		want    Shape
		w, h    int
		topLeft int
	}{
		{"as it is", Shape{}, 200, 100, 0},
		{"fits into a box", Shape{Width: 50, Height: 50}, 50, 25, 0},
		{"is never enlarged", Shape{Width: 500, Height: 500}, 200, 100, 0},
		{"fills a square around the middle", Shape{Width: 40, Height: 40, Fill: true, FocusX: 50, FocusY: 50}, 40, 40, 0},
		{"fills a square at the right", Shape{Width: 40, Height: 40, Fill: true, FocusX: 100, FocusY: 50}, 40, 40, 1},
		{"comes nearer", Shape{Width: 40, Height: 40, Fill: true, FocusX: 60, FocusY: 80, Zoom: 5}, 20, 20, 3},
		{"comes as near as it goes", Shape{Width: 40, Height: 40, Fill: true, FocusX: 40, FocusY: 80, Zoom: 900}, 20, 20, 2},
		{"fills a wide box", Shape{Width: 84, Height: 36, Fill: true, FocusX: 50, FocusY: 0}, 84, 36, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, m := read(t, asPNG(t, quarters(200, 100)), c.want)
			if p.Width != c.w || p.Height != c.h {
				t.Errorf("got %d × %d, want %d × %d", p.Width, p.Height, c.w, c.h)
			}
			if got := corner(m, false, false); got != c.topLeft {
				t.Errorf("top left is colour %d, want %d", got, c.topLeft)
			}
		})
	}
}

func TestTheFocusIsThatOfTheUprightPicture(t *testing.T) {
	for o := byte(1); o <= 8; o++ {
		_, upright := read(t, turned(t, quarters(120, 60), o), Shape{})
		_, m := read(t, turned(t, quarters(120, 60), o), Shape{Width: 30, Height: 30, Fill: true, FocusX: 100, FocusY: 100})
		if got, want := corner(m, true, true), corner(upright, true, true); got != want {
			t.Errorf("orientation %d: bottom right is colour %d, want %d", o, got, want)
		}
	}
}

func TestAFlatPictureIsAJPEGOnWhite(t *testing.T) {
	clear := quarters(40, 40)
	for x := range 20 {
		for y := range 20 {
			clear.Set(x, y, color.RGBA{})
		}
	}
	p, m := read(t, asPNG(t, clear), Shape{Width: 16, Height: 16, Fill: true, FocusX: 50, FocusY: 50, Flat: true})
	if r, g, b, _ := m.At(2, 2).RGBA(); p.Type != "image/jpeg" || min(r, g, b) < 0xf000 {
		t.Errorf("%s with %x %x %x where nothing was, want white in a JPEG", p.Type, r, g, b)
	}
}

func TestEveryFormatBecomesPNGOrJPEG(t *testing.T) {
	clear := quarters(40, 40)
	clear.Set(0, 0, color.RGBA{})
	deep := image.NewNRGBA64(image.Rect(0, 0, 20, 20))
	var moving bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 30, 20), color.Palette{color.Black, color.White, color.Transparent})
	small := image.NewPaletted(image.Rect(5, 5, 10, 10), frame.Palette)
	err := gif.EncodeAll(&moving, &gif.GIF{
		Image: []*image.Paletted{small, frame}, Delay: []int{10, 10},
		Config: image.Config{Width: 30, Height: 20, ColorModel: frame.Palette},
	})
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name    string
		content []byte
		kind    string
		w, h    int
	}{
		{"a photograph", turned(t, quarters(40, 40), 1), "image/jpeg", 40, 40},
		{"a PNG", asPNG(t, quarters(40, 40)), "image/png", 40, 40},
		{"a see-through PNG", asPNG(t, clear), "image/png", 40, 40},
		{"a PNG with 16 bits a colour", asPNG(t, deep), "image/png", 20, 20},
		{"the first frame of a GIF, on its canvas", moving.Bytes(), "image/png", 30, 20},
		{"a WebP", smallWebP, "image/png", 1, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, m := read(t, c.content, Shape{})
			if p.Type != c.kind || p.Width != c.w || p.Height != c.h {
				t.Errorf("got %s %d × %d, want %s %d × %d", p.Type, p.Width, p.Height, c.kind, c.w, c.h)
			}
			if sixteen(m) {
				t.Error("it still has 16 bits a colour")
			}
		})
	}
}

// smallWebP is one lossless pixel, half see-through.
var smallWebP = []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")

func TestTheWebPOfThisTestIsOne(t *testing.T) {
	if _, err := webp.Decode(bytes.NewReader(smallWebP)); err != nil {
		t.Fatal(err)
	}
}

func TestRefusalsAreSentences(t *testing.T) {
	whole := turned(t, quarters(300, 300), 1)
	cases := []struct {
		name    string
		content []byte
		kind    fault.Kind
		key     string
	}{
		{"nothing", nil, fault.Invalid, "picture.unknown"},
		{"a page", []byte("<!doctype html><script>alert(1)</script>"), fault.Invalid, "picture.unknown"},
		{"an SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), fault.Invalid, "picture.unknown"},
		{"half a photograph", whole[:len(whole)/2], fault.Invalid, "picture.damaged"},
		{"a header alone", []byte("\x89PNG\r\n\x1a\n"), fault.Invalid, "picture.damaged"},
		{"too many pixels", pngHeader(6000, 6000, 8, 2, 0), fault.TooLarge, "picture.too_many_pixels"},
		{"too long a side", pngHeader(10001, 1, 8, 2, 0), fault.TooLarge, "picture.too_many_pixels"},
		{"too many bytes", make([]byte, MaxBytes+1), fault.TooLarge, "picture.too_large"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(t.Context(), bytes.NewReader(c.content), Shape{})
			if f := fault.Of(err); f == nil || f.Kind != c.kind || f.Key != c.key {
				t.Errorf("got %v, want %s", err, c.key)
			}
		})
	}
}

func TestOnlyTheListedSizesAreServed(t *testing.T) {
	content := asPNG(t, quarters(400, 200))
	for _, side := range Sizes {
		p, err := Resize(t.Context(), bytes.NewReader(content), side)
		if err != nil {
			t.Fatal(err)
		}
		if want := min(400, side); p.Width != want || p.Height != want/2 {
			t.Errorf("%d: got %d × %d", side, p.Width, p.Height)
		}
	}
	for _, side := range []int{0, -1, 65, 4096, 1 << 30} {
		if _, err := Resize(t.Context(), bytes.NewReader(content), side); !fault.Is(err, fault.NotFound) {
			t.Errorf("%d: got %v, want not found", side, err)
		}
	}
}

func TestAtMostTwoDecodeAndAHeavyOneAlone(t *testing.T) {
	places := newTurns()
	first, _ := places.enter(t.Context(), false)
	second, _ := places.enter(t.Context(), false)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for _, both := range []bool{false, true} {
		if _, err := places.enter(over, both); err == nil {
			t.Errorf("a third picture (heavy: %v) got a place beside two", both)
		}
	}
	first()
	if _, err := places.enter(over, true); err == nil {
		t.Error("a heavy picture got in beside a light one")
	}
	second()
	leave, err := places.enter(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := places.enter(over, false); err == nil {
		t.Error("a picture got in beside a heavy one")
	}
	leave()
	if leave, err = places.enter(t.Context(), false); err != nil {
		t.Errorf("after all have left: got %v", err)
	}
	leave()
}

func TestACodeIsReadableByCameras(t *testing.T) {
	p, err := QR("https://halden-fjord.example/c/abcdefghijklmnop")
	if err != nil {
		t.Fatal(err)
	}
	svg := string(p.Content)
	for _, want := range []string{`fill="#ffffff" d="M0 0h`, `fill="#000000" d="M4 4h7v1`} {
		if !strings.Contains(svg, want) {
			t.Errorf("the code has no %s", want)
		}
	}
	if _, err := QR(strings.Repeat("x", 5000)); err == nil {
		t.Error("a text that fits into no code was accepted")
	}
}

func TestShapesAreDrawnFromTheBackToTheFront(t *testing.T) {
	p, err := Patchwork(40, []Patch{
		{Fill: corners[0], Path: "M 0 0 L 100 0 L 100 100 L 0 100 Z"},
		{Fill: corners[2], Path: "M 0 0 C 50 0 100 0 100 0 L 100 50 L 0 50 Z"},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := image.Decode(bytes.NewReader(p.Content))
	if err != nil || corner(m, false, false) != 2 || corner(m, true, true) != 0 {
		t.Errorf("%v: %d above, %d below", err, corner(m, false, false), corner(m, true, true))
	}
}
