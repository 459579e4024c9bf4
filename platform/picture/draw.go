package picture

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"runtime"

	ximage "golang.org/x/image/draw"
)

// box is the width and height a shape allows.
func (s Shape) box() (w, h int) {
	w, h = s.Width, s.Height
	if w == 0 {
		w = Full
	}
	if h == 0 {
		h = Full
	}
	return w, h
}

// scaled is how large a picture w × h becomes, and which part of it is shown.
func (s Shape) scaled(w, h int) (part image.Rectangle, width, height int) {
	part = image.Rect(0, 0, w, h)
	bw, bh := s.box()
	if s.Fill {
		part = cut(w, h, bw, bh, s)
		w, h = part.Dx(), part.Dy()
	}
	if w <= bw && h <= bh {
		return part, w, h
	}
	if w*bh > h*bw {
		return part, bw, max(1, (h*bw+w/2)/w)
	}
	return part, max(1, (w*bh+h/2)/h), bh
}

// cut is the part of w × h with the proportions of the box, as near to the focus as it can be: the largest one unless
// the shape comes nearer.
func cut(w, h, bw, bh int, s Shape) image.Rectangle {
	cw, ch := w, max(1, w*bh/bw)
	if ch > h {
		cw, ch = max(1, min(w, h*bw/bh)), h
	}
	if zoom := min(s.Zoom, MaxZoom); zoom > 1 {
		cw, ch = max(1, int(float64(cw)/zoom)), max(1, int(float64(ch)/zoom))
	}
	x := within(int(float64(w)*s.FocusX/100)-cw/2, w-cw)
	y := within(int(float64(h)*s.FocusY/100)-ch/2, h-ch)
	return image.Rect(x, y, x+cw, y+ch)
}

func within(at, end int) int { return max(0, min(at, end)) }

// redrawn says that the pixels cannot go into the new file as they were decoded.
func (p *plan) redrawn(want Shape) bool {
	if p.turned != 1 {
		return true
	}
	part, w, h := want.scaled(p.config.Width, p.config.Height)
	return part.Dx() != p.config.Width || part.Dy() != p.config.Height || w != p.config.Width || h != p.config.Height
}

// draw makes the new picture: the part that is wanted, at its size, upright, in a file of our own.
func (p *plan) draw(m image.Image, want Shape) (*Picture, error) {
	if p.redrawn(want) || sixteen(m) {
		m = p.redraw(m, want)
	}
	if want.Flat {
		return encode(onWhite(m), false)
	}
	return encode(m, p.format.precise || !opaque(m))
}

// redraw scales before it turns: the fewer pixels, the less there is to turn.
func (p *plan) redraw(m image.Image, want Shape) image.Image {
	if p.turned.lies() {
		want.Width, want.Height = want.Height, want.Width
	}
	// The focus is that of the upright picture.
	if want.Fill {
		want.FocusX, want.FocusY = p.turned.focus(want.FocusX, want.FocusY)
	}
	part, w, h := want.scaled(p.config.Width, p.config.Height)
	if p.memory(want) > light {
		runtime.GC() // what the decoder needed on its way would lie beside the new picture for a while
	}
	return p.turned.turn(scale(m, part, w, h))
}

// focus is where a point of the upright picture lies in the picture as it is kept, both in hundredths.
func (o orientation) focus(x, y float64) (float64, float64) {
	back := o
	switch o { // the others undo themselves
	case 6:
		back = 8
	case 8:
		back = 6
	}
	const grid = 100 // points in a hundredth
	kept := back.upright(int(x*grid), int(y*grid), 100*grid+1, 100*grid+1)
	return float64(kept.X) / grid, float64(kept.Y) / grid
}

// scale makes a picture smaller in two steps: fast to twice the size, then well.
func scale(m image.Image, part image.Rectangle, w, h int) *image.RGBA {
	part = part.Add(m.Bounds().Min)
	if part.Dx() > 3*w && part.Dy() > 3*h {
		half := image.NewRGBA(image.Rect(0, 0, 2*w, 2*h))
		ximage.ApproxBiLinear.Scale(half, half.Rect, m, part, draw.Src, nil)
		m, part = half, half.Rect
	}
	drawn := image.NewRGBA(image.Rect(0, 0, w, h))
	switch {
	case part.Dx() == w && part.Dy() == h:
		draw.Draw(drawn, drawn.Rect, m, part.Min, draw.Src)
	case w*h > 2_000_000: // a large picture has pixels enough; the better way takes seconds
		ximage.ApproxBiLinear.Scale(drawn, drawn.Rect, m, part, draw.Src, nil)
	default:
		ximage.CatmullRom.Scale(drawn, drawn.Rect, m, part, draw.Src, nil)
	}
	return drawn
}

// sixteen says that a picture has 16 bits a colour: what reads our files later, PDFs above all, wants 8.
func sixteen(m image.Image) bool {
	switch m.(type) {
	case *image.Gray16, *image.RGBA64, *image.NRGBA64:
		return true
	}
	return false
}

// encode writes photographs as JPEG, and what has exact pixels or is see-through as PNG.
func encode(m image.Image, precise bool) (*Picture, error) {
	out := &Picture{Type: "image/jpeg", Width: m.Bounds().Dx(), Height: m.Bounds().Dy()}
	var b bytes.Buffer
	var err error
	if precise {
		out.Type = "image/png"
		err = png.Encode(&b, m)
	} else {
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: 88})
	}
	out.Content = b.Bytes()
	return out, err
}

// onWhite lays a picture that lets something through on white paper.
func onWhite(m image.Image) image.Image {
	if opaque(m) {
		return m
	}
	drawn := image.NewRGBA(image.Rect(0, 0, m.Bounds().Dx(), m.Bounds().Dy()))
	draw.Draw(drawn, drawn.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(drawn, drawn.Rect, m, m.Bounds().Min, draw.Over)
	return drawn
}

func opaque(m image.Image) bool {
	o, ok := m.(interface{ Opaque() bool })
	return ok && o.Opaque()
}
