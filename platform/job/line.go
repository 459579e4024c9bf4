package job

import (
	"context"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

// Line is what a person wants to know of one kind of work.
type Line struct {
	Kind            string
	Last, Next      time.Time // zero: never ran, nothing planned
	Waiting, Failed int
	Error           string // of the last run, empty when it went well
}

// Lines lists the kinds of work that this tenant knows, by name.
func Lines(ctx context.Context, r store.Reader) ([]Line, error) {
	found, err := r.Query(ctx, `SELECT kind, max(last_at), max(error), sum(waiting), sum(failed), coalesce(min(nullif(next_at, '')), '') FROM (
			SELECT kind, last_at, error, 0 AS waiting, 0 AS failed, next_at FROM job_kinds
			UNION ALL
			SELECT kind, '', '', sum(state = 'waiting'), sum(state = 'failed'), coalesce(min(due_at) FILTER (WHERE state = 'waiting'), '')
			FROM job_jobs GROUP BY kind)
		GROUP BY kind ORDER BY kind LIMIT ?`, 1000)
	if err != nil {
		return nil, err
	}
	defer found.Close() //nolint:errcheck // Err tells
	var lines []Line
	for found.Next() {
		var l Line
		var last, next string
		if err := found.Scan(&l.Kind, &last, &l.Error, &l.Waiting, &l.Failed, &next); err != nil {
			return nil, err
		}
		if l.Last, err = parse(last); err != nil {
			return nil, err
		}
		if l.Next, err = parse(next); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, found.Err()
}

// Failure is a job that failed eight times.
type Failure struct {
	ID, Kind, Payload, Error string
	At                       time.Time
}

// Failures lists the newest failed jobs, at most limit.
func Failures(ctx context.Context, r store.Reader, limit int) ([]Failure, error) {
	found, err := r.Query(ctx, `SELECT id, kind, payload, error, due_at FROM job_jobs
		WHERE state = 'failed' ORDER BY due_at DESC, id DESC LIMIT ?`, limit)
	if err != nil {
		return nil, err
	}
	defer found.Close() //nolint:errcheck // Err tells
	var failures []Failure
	for found.Next() {
		var f Failure
		var at string
		if err := found.Scan(&f.ID, &f.Kind, &f.Payload, &f.Error, &at); err != nil {
			return nil, err
		}
		if f.At, err = clock.Parse(at); err != nil {
			return nil, err
		}
		failures = append(failures, f)
	}
	return failures, found.Err()
}

// Retry gives a failed job its eight attempts again.
func Retry(ctx context.Context, tx *store.Tx, failure string) error {
	changed, err := tx.Exec(ctx, "UPDATE job_jobs SET state = 'waiting', attempts = 0, due_at = ? WHERE id = ? AND state = 'failed'",
		clock.Now(ctx), failure)
	if err != nil {
		return err
	}
	n, err := changed.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.NotFound, "job.no_failure")
	}
	tx.Signal(queued)
	return nil
}

func parse(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return clock.Parse(text)
}
