package identity

import (
	"context"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/job"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// What is kept how long after it was of use.
const (
	keepUnusedApps = 365 * 24 * time.Hour
	keepSessions   = 90 * 24 * time.Hour
)

// Jobs are the chores of this room.
func (h *House) Jobs() []job.Kind {
	return []job.Kind{
		{Name: "identity.prune", Every: 24 * time.Hour, Run: h.prune},
		{Name: "identity.guests", Every: time.Hour, Run: h.endGuests},
	}
}

// prune removes app passwords that nobody used for a year, sessions and API tokens long ended, and failures long forgiven.
func (h *House) prune(ctx context.Context, _ []byte) error {
	t := tenant.From(ctx)
	now := clock.Now(ctx)
	c := h.cache(t)
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tx.AfterCommit(c.empty)
		if err := pruneApps(ctx, tx, now.Add(-keepUnusedApps)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identity_sessions WHERE seen_at < ?`, clock.Text(now.Add(-keepSessions))); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identity_api_tokens WHERE ends_at < ?`, clock.Text(now.Add(-keepSessions))); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM identity_alarms WHERE since < ?`, clock.Text(now.Add(-forgetAfter))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM identity_throttle WHERE last_at < ?`, clock.Text(now.Add(-forgetAfter)))
		return err
	})
}

func pruneApps(ctx context.Context, tx *store.Tx, before time.Time) error {
	rows, err := tx.Query(ctx, `DELETE FROM identity_app_passwords WHERE last_used < ? RETURNING id, label`, clock.Text(before))
	if err != nil {
		return err
	}
	defer rows.Close()
	gone := map[string]string{}
	for rows.Next() {
		var appID, label string
		if err := rows.Scan(&appID, &label); err != nil {
			return err
		}
		gone[appID] = label
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for appID, label := range gone {
		if err := recordProgram(ctx, tx, "identity.app_password_expired", appID, label); err != nil {
			return err
		}
	}
	return nil
}
