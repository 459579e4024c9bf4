package identity

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// longestInvitation is for how many days the link of an invitation can be made to open.
const longestInvitation = 60

// InvitationDays is how long the links of this organisation's invitations open.
func InvitationDays(ctx context.Context, r store.Reader) (days int, err error) {
	err = r.QueryRow(ctx, `SELECT days FROM identity_invitation_life WHERE one = 1`).Scan(&days)
	if errors.Is(err, sql.ErrNoRows) {
		return int(InvitationLasts / (24 * time.Hour)), nil
	}
	return days, err
}

// SetInvitationDays decides it for the invitations that are made, or sent again, from now on.
func SetInvitationDays(ctx context.Context, tx *store.Tx, days int) error {
	form := fault.Form{}
	form.Need(days >= 1 && days <= longestInvitation, "days", "identity.invitation_days", "max", longestInvitation)
	if err := form.Err(); err != nil {
		return err
	}
	before, err := InvitationDays(ctx, tx)
	if err != nil || before == days {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO identity_invitation_life (one, days) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET days = excluded.days`, days)
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.invitation_days", Object: "organisation", Before: map[string]any{"days": before}, After: map[string]any{"days": days},
	})
}

// invitationEnds is when a link that is made now ends.
func invitationEnds(ctx context.Context, r store.Reader, now time.Time) (time.Time, error) {
	days, err := InvitationDays(ctx, r)
	return now.Add(time.Duration(days) * 24 * time.Hour), err
}
