package blob

import (
	"context"

	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// Limit refuses contents that would carry those in use, each counted once, over so many bytes; 0 is no limit. It is asked each
// time, so that a change holds at once.
func Limit(bytes func() int64) Option { return func(s *Store) { s.limit = bytes } }

// Total is how many bytes the contents in use have together, each counted once.
func Total(ctx context.Context, r store.Reader) (bytes int64, err error) {
	err = r.QueryRow(ctx, `SELECT bytes FROM blob_total WHERE one = 1`).Scan(&bytes)
	return bytes, err
}

// Left is how many bytes may still come; -1: any number.
func (s *Store) Left(ctx context.Context, r store.Reader) (int64, error) {
	if s.limit == nil {
		return -1, nil
	}
	limit := s.limit()
	if limit == 0 {
		return -1, nil
	}
	total, err := Total(ctx, r)
	return max(0, limit-total), err
}

// leave tells the intake what may still come besides what lies aside already.
func (s *Store) leave(ctx context.Context, in *intake, aside int64) error {
	left, err := s.Left(ctx, s.db)
	if err != nil || left < 0 {
		return err
	}
	in.isLimited, in.left = true, max(0, left-aside)
	if in.expect > in.left {
		return overLimit()
	}
	return nil
}

// withinLimit refuses a write that made a content more than is allowed; before is the total before it.
func (s *Store) withinLimit(ctx context.Context, tx *store.Tx, before int64) error {
	total, err := Total(ctx, tx)
	if err == nil && total > before && total > s.limit() {
		return overLimit()
	}
	return err
}

func overLimit() error { return fault.New(fault.Full, "blob.over_limit") }
