package identity

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/id"
	"runes.im/platform/store"
)

// DraftLasts is how long a wizard that nobody goes on with is kept.
const DraftLasts = 30 * 24 * time.Hour

// Draft is what somebody has begun and not finished. The id is that of this one beginning; empty while nothing is kept.
type Draft struct {
	ID      string
	Content []byte // JSON, as the wizard wants it
}

// DraftOf is what the account has begun; the zero Draft when there is nothing, or when it was left too long ago.
func (h *House) DraftOf(ctx context.Context, accountID string) (d Draft, err error) {
	var content string
	err = h.system.QueryRow(ctx, `SELECT id, content FROM identity_drafts WHERE account_id = ? AND changed_at > ?`,
		accountID, clock.Text(clock.Now(ctx).Add(-DraftLasts))).Scan(&d.ID, &content)
	if errors.Is(err, sql.ErrNoRows) {
		return Draft{}, nil
	}
	d.Content = []byte(content)
	return d, err
}

// KeepDraft keeps it and answers its id. A draft that was finished or thrown away meanwhile begins anew.
func (h *House) KeepDraft(ctx context.Context, accountID string, content []byte) (draftID string, err error) {
	now := clock.Now(ctx)
	err = h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM identity_drafts WHERE changed_at <= ?`, clock.Text(now.Add(-DraftLasts))); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `INSERT INTO identity_drafts (account_id, id, content, changed_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (account_id) DO UPDATE SET content = excluded.content, changed_at = excluded.changed_at RETURNING id`,
			accountID, id.New(), string(content), clock.Text(now)).Scan(&draftID)
	})
	return draftID, err
}

// DropDraft throws it away.
func (h *House) DropDraft(ctx context.Context, accountID string) error {
	return h.system.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return FinishDraft(ctx, tx, accountID) })
}

// FinishDraft is DropDraft within the write that makes something of it.
func FinishDraft(ctx context.Context, tx *store.Tx, accountID string) error {
	_, err := tx.Exec(ctx, `DELETE FROM identity_drafts WHERE account_id = ?`, accountID)
	return err
}
