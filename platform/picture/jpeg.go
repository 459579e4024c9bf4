package picture

import (
	"bytes"
	"encoding/binary"
)

// maxScans is far over what programs write (about ten): each scan of a progressive picture walks over all of it, and a
// file of 10 MiB has room for a hundred thousand.
const maxScans = 100

// frame is what the segments of a JPEG say about the work it makes.
type frame struct {
	progressive bool
	components  int
	samples     int // of one pixel, in hundredths: 300 for full colour, 150 for the usual 4:2:0
	scans       int
	exif        []byte
}

// memory is the bytes while a JPEG is decoded and afterwards. A progressive one keeps four bytes for each sample until
// its last scan. RGB and four colours are put together into a picture of their own; whether three components are RGB
// is said in places that contradict each other, so it is counted always.
func (f frame) memory(pixels int) (decoding, decoded int) {
	planes := pixels * f.samples / 100
	decoding, decoded = planes, planes
	if f.components != 1 {
		decoding, decoded = planes+4*pixels, 4*pixels
	}
	if f.progressive {
		decoding = max(decoding, 5*planes)
	}
	return decoding, decoded
}

// frameOf walks over the segments. What it does not find it takes for the worst.
func frameOf(content []byte) frame {
	f := frame{progressive: true, components: 4, samples: 400}
	framed := false
	for rest := content[2:]; ; {
		marker, body, after := segment(rest)
		switch {
		case marker == 0 || marker == 0xd9:
			return f
		case marker >= 0xc0 && marker <= 0xc2 && !framed && len(body) > 5:
			framed = true
			f.progressive, f.components, f.samples = marker == 0xc2, int(body[5]), samples(body[6:])
		case marker == 0xda:
			f.scans++
		case marker == 0xe1 && f.exif == nil:
			f.exif, _ = bytes.CutPrefix(body, []byte("Exif\x00\x00"))
		}
		rest = after
	}
}

// segment is the next marker with its body, and what follows. Between segments lies whatever a scan left: bytes, zeros
// after 0xff, restarts. Marker 0: there is none any more.
func segment(rest []byte) (marker byte, body, after []byte) {
	for {
		at := bytes.IndexByte(rest, 0xff)
		if at < 0 || at+1 >= len(rest) {
			return 0, nil, nil
		}
		marker, rest = rest[at+1], rest[at+1:]
		switch {
		case marker == 0xff: // a fill byte: the marker comes
			continue
		case marker == 0 || marker >= 0xd0 && marker <= 0xd8 || marker == 1:
			rest = rest[1:]
			continue
		case marker == 0xd9:
			return marker, nil, rest[1:]
		case len(rest) < 3:
			return 0, nil, nil
		}
		size := int(binary.BigEndian.Uint16(rest[1:]))
		if size < 2 || 1+size > len(rest) {
			return 0, nil, nil
		}
		return marker, rest[3 : 1+size], rest[1+size:]
	}
}

// samples adds up how densely each component is kept beside the densest, in hundredths of a pixel.
func samples(components []byte) int {
	sum, most := 0, 1
	for ; len(components) >= 3; components = components[3:] {
		each := int(components[1]>>4) * int(components[1]&15)
		sum, most = sum+each, max(most, each)
	}
	return max(100, 100*sum/most)
}

func exifOfJPEG(content []byte) []byte { return frameOf(content).exif }
