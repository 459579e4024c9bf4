package blob

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/clock"
)

// Part is one piece of an upload that comes in pieces, on stable storage.
type Part struct {
	Number int64
	Size   int64
}

// WritePart stores piece number of a transfer, replacing an earlier try. The transfer is an internal id (package id),
// never a name that a client chose. More than limit bytes is fault.TooLarge (0 = no limit); expect is the announced length,
// -1 when unknown.
func (s *Store) WritePart(ctx context.Context, transfer string, number int64, r io.Reader, limit, expect int64) (Part, error) {
	size, err := s.writePart(ctx, transfer, number, &intake{ctx: ctx, r: r, max: limit, expect: expect})
	if err != nil {
		return Part{}, asFull(err)
	}
	return Part{Number: number, Size: size}, nil
}

// leavePart counts the other pieces of the transfer to what is there.
func (s *Store) leavePart(ctx context.Context, transfer string, number int64, in *intake) error {
	if s.limit == nil || s.limit() == 0 {
		return nil
	}
	parts, err := s.Parts(transfer)
	if err != nil {
		return err
	}
	aside := int64(0)
	for _, p := range parts {
		if p.Number != number {
			aside += p.Size
		}
	}
	return s.leave(ctx, in, aside)
}

func (s *Store) writePart(ctx context.Context, transfer string, number int64, in *intake) (int64, error) {
	dir, err := partDir(transfer)
	if err != nil {
		return 0, err
	}
	if number < 0 {
		return 0, fmt.Errorf("part %d of %s", number, transfer)
	}
	if err := in.announced(); err != nil {
		return 0, err
	}
	if err := s.leavePart(ctx, transfer, number, in); err != nil {
		return 0, err
	}
	if err := s.room(max(in.expect, 0)); err != nil {
		return 0, err
	}
	t, err := s.newTemp()
	if err != nil {
		return 0, err
	}
	defer t.clear()
	block := s.buffers.Get().(*[]byte)
	defer s.buffers.Put(block)
	for !in.ended {
		p, err := in.fill(*block)
		if err != nil {
			return 0, err
		}
		if _, err := t.Write(p); err != nil {
			return 0, err
		}
	}
	if err := s.makeDir(dir, partsDir); err != nil {
		return 0, err
	}
	return in.n, t.settle(dir, strconv.FormatInt(number, 10))
}

// Parts lists what has arrived of a transfer, in the order of the numbers; none is not an error.
func (s *Store) Parts(transfer string) ([]Part, error) {
	dir, err := partDir(transfer)
	if err != nil {
		return nil, err
	}
	files, err := s.entries(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	parts := make([]Part, 0, len(files))
	for _, f := range files {
		number, err := strconv.ParseInt(f.Name(), 10, 64)
		if err != nil || !f.Type().IsRegular() {
			return nil, fmt.Errorf("%s/%s does not belong here", dir, f.Name())
		}
		info, err := f.Info()
		if err != nil {
			return nil, err
		}
		parts = append(parts, Part{Number: number, Size: info.Size()})
	}
	slices.SortFunc(parts, func(a, b Part) int { return cmp.Compare(a.Number, b.Number) })
	return parts, nil
}

// ReadParts reads these parts of a transfer one after the other, for Stage. One file is open at a time.
func (s *Store) ReadParts(transfer string, parts []Part) io.ReadCloser {
	return &partReader{s: s, transfer: transfer, rest: parts}
}

type partReader struct {
	s        *Store
	transfer string
	rest     []Part
	open     *os.File
	left     int64
}

func (r *partReader) Read(p []byte) (int, error) {
	for r.left == 0 {
		if err := r.next(); err == io.EOF {
			return 0, err
		} else if err != nil {
			return 0, ownFailure{err}
		}
	}
	n, err := r.open.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	if err != nil {
		err = ownFailure{fmt.Errorf("a part of %s lacks %d bytes: %w", r.transfer, r.left, err)}
	}
	return n, err
}

// ownFailure is a failure of our own disk while Stage reads: the sender did nothing wrong.
type ownFailure struct{ error }

func (f ownFailure) Unwrap() error { return f.error }

func (r *partReader) next() error {
	if err := r.Close(); err != nil {
		return err
	}
	if len(r.rest) == 0 {
		return io.EOF
	}
	dir, err := partDir(r.transfer)
	if err != nil {
		return err
	}
	part := r.rest[0]
	f, err := r.s.openFile(dir, strconv.FormatInt(part.Number, 10))
	if err != nil {
		return err
	}
	r.open, r.left, r.rest = f, part.Size, r.rest[1:]
	return nil
}

// Close lets go of the part that is open.
func (r *partReader) Close() error {
	f := r.open
	r.open, r.left = nil, 0
	if f == nil {
		return nil
	}
	return f.Close()
}

// DropParts removes everything of a transfer; one that is not there is no error.
func (s *Store) DropParts(transfer string) error {
	dir, err := partDir(transfer)
	if err != nil {
		return err
	}
	if err := s.root.RemoveAll(dir); err != nil {
		return err
	}
	s.forgetDir(dir)
	return nil
}

// SweepParts drops the transfers to which nothing was added for age.
func (s *Store) SweepParts(ctx context.Context, age time.Duration) (dropped int, err error) {
	dirs, err := s.entries(partsDir)
	if err != nil {
		return 0, err
	}
	before := clock.Now(ctx).Add(-age)
	for _, d := range dirs {
		if _, err := partDir(d.Name()); err != nil || !isOlder(d, before) {
			continue
		}
		if err := s.DropParts(d.Name()); err != nil {
			return dropped, err
		}
		dropped++
	}
	return dropped, nil
}

// partDir is the folder of a transfer. A name that is no internal id is a mistake of ours, not of a person.
func partDir(transfer string) (string, error) {
	if transfer == "" || len(transfer) > 64 || strings.Trim(transfer, "0123456789abcdefghijklmnopqrstuvwxyz-") != "" {
		return "", fmt.Errorf("%q is no transfer", transfer)
	}
	return partsDir + "/" + transfer, nil
}
