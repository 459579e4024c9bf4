package notify

import (
	"context"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/job"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

const (
	kept      = 180 * 24 * time.Hour
	trimBatch = 500 // rows in one write, so that a trim never holds up the people at work
)

// Jobs are what this package does on schedule.
func Jobs() []job.Kind {
	return []job.Kind{{Name: "notify.trim", Every: 24 * time.Hour, Run: func(ctx context.Context, _ []byte) error {
		return Trim(ctx, tenant.From(ctx).DB)
	}}}
}

// Trim removes notifications older than 180 days.
func Trim(ctx context.Context, db *store.DB) error {
	before := clock.Text(clock.Now(ctx).Add(-kept))
	for {
		var removed int64
		err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			result, err := tx.Exec(ctx, `DELETE FROM notify_notes WHERE id IN
				(SELECT id FROM notify_notes WHERE at < ? ORDER BY at, id LIMIT ?)`, before, trimBatch)
			if err != nil {
				return err
			}
			removed, err = result.RowsAffected()
			return err
		})
		if err != nil || removed < trimBatch {
			return err
		}
	}
}
