package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"runes.im/platform/fault"
)

// format is one kind of picture: how it begins and who reads it.
type format struct {
	name    string
	begins  func(content []byte) bool
	config  func(io.Reader) (image.Config, error)
	decode  func(io.Reader) (image.Image, error)
	exif    func(content []byte) []byte
	precise bool // keeps every pixel: stays PNG
}

// formats are told apart by their first bytes; names and types that come with an upload mean nothing.
var formats = []format{
	{
		name: "PNG", begins: starts("\x89PNG\r\n\x1a\n"),
		config: png.DecodeConfig, decode: png.Decode, exif: exifOfPNG, precise: true,
	},
	{name: "JPEG", begins: starts("\xff\xd8\xff"), config: jpeg.DecodeConfig, decode: jpeg.Decode, exif: exifOfJPEG},
	{name: "GIF", begins: starts("GIF8"), config: gif.DecodeConfig, decode: firstFrame, precise: true},
	{
		name: "WebP", config: webp.DecodeConfig, decode: webp.Decode, exif: exifOfWebP,
		begins: func(c []byte) bool { return len(c) > 12 && string(c[:4]) == "RIFF" && string(c[8:12]) == "WEBP" },
	},
}

func starts(with string) func([]byte) bool {
	return func(content []byte) bool { return bytes.HasPrefix(content, []byte(with)) }
}

// plan is what the headers of a picture say: enough to refuse it before a decoder makes room for its pixels.
type plan struct {
	content []byte
	format  format
	config  image.Config
	turned  orientation
	jpeg    frame // of a JPEG
}

// probe reads the headers and refuses what is no picture, or too much of one.
func probe(content []byte) (*plan, error) {
	for _, f := range formats {
		if f.begins(content) {
			return measure(&plan{content: content, format: f, turned: 1})
		}
	}
	return nil, fault.New(fault.Invalid, "picture.unknown")
}

func measure(p *plan) (*plan, error) {
	var err error
	if p.config, err = p.format.config(bytes.NewReader(p.content)); err != nil {
		return nil, fault.New(fault.Invalid, "picture.damaged")
	}
	w, h := p.config.Width, p.config.Height
	if w < 1 || h < 1 {
		return nil, fault.New(fault.Invalid, "picture.damaged")
	}
	if w > MaxSide || h > MaxSide || w*h > MaxPixels {
		return nil, fault.New(fault.TooLarge, "picture.too_many_pixels", "width", w, "height", h, "max", MaxPixels/1_000_000, "side", MaxSide)
	}
	if p.format.name == "JPEG" {
		p.jpeg = frameOf(p.content)
		if p.jpeg.scans > maxScans {
			return nil, fault.New(fault.Invalid, "picture.damaged")
		}
	}
	if p.format.exif != nil {
		p.turned = orientationOf(p.format.exif(p.content))
	}
	if p.memory(Shape{}) > most {
		return nil, fault.New(fault.TooLarge, "picture.too_heavy", "width", w, "height", h)
	}
	return p, nil
}

// memory is what decoding and drawing will need at their peak, in bytes.
func (p *plan) memory(want Shape) int {
	pixels := p.config.Width * p.config.Height
	decoding, decoded := p.depth(pixels)
	drawn := 0
	if p.redrawn(want) || want.Flat {
		w, h := want.box()
		drawn = 4 * min(pixels, w*h)
	}
	return max(decoding, decoded+drawn)
}

// depth is the bytes while a picture is decoded and afterwards.
func (p *plan) depth(pixels int) (decoding, decoded int) {
	switch p.format.name {
	case "JPEG":
		return p.jpeg.memory(pixels)
	case "WebP":
		if p.config.ColorModel == color.YCbCrModel && !bytes.Contains(p.content, []byte("VP8L")) {
			return 2 * pixels, 2 * pixels
		}
		// Lossless, or lossy with an alpha plane that is lossless: beside the pixels come code trees.
		return 7*pixels + min(64<<20, 64*len(p.content)), 4 * pixels
	case "GIF":
		return 5 * pixels, 5 * pixels
	}
	each := 4
	switch p.config.ColorModel {
	case color.GrayModel:
		each = 1
	case color.Gray16Model:
		each = 2
	case color.RGBA64Model, color.NRGBA64Model:
		each = 8
	}
	if _, few := p.config.ColorModel.(color.Palette); few {
		each = 1
	}
	decoded = each * pixels
	if interlaced := p.format.name == "PNG" && len(p.content) > 28 && p.content[28] == 1; interlaced {
		return 2 * decoded, decoded
	}
	return decoded, decoded
}

// firstFrame reads a GIF as far as a still picture goes. The frame may be smaller than the canvas it lies on.
func firstFrame(r io.Reader) (image.Image, error) {
	var head bytes.Buffer
	canvas, err := gif.DecodeConfig(io.TeeReader(r, &head))
	if err != nil {
		return nil, err
	}
	m, err := gif.Decode(io.MultiReader(&head, r))
	whole := image.Rect(0, 0, canvas.Width, canvas.Height)
	if err != nil || m.Bounds() == whole {
		return m, err
	}
	drawn := image.NewRGBA(whole)
	draw.Draw(drawn, m.Bounds(), m, m.Bounds().Min, draw.Src)
	return drawn, nil
}
