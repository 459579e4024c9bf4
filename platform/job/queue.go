package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/id"
	"runes.im/platform/store"
)

// pauses stand between the attempts of a job; after the last it has failed.
var pauses = []time.Duration{
	time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 3 * time.Hour,
}

// Failed jobs that nobody looked after are kept so long.
const keepFailed = 90 * 24 * time.Hour

// errDied is the error of a job whose every attempt ended with the program.
var errDied = errors.New("job: the program ended during the work")

// work is one job to do.
type work struct {
	id, kind string
	payload  []byte
	attempts int
	actor    store.Actor
}

// claim takes the oldest job that is due, is of one of these kinds and is not in hand; nil when there is none. The
// attempt is counted before the work begins: work that ends the program must not end it for ever.
func claim(ctx context.Context, db *store.DB, kinds, inHand []string) (*work, error) {
	names, busy, err := encode(kinds, inHand)
	if err != nil {
		return nil, err
	}
	var w *work
	err = db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := clock.Now(ctx)
		w = &work{}
		err := tx.QueryRow(ctx, `SELECT id, kind, payload, attempts, actor_id, actor_name, actor_address FROM job_jobs
			WHERE state = 'waiting' AND due_at <= ? AND kind IN (SELECT value FROM json_each(?))
				AND id NOT IN (SELECT value FROM json_each(?))
			ORDER BY due_at, id LIMIT 1`, now, names, busy).
			Scan(&w.id, &w.kind, &w.payload, &w.attempts, &w.actor.ID, &w.actor.Name, &w.actor.Address)
		if errors.Is(err, sql.ErrNoRows) {
			w = nil
			return nil
		}
		if err != nil {
			return err
		}
		w.attempts++
		if w.attempts > len(pauses)+1 {
			return w.fail(ctx, tx, errDied)
		}
		_, err = tx.Exec(ctx, "UPDATE job_jobs SET attempts = ?, due_at = ? WHERE id = ?",
			w.attempts, now.Add(w.pause()), w.id)
		return err
	})
	return w, err
}

// nextDue is when the next of these kinds comes due, leaving out what is in hand; the zero time when nothing waits.
func nextDue(ctx context.Context, r store.Reader, kinds, inHand []string) (time.Time, error) {
	names, busy, err := encode(kinds, inHand)
	if err != nil {
		return time.Time{}, err
	}
	var at sql.NullString
	err = r.QueryRow(ctx, `SELECT min(due_at) FROM job_jobs
		WHERE state = 'waiting' AND kind IN (SELECT value FROM json_each(?)) AND id NOT IN (SELECT value FROM json_each(?))`,
		names, busy).Scan(&at)
	if err != nil {
		return time.Time{}, err
	}
	return parse(at.String)
}

func encode(kinds, inHand []string) (string, string, error) {
	names, err := json.Marshal(kinds)
	if err != nil {
		return "", "", err
	}
	busy, err := json.Marshal(append([]string{}, inHand...)) // never null: nothing is NOT IN (NULL)
	return string(names), string(busy), err
}

// pause is how long to wait after this attempt.
func (w *work) pause() time.Duration { return pauses[min(w.attempts, len(pauses))-1] }

// settle writes down how the work ended.
func (w *work) settle(ctx context.Context, tx *store.Tx, outcome error) error {
	if outcome == nil {
		if _, err := tx.Exec(ctx, "DELETE FROM job_jobs WHERE id = ?", w.id); err != nil {
			return err
		}
		return w.noteRun(ctx, tx, "")
	}
	if w.attempts > len(pauses) {
		return w.fail(ctx, tx, outcome)
	}
	_, err := tx.Exec(ctx, "UPDATE job_jobs SET due_at = ?, error = ? WHERE id = ?",
		clock.Now(ctx).Add(w.pause()), cut(outcome), w.id)
	if err != nil {
		return err
	}
	return w.noteRun(ctx, tx, cut(outcome))
}

