package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strconv"
	"strings"

	"golang.org/x/image/vector"
)

// Patch is a filled shape. Its path is letters and numbers on a canvas of 100 by 100: M and L to a point, C along a curve,
// Z closed.
type Patch struct {
	Fill color.RGBA
	Path string
}

// Patchwork draws shapes from the back to the front, as a square PNG.
func Patchwork(side int, patches []Patch) (*Picture, error) {
	m := image.NewRGBA(image.Rect(0, 0, side, side))
	for _, p := range patches {
		if err := p.draw(m); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, m)
	return &Picture{Content: b.Bytes(), Type: "image/png", Width: side, Height: side}, err
}

func (p Patch) draw(m *image.RGBA) error {
	r := vector.NewRasterizer(m.Rect.Dx(), m.Rect.Dy())
	words := strings.Fields(p.Path)
	for len(words) > 0 {
		at := words[0]
		count := map[string]int{"M": 2, "L": 2, "C": 6}[at]
		var n [6]float32
		for i, word := range words[1 : 1+count] {
			number, err := strconv.ParseFloat(word, 32)
			if err != nil {
				return err
			}
			n[i] = float32(number) * float32(m.Rect.Dx()) / 100
		}
		switch words = words[1+count:]; at {
		case "M":
			r.MoveTo(n[0], n[1])
		case "L":
			r.LineTo(n[0], n[1])
		case "C":
			r.CubeTo(n[0], n[1], n[2], n[3], n[4], n[5])
		case "Z":
			r.ClosePath()
		}
	}
	r.Draw(m, m.Rect, image.NewUniform(p.Fill), image.Point{})
	return nil
}
