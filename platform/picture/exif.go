package picture

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation is how a camera was held, as EXIF counts it: 1 to 8, 1 is upright.
type orientation int

// orientationOf reads one number out of the data a camera left. Anything unexpected is upright.
func orientationOf(exif []byte) orientation {
	const first = 8 // bytes of the header
	if len(exif) < first {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(exif, []byte("II")) {
		order = binary.LittleEndian
	}
	at := int(order.Uint32(exif[4:]))
	if at < first || at+2 > len(exif) {
		return 1
	}
	entries := int(order.Uint16(exif[at:]))
	for rest := exif[at+2:]; entries > 0 && len(rest) >= 12; entries, rest = entries-1, rest[12:] {
		const tag, short = 0x0112, 3
		if order.Uint16(rest) != tag || order.Uint16(rest[2:]) != short {
			continue
		}
		if o := orientation(order.Uint16(rest[8:])); o >= 1 && o <= 8 {
			return o
		}
	}
	return 1
}

// lies says that width and height change places.
func (o orientation) lies() bool { return o >= 5 }

// upright is where the pixel (x, y) of a picture w × h, as it is kept, belongs.
func (o orientation) upright(x, y, w, h int) image.Point {
	switch o {
	case 2:
		return image.Pt(w-1-x, y)
	case 3:
		return image.Pt(w-1-x, h-1-y)
	case 4:
		return image.Pt(x, h-1-y)
	case 5:
		return image.Pt(y, x)
	case 6:
		return image.Pt(h-1-y, x)
	case 7:
		return image.Pt(h-1-y, w-1-x)
	case 8:
		return image.Pt(y, w-1-x)
	}
	return image.Pt(x, y)
}

// turn draws a picture upright.
func (o orientation) turn(m *image.RGBA) *image.RGBA {
	if o == 1 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	box := image.Rect(0, 0, w, h)
	if o.lies() {
		box = image.Rect(0, 0, h, w)
	}
	turned := image.NewRGBA(box)
	for y := range h {
		for x := range w {
			to := o.upright(x, y, w, h)
			copy(turned.Pix[turned.PixOffset(to.X, to.Y):][:4], m.Pix[m.PixOffset(x, y):][:4])
		}
	}
	return turned
}

// exifOfPNG finds the chunk eXIf.
func exifOfPNG(content []byte) []byte {
	for rest := content[8:]; len(rest) >= 12; {
		size := int(binary.BigEndian.Uint32(rest))
		if size > len(rest)-12 {
			break
		}
		if string(rest[4:8]) == "eXIf" {
			return rest[8 : 8+size]
		}
		rest = rest[12+size:]
	}
	return nil
}

// exifOfWebP finds the chunk EXIF.
func exifOfWebP(content []byte) []byte {
	for rest := content[12:]; len(rest) >= 8; {
		size := int(binary.LittleEndian.Uint32(rest[4:]))
		if size > len(rest)-8 {
			break
		}
		if string(rest[:4]) == "EXIF" {
			exif, _ := bytes.CutPrefix(rest[8:8+size], []byte("Exif\x00\x00"))
			return exif
		}
		rest = rest[min(len(rest), 8+size+size&1):]
	}
	return nil
}