func (w *work) fail(ctx context.Context, tx *store.Tx, outcome error) error {
	_, err := tx.Exec(ctx, "UPDATE job_jobs SET state = 'failed', due_at = ?, error = ? WHERE id = ?",
		clock.Now(ctx), cut(outcome), w.id)
	if err != nil {
		return err
	}
	return w.noteRun(ctx, tx, cut(outcome))
}

// putBack gives an attempt back that was broken off because the tenant is being closed or the rune was suspended.
func (w *work) putBack(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, "UPDATE job_jobs SET attempts = ?, due_at = ? WHERE id = ?", w.attempts-1, clock.Now(ctx), w.id)
	return err
}

func (w *work) noteRun(ctx context.Context, tx *store.Tx, failure string) error {
	_, err := tx.Exec(ctx, `INSERT INTO job_kinds (kind, last_at, error) VALUES (?, ?, ?)
		ON CONFLICT (kind) DO UPDATE SET last_at = excluded.last_at, error = excluded.error`, w.kind, clock.Now(ctx), failure)
	return err
}

// plan queues the scheduled work of the periods that have begun and returns when the next one begins, the zero time
// when nothing is on a schedule. Periods are counted from 1970, so a restart or a clock set back repeats none.
func plan(ctx context.Context, db *store.DB, kinds []Kind) (next time.Time, err error) {
	planned, err := periods(ctx, db)
	if err != nil {
		return next, err
	}
	now := clock.Now(ctx)
	for _, k := range kinds {
		if k.Every <= 0 {
			continue
		}
		period := now.UnixNano() / int64(k.Every)
		if last, known := planned[k.Name]; !known || last < period {
			if err := k.queue(ctx, db, period); err != nil {
				return next, err
			}
		}
		if begins := k.begins(period + 1); next.IsZero() || begins.Before(next) {
			next = begins
		}
	}
	return next, nil
}

func (k Kind) begins(period int64) time.Time { return time.Unix(0, period*int64(k.Every)).UTC() }

// queue notes the period and queues its job in one write; not while the job of an earlier period still waits.
func (k Kind) queue(ctx context.Context, db *store.DB, period int64) error {
	return db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO job_kinds (kind, period, next_at) VALUES (?, ?, ?)
			ON CONFLICT (kind) DO UPDATE SET period = excluded.period, next_at = excluded.next_at`,
			k.Name, period, k.begins(period+1))
		if err != nil {
			return err
		}
		now := clock.Now(ctx)
		_, err = tx.Exec(ctx, `INSERT INTO job_jobs (id, kind, payload, due_at, made_at, actor_id, actor_name, actor_address)
			SELECT ?, ?, 'null', ?, ?, '', '', ''
			WHERE NOT EXISTS (SELECT 1 FROM job_jobs WHERE kind = ? AND state = 'waiting' AND payload = 'null')`,
			id.New(), k.Name, now, now, k.Name)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM job_jobs WHERE kind = ? AND state = 'failed' AND due_at < ?", k.Name, now.Add(-keepFailed))
		return err
	})
}

// periods is the last period queued, by kind.
func periods(ctx context.Context, r store.Reader) (map[string]int64, error) {
	found, err := r.Query(ctx, "SELECT kind, period FROM job_kinds WHERE period >= ? ORDER BY kind", 0)
	if err != nil {
		return nil, err
	}
	defer found.Close() //nolint:errcheck // Err tells
	last := map[string]int64{}
	for found.Next() {
		var kind string
		var period int64
		if err := found.Scan(&kind, &period); err != nil {
			return nil, err
		}
		last[kind] = period
	}
	return last, found.Err()
}

// cut is the error as it is kept: the start of it, without the bytes a database does not take.
func cut(err error) string {
	text := []rune(err.Error())
	if len(text) > 2000 {
		text = text[:2000]
	}
	for i, r := range text {
		if r == 0 {
			text[i] = ' '
		}
	}
	return string(text)
}
