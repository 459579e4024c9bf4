package notify

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/store"
)

// Quiet is when a person wants nothing to ring: from one time of day to another, over midnight, too. Notes of that time
// are there when the person looks; mails wait for the end.
type Quiet struct {
	Begins, Ends string // HH:MM; both empty: never
	Zone         string // IANA name of the clock that is meant
}

// QuietOf is the person's quiet time.
func QuietOf(ctx context.Context, r store.Reader, person string) (q Quiet, err error) {
	err = r.QueryRow(ctx, `SELECT begins, ends, zone FROM notify_quiet WHERE person = ?`, person).Scan(&q.Begins, &q.Ends, &q.Zone)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return q, err
}

// KeepQuiet saves a quiet time whose form was checked.
func KeepQuiet(ctx context.Context, tx *store.Tx, person string, q Quiet) error {
	if q.Begins == q.Ends {
		_, err := tx.Exec(ctx, `DELETE FROM notify_quiet WHERE person = ?`, person)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO notify_quiet (person, begins, ends, zone) VALUES (?, ?, ?, ?)
		ON CONFLICT (person) DO UPDATE SET begins = excluded.begins, ends = excluded.ends, zone = excluded.zone`, person, q.Begins, q.Ends, q.Zone)
	return err
}

// Until is the end of the quiet time that now lies in; false when now is none.
func (q Quiet) Until(now time.Time) (time.Time, bool) {
	zone, err := time.LoadLocation(q.Zone)
	if err != nil {
		zone = time.UTC
	}
	begins, err := time.Parse("15:04", q.Begins)
	if err != nil {
		return time.Time{}, false
	}
	ends, err := time.Parse("15:04", q.Ends)
	if err != nil {
		return time.Time{}, false
	}
	now = now.In(zone)
	at := func(clock time.Time, days int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, clock.Hour(), clock.Minute(), 0, 0, zone)
	}
	// The time that began yesterday may still last.
	for _, day := range []int{-1, 0} {
		from, to := at(begins, day), at(ends, day)
		if !to.After(from) {
			to = at(ends, day+1)
		}
		if !now.Before(from) && now.Before(to) {
			return to, true
		}
	}
	return time.Time{}, false
}

// quietUntil is when the person may be disturbed again: now, unless it is their quiet time.
func quietUntil(ctx context.Context, r store.Reader, person string) (until time.Time, quiet bool, err error) {
	q, err := QuietOf(ctx, r, person)
	if err != nil {
		return until, false, err
	}
	now := clock.Now(ctx)
	if until, quiet = q.Until(now); !quiet {
		until = now
	}
	return until, quiet, nil
}
