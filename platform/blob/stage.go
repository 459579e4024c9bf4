package blob

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"
	"sync/atomic"

	"runes.im/platform/fault"
)

// Staged is a content that is complete but not yet kept. Small ones are in memory, large ones a finished, synced file.
// Whoever staged it calls Discard when done, outside any write; that does nothing after Keep committed.
type Staged struct {
	ID   string // SHA-256, hex
	Size int64
	SHA1 string // hex; filled when asked for
	MD5  string // hex; filled when asked for

	store *Store
	data  []byte // of a small one, never nil
	kept  atomic.Bool
	mu    sync.Mutex // between a late Keep and Discard
	gone  bool
}

// StageOptions say what to count besides SHA-256, and what to refuse.
type StageOptions struct {
	SHA1, MD5 bool
	Max       int64 // more bytes than this is fault.TooLarge; 0 = no limit
	Expect    int64 // other length is fault.Malformed; -1 = unknown
}

// Stage reads r to its end. On error nothing stays behind.
func (s *Store) Stage(ctx context.Context, r io.Reader, o StageOptions) (*Staged, error) {
	g, err := s.stage(ctx, r, o)
	if err != nil {
		return nil, asFull(err)
	}
	return g, nil
}

func (s *Store) stage(ctx context.Context, r io.Reader, o StageOptions) (*Staged, error) {
	in := &intake{ctx: ctx, r: r, max: o.Max, expect: o.Expect}
	if err := in.announced(); err != nil {
		return nil, err
	}
	if err := s.leave(ctx, in, 0); err != nil {
		return nil, err
	}
	if o.Expect >= 0 && o.Expect <= Inline {
		return s.stageAnnounced(in, o)
	}
	if err := s.room(max(o.Expect, 0)); err != nil {
		return nil, err
	}
	block := s.buffers.Get().(*[]byte)
	defer s.buffers.Put(block)
	first, err := in.fill(*block)
	if err != nil {
		return nil, err
	}
	if in.ended && len(first) <= Inline {
		return s.stageSmall(append(make([]byte, 0, len(first)), first...), o), nil
	}
	return s.stageLarge(in, *block, first, o)
}

// stageAnnounced reads a small content straight to where it stays.
func (s *Store) stageAnnounced(in *intake, o StageOptions) (*Staged, error) {
	if err := s.roomForSmall(o.Expect); err != nil {
		return nil, err
	}
	content, err := in.fill(make([]byte, o.Expect))
	if err != nil {
		return nil, err
	}
	if _, err := in.fill(make([]byte, 1)); err != nil { // nothing may follow
		return nil, err
	}
	return s.stageSmall(content, o), nil
}

// stageSmall takes the content over.
func (s *Store) stageSmall(content []byte, o StageOptions) *Staged {
	sum := sha256.Sum256(content)
	g := &Staged{ID: hex.EncodeToString(sum[:]), Size: int64(len(content)), store: s, data: content}
	if o.SHA1 {
		sum := sha1.Sum(content)
		g.SHA1 = hex.EncodeToString(sum[:])
	}
	if o.MD5 {
		sum := md5.Sum(content)
		g.MD5 = hex.EncodeToString(sum[:])
	}
	return g
}

func (s *Store) stageLarge(in *intake, block, first []byte, o StageOptions) (*Staged, error) {
	t, err := s.newTemp()
	if err != nil {
		return nil, err
	}
	defer t.clear()
	sums := newSums(o)
	for p := first; ; {
		sums.add(p)
		if _, err := t.Write(p); err != nil {
			return nil, err
		}
		if in.ended {
			break
		}
		if p, err = in.fill(block); err != nil {
			return nil, err
		}
	}
	g := &Staged{Size: in.n, store: s}
	g.ID, g.SHA1, g.MD5 = sums.text()
	dir := g.ID[:2]
	if err := s.makeDir(dir, "."); err != nil {
		return nil, err
	}
	s.held.hold(g.ID)
	if err := t.settle(dir, g.ID); err != nil {
		g.Discard()
		return nil, err
	}
	return g, nil
}

// Discard throws a staged content away.
func (g *Staged) Discard() {
	g.mu.Lock()
	first := !g.gone
	g.gone, g.data = true, nil
	g.mu.Unlock()
	if !first || g.Size <= Inline {
		return
	}
	g.store.held.release(g.ID)
	if !g.kept.Load() {
		// What cannot be removed now is an orphan, and Sweep's.
		_, _ = g.store.removeUnnamed(context.Background(), []string{g.ID})
	}
}

// sums counts the hashes of a content while it is written.
type sums struct {
	sha256, sha1, md5 hash.Hash
	all               []hash.Hash
}

func newSums(o StageOptions) *sums {
	c := &sums{sha256: sha256.New()}
	c.all = append(c.all, c.sha256)
	if o.SHA1 {
		c.sha1 = sha1.New()
		c.all = append(c.all, c.sha1)
	}
	if o.MD5 {
		c.md5 = md5.New()
		c.all = append(c.all, c.md5)
	}
	return c
}

func (c *sums) add(p []byte) {
	for _, h := range c.all {
		h.Write(p)
	}
}

func (c *sums) text() (sha256, sha1, md5 string) {
	text := func(h hash.Hash) string {
		if h == nil {
			return ""
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	return text(c.sha256), text(c.sha1), text(c.md5)
}

// intake reads what somebody sends and refuses the wrong length.
type intake struct {
	ctx         context.Context
	r           io.Reader
	max, expect int64
	left        int64 // that the limit still allows
	n           int64
	ended       bool
	isLimited   bool
}

// announced refuses by the announced length alone, before anything is read.
func (in *intake) announced() error {
	if in.max > 0 && in.expect > in.max {
		return in.tooLarge()
	}
	return nil
}

// fill reads until the block is full or the content has ended. Only io.EOF ends a content: io.ReadFull would take the
// io.ErrUnexpectedEOF of an aborted request for a short last block.
func (in *intake) fill(block []byte) ([]byte, error) {
	n := 0
	for n < len(block) && !in.ended {
		if err := in.ctx.Err(); err != nil {
			return nil, err
		}
		k, err := in.r.Read(block[n:])
		n += k
		in.n += int64(k)
		if in.max > 0 && in.n > in.max {
			return nil, in.tooLarge()
		}
		if in.isLimited && in.n > in.left {
			return nil, overLimit()
		}
		if in.expect >= 0 && in.n > in.expect {
			return nil, in.wrongLength()
		}
		if err == io.EOF {
			in.ended = true
		} else if err != nil {
			return nil, in.brokenOff(err)
		}
	}
	if in.ended && in.expect >= 0 && in.n != in.expect {
		return nil, in.wrongLength()
	}
	return block[:n], nil
}

func (in *intake) tooLarge() error {
	return fault.New(fault.TooLarge, "blob.too_large", "max", in.max)
}

func (in *intake) wrongLength() error {
	return fault.New(fault.Malformed, "blob.wrong_length", "want", in.expect)
}

func (in *intake) brokenOff(err error) error {
	var own ownFailure
	if fault.Of(err) != nil || errors.As(err, &own) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w", fault.New(fault.Malformed, "blob.broken_off"), err)
}
