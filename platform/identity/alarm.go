package identity

import (
	"context"
	"errors"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/notify"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// People hear of guesses at their account, administrators of guesses at many. Neither hears of it more than once in a span.
const (
	manyFailures = 10
	alarmSpan    = time.Hour
	wholeTenant  = "tenant"
)

// count adds one guess at the account, whoever it belongs to, so that known and unknown addresses cost the same.
func (a *attempt) count(ctx context.Context, tx *store.Tx, key string) error {
	a.about = digest(key)
	now := clock.Steady(ctx)
	return tx.QueryRow(ctx, `INSERT INTO identity_alarms (about, failures, since) VALUES (?1, 1, ?2) ON CONFLICT (about) DO UPDATE SET
		failures = CASE WHEN since > ?3 AND since <= ?2 THEN failures + 1 ELSE 1 END,
		since = CASE WHEN since > ?3 AND since <= ?2 THEN since ELSE excluded.since END RETURNING failures`,
		a.about, clock.Text(now), clock.Text(now.Add(-alarmSpan))).Scan(&a.guesses)
}

// uncount takes an attempt back that was right.
func (a *attempt) uncount(ctx context.Context, tx *store.Tx) error {
	if a.about == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE identity_alarms SET failures = max(failures - 1, 0) WHERE about = ?`, a.about)
	return err
}

// once reports whether the alarm about something may be told now, and notes that it is.
func once(ctx context.Context, tx *store.Tx, about string) (bool, error) {
	now := clock.Steady(ctx)
	done, err := tx.Exec(ctx, `INSERT INTO identity_alarms (about, failures, since, told_at) VALUES (?1, 0, ?2, ?2) ON CONFLICT (about) DO UPDATE SET
		told_at = excluded.told_at WHERE told_at IS NULL OR told_at <= ?3 OR told_at > ?2`, about, clock.Text(now), clock.Text(now.Add(-alarmSpan)))
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// tellFailures tells somebody that others guess at their account.
func (a *attempt) tellFailures(ctx context.Context, t *tenant.Tenant, c *candidate, from Source) error {
	if c.memberID == "" || c.state != active || a.about == "" || a.guesses < manyFailures {
		return nil
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		may, err := once(ctx, tx, a.about)
		if err != nil || !may {
			return err
		}
		return notify.Send(ctx, tx, notify.Note{
			To: c.memberID, Kind: "identity.many_failures", Icon: "shield-alert", Link: NotMePath, Security: true, Args: []string{"address", from.Address},
		})
	})
}

// tellSpraying tells the administrators that an address, or everybody who is a stranger, is refused from now on.
func (h *House) tellSpraying(ctx context.Context, t *tenant.Tenant, from Source) error {
	members, err := h.Members(ctx, t)
	if err != nil {
		return err
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		may, err := once(ctx, tx, wholeTenant)
		if err != nil || !may {
			return err
		}
		for _, m := range members {
			if !m.Can(manageUsers) || !m.Can("manage_roles") {
				continue
			}
			err = errors.Join(err, notify.Send(ctx, tx, notify.Note{
				To: m.ID, Kind: "identity.spraying", Icon: "shield-alert", Link: "/team?factor=off", Security: true, Args: []string{"address", from.Address},
			}))
		}
		return err
	})
}
