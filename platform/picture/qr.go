package picture

import (
	"fmt"
	"image"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quiet is the empty margin a reader needs around a code, in modules.
const quiet = 4

// QR draws a text as a QR code in SVG: black on white, whatever the theme, so that every camera reads it.
func QR(text string) (*Picture, error) {
	code, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return nil, err
	}
	n := code.Bounds().Dx()
	side := n + 2*quiet
	var modules strings.Builder
	for y := range n {
		for x := 0; x < n; {
			run := 0
			for x+run < n && dark(code, x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&modules, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
			}
			x += run + 1
		}
	}
	svg := fmt.Sprintf(`<svg xmlns="%s" viewBox="0 0 %d %d" width="%d" height="%d" shape-rendering="crispEdges">`+
		`<path fill="#ffffff" d="M0 0h%dv%dH0z"/><path fill="#000000" d="%s"/></svg>`,
		svgSpace, side, side, 8*side, 8*side, side, side, modules.String())
	return &Picture{Content: []byte(svg), Type: "image/svg+xml", Width: 8 * side, Height: 8 * side}, nil
}

func dark(code image.Image, x, y int) bool {
	r, _, _, _ := code.At(x, y).RGBA()
	return r == 0
}
