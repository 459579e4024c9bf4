package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// I4: what an attacker can put into 10 MiB costs little time and little memory.
func TestBombsAreDefused(t *testing.T) {
	bombs := []struct {
		name    string
		content []byte
		opens   bool // a real picture of the largest allowed kind
	}{
		{"a PNG that claims 2.5 thousand million pixels", pngHeader(50000, 50000, 8, 6, 0), false},
		{"a long thin PNG", pngHeader(1_000_000, 1, 8, 6, 0), false},
		{"a flat PNG of 25 megapixels with 16 bits a colour", flatPNG(t, 5000, 5000, 16), false},
		{"an interlaced PNG of 25 megapixels", pngHeader(5000, 5000, 8, 6, 1), false},
		{"a small PNG with a gigabyte of pixels behind its end", deepPNG(t), false},
		{"a flat PNG of 25 megapixels", flatPNG(t, 5000, 5000, 8), true},
		{"a JPEG that claims 65535 × 65535", jpegHeader(0xc0, 65535, 65535, 0x22), false},
		{"a progressive JPEG of 25 megapixels in full colour", jpegHeader(0xc2, 5000, 5000, 0x11), false},
		{"a progressive JPEG with a thousand scans", scans(jpegHeader(0xc2, 4000, 4000, 0x22), 1000), false},
		{"a GIF with a canvas of 65535 × 65535", gifBomb(t, 65535, 65535), false},
		{"a WebP that says 10 × 10 and holds 16383 × 16383", webpLie(), false},
		{"a file one byte over ten megabytes", append(flatPNG(t, 10, 10, 8), make([]byte, MaxBytes)...), false},
	}
	took, grown := cost(func() {
		for _, b := range bombs {
			_, err := Read(t.Context(), bytes.NewReader(b.content), Shape{Width: 640, Height: 640})
			if (err == nil) != b.opens {
				t.Errorf("%s: got %v", b.name, err)
			}
		}
	})
	if took > time.Minute {
		t.Errorf("all bombs took %v, want under 5 s on a machine of its own", took)
	}
	if grown > 192<<20 {
		t.Errorf("memory grew by %d MiB, want under 192", grown>>20)
	}
}

func TestTheLargestPicturesTogetherStayWithinTheSameMemory(t *testing.T) {
	large := flatPNG(t, 5000, 5000, 8)
	_, grown := cost(func() {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if _, err := Read(t.Context(), bytes.NewReader(large), Shape{}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
	if grown > 192<<20 {
		t.Errorf("memory grew by %d MiB, want under 192", grown>>20)
	}
}

// cost is how long something takes and how far the memory of the process grows meanwhile.
func cost(do func()) (took time.Duration, grown int64) {
	runtime.GC()
	before, stop := inUse(), make(chan struct{})
	var peak atomic.Uint64
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
				peak.Store(max(peak.Load(), inUse()))
			}
		}
	}()
	begun := time.Now()
	do()
	took = time.Since(begun)
	close(stop)
	return took, int64(peak.Load()) - int64(before)
}

// inUse is the memory of the process that the system has not got back.
func inUse() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}

func chunk(b *bytes.Buffer, kind string, data []byte) {
	_ = binary.Write(b, binary.BigEndian, uint32(len(data)))
	b.WriteString(kind)
	b.Write(data)
	_ = binary.Write(b, binary.BigEndian, crc32.ChecksumIEEE(append([]byte(kind), data...)))
}

// pngHeader is a PNG as far as its size, followed by nothing.
func pngHeader(w, h, depth, colour, interlace int) []byte {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	chunk(&b, "IHDR", append(head, byte(depth), byte(colour), 0, 0, byte(interlace)))
	return b.Bytes()
}

func flatPNG(t *testing.T, w, h, depth int) []byte {
	t.Helper()
	var m image.Image = &flat{w, h, color.NRGBAModel}
	if depth == 16 {
		m = &flat{w, h, color.NRGBA64Model}
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// flat is a picture of one see-through colour that needs no memory.
type flat struct {
	w, h  int
	model color.Model
}

func (f *flat) ColorModel() color.Model { return f.model }
func (f *flat) Bounds() image.Rectangle { return image.Rect(0, 0, f.w, f.h) }
func (f *flat) At(int, int) color.Color { return f.model.Convert(color.NRGBA{200, 90, 40, 128}) }

// deepPNG has pixels for a picture a thousand times its size.
func deepPNG(t *testing.T) []byte {
	t.Helper()
	whole := flatPNG(t, 4000, 4000, 8)
	data := whole[bytes.Index(whole, []byte("IDAT"))-4:]
	return append(pngHeader(10, 10, 8, 6, 0), data...)
}

// jpegHeader is a JPEG as far as its frame, with three components of which the first is sampled so.
func jpegHeader(sof byte, w, h int, first byte) []byte {
	b := []byte{0xff, 0xd8, 0xff, 0xdb, 0, 67, 0}
	b = append(b, bytes.Repeat([]byte{1}, 64)...)
	b = append(b, 0xff, sof, 0, 17, 8, byte(h>>8), byte(h), byte(w>>8), byte(w), 3, 1, first, 0, 2, 0x11, 0, 3, 0x11, 0)
	return b
}

// scans appends scans that say that all blocks stay as they are.
func scans(b []byte, n int) []byte {
	b = append(b, 0xff, 0xc4, 0, 20, 0x10, 1)
	b = append(b, make([]byte, 15)...)
	b = append(b, 0xe0)
	for range n {
		b = append(b, 0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0)
		b = append(b, make([]byte, 400)...)
	}
	return append(b, 0xff, 0xd9)
}

func gifBomb(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.Black, color.White})
	if err := gif.Encode(&b, frame, nil); err != nil {
		t.Fatal(err)
	}
	content := b.Bytes()
	binary.LittleEndian.PutUint16(content[6:], uint16(w))
	binary.LittleEndian.PutUint16(content[8:], uint16(h))
	return content
}

func webpLie() []byte {
	body := []byte("WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x09\x00\x00")
	body = append(body, "VP8L\x06\x00\x00\x00\x2f\xff\xff\xff\x0f\x00"...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}
