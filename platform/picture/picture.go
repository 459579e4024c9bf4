// Package picture reads pictures that people bring: by their size first, few at a time, and always drawn anew, so that
// neither a bomb nor hidden data comes into the house. Logos may be SVG, rewritten by a strict list.
package picture

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"image"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"runes.im/platform/fault"
)

// What a picture may be at most.
const (
	MaxBytes  = 10 << 20
	MaxPixels = 25_000_000
	MaxSide   = 10_000 // pixels
)

// Full is the longest side a picture keeps in the house.
const Full = 4096

// Sizes are the longest sides that pictures are served in. Anything else is refused: who could ask for any size could
// keep the server busy with sizes.
var Sizes = []int{64, 160, 320, 640, 1280, 2560}

// patience bounds the reading of one picture, whatever its decoder makes of it.
const patience = 10 * time.Second

// Words are the sentences of this package's refusals.
//
//go:embed words
var Words embed.FS

// Picture is a picture as the house keeps it: drawn anew, upright, without any data beside the picture itself.
type Picture struct {
	Content       []byte
	Type          string // "image/png", "image/jpeg" or, from Logo alone, "image/svg+xml"
	Width, Height int
}

// Shape is the box a picture has to fit in. It is never enlarged.
type Shape struct {
	Width, Height int     // 0: Full
	Fill          bool    // cut to the box's proportions around the focus; else everything stays visible
	FocusX        float64 // 0 (left) to 100
	FocusY        float64 // 0 (top) to 100
	Zoom          float64 // with Fill, how much nearer than the largest cut: 1 to MaxZoom; less is 1
	Flat          bool    // always a JPEG; what is see-through becomes white
}

// MaxZoom is how near a cut goes.
const MaxZoom = 5

// Read takes an uploaded PNG, JPEG, WebP or GIF (its first frame). What it refuses it refuses with a fault for people.
func Read(ctx context.Context, r io.Reader, want Shape) (*Picture, error) {
	content, err := upTo(r, MaxBytes, "picture.too_large")
	if err != nil {
		return nil, err
	}
	p, err := probe(content)
	if err != nil {
		return nil, err
	}
	return p.read(ctx, want)
}

// Resize makes a stored picture smaller: side is one of Sizes, and the longer side of the result. A smaller picture
// stays as it is.
func Resize(ctx context.Context, r io.Reader, side int) (*Picture, error) {
	if !slices.Contains(Sizes, side) {
		return nil, fault.New(fault.NotFound, "picture.no_size")
	}
	return Read(ctx, r, Shape{Width: side, Height: side})
}

// upTo reads everything, or refuses where there is more than max.
func upTo(r io.Reader, limit int, key string) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(content) > limit {
		return nil, fault.New(fault.TooLarge, key, "max", limit>>20)
	}
	return content, nil
}

// read decodes, when it is this picture's turn, and draws it anew.
func (p *plan) read(ctx context.Context, want Shape) (*Picture, error) {
	heavy := p.memory(want) > light
	leave, err := decoders.enter(ctx, heavy)
	if err != nil {
		return nil, err
	}
	defer leave()
	if heavy {
		runtime.GC() // what the picture before left would lie beside this one for a while
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m, err := p.decode(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fault.New(fault.Invalid, "picture.too_slow")
		}
		return nil, fault.New(fault.Invalid, "picture.damaged")
	}
	return p.draw(m, want)
}

// decode gives the bytes to their decoder. A decoder that panics has met bytes its authors did not think of: the picture
// is damaged, and the log says how.
func (p *plan) decode(ctx context.Context) (m image.Image, err error) {
	defer func() {
		if met := recover(); met != nil {
			slog.WarnContext(ctx, "a decoder of pictures gave up", "format", p.format.name, "panic", met)
			err = fmt.Errorf("decoder panicked: %v", met)
		}
	}()
	return p.format.decode(patient{ctx, bytes.NewReader(p.content)})
}

// patient stops a decoder at its next read when its time is over.
type patient struct {
	ctx context.Context
	r   io.Reader
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b[:min(len(b), 4096)])
}
