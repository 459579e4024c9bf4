package blob

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"testing"

	"runes.im/platform/store"
)

func BenchmarkStageAndKeep4KiB(b *testing.B) {
	s := openTest(b)
	content := random(4096)
	var n uint64
	b.ReportAllocs()
	for b.Loop() {
		n++
		binary.LittleEndian.PutUint64(content, n)
		g, err := s.Stage(b.Context(), bytes.NewReader(content), StageOptions{SHA1: true, Expect: 4096})
		if err != nil {
			b.Fatal(err)
		}
		err = s.db.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error { return s.Keep(ctx, tx, g) })
		if err != nil {
			b.Fatal(err)
		}
		g.Discard()
	}
}

func BenchmarkStage4KiB(b *testing.B) {
	s := openTest(b)
	content := random(4096)
	b.ReportAllocs()
	for b.Loop() {
		g, err := s.Stage(b.Context(), bytes.NewReader(content), StageOptions{SHA1: true, Expect: 4096})
		if err != nil {
			b.Fatal(err)
		}
		g.Discard()
	}
}

func BenchmarkStage100MiB(b *testing.B) {
	s := openTest(b)
	const size = 100 << 20
	content := random(1 << 20)
	b.SetBytes(size)
	for b.Loop() {
		r := io.LimitReader(repeat{content}, size)
		g, err := s.Stage(b.Context(), r, StageOptions{SHA1: true, Expect: size})
		if err != nil {
			b.Fatal(err)
		}
		g.Discard()
	}
}

func BenchmarkRead4KiB(b *testing.B) {
	s := openTest(b)
	id := keep(b, s, random(4096))
	b.ReportAllocs()
	for b.Loop() {
		c, err := s.Read(b.Context(), s.db, id)
		if err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}

// repeat is the same bytes without end.
type repeat struct{ content []byte }

func (r repeat) Read(p []byte) (int, error) { return copy(p, r.content), nil }
