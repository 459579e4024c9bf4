// Package isolation proves, in the running program, that what belongs to one organisation opens nothing of another, and that the
// organisation's own database is sound. The last results are kept for its owners.
package isolation

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/identity"
	"runes.im/platform/job"
	"runes.im/platform/secret"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

//go:embed migrations
var migrations embed.FS

// Schema holds the results.
var Schema = store.Embedded("isolation", migrations, "migrations")

// The sorts of checks.
const (
	Test      = "test"      // replays what opens one organisation at another
	Integrity = "integrity" // reads the whole database
)

// Check is one thing that was looked at.
type Check struct {
	Key    string `json:"key"`              // what, see the constants of replay.go
	Tried  int    `json:"tried"`            // how often
	Failed int    `json:"failed"`           // how often it went wrong
	Detail string `json:"detail,omitempty"` // of a failure, as the program says it
}

// Result is what a run of one sort found.
type Result struct {
	At     time.Time
	Took   time.Duration
	Checks []Check
}

// Passed reports whether everything was as it should be.
func (r *Result) Passed() bool {
	for _, c := range r.Checks {
		if c.Failed > 0 {
			return false
		}
	}
	return true
}

// Prover runs the checks.
type Prover struct {
	People  *identity.House
	Tenants *tenant.Registry
	Schemas func(active map[string]bool) []store.Schema
	// Apart opens another appliance's organisations in a folder of its own.
	Apart func(ctx context.Context, dir string, system *store.DB, master *secret.Master) (*tenant.Registry, error)
}

// Jobs check every organisation once a day.
func (p *Prover) Jobs() []job.Kind {
	const day = 24 * time.Hour
	return []job.Kind{
		{Name: "isolation.test", Every: day, Run: func(ctx context.Context, _ []byte) error { return p.daily(ctx, p.RunTest) }},
		{Name: "isolation.integrity", Every: day, Run: func(ctx context.Context, _ []byte) error { return p.daily(ctx, p.RunIntegrity) }},
	}
}

// settled is how old an organisation is before it is checked: what was made just now was checked while it was made.
const settled = time.Hour

func (p *Prover) daily(ctx context.Context, run func(context.Context, *tenant.Tenant) (*Result, error)) error {
	t := tenant.From(ctx)
	if clock.Now(ctx).Sub(t.Info().MadeAt) < settled {
		return nil
	}
	r, err := run(ctx, t)
	if err == nil && !r.Passed() {
		slog.ErrorContext(ctx, "a check of an organisation failed", "tenant", t.Slug, "checks", r.Checks)
	}
	return err
}

// RunIntegrity reads the whole database and looks for every file content, and keeps what it found.
func (p *Prover) RunIntegrity(ctx context.Context, t *tenant.Tenant) (*Result, error) {
	began := time.Now()
	r := new(Result)
	found, err := t.DB.Check(ctx)
	if err != nil {
		return nil, err
	}
	r.add(DatabaseSound, 1, found)
	if found, err = t.Blobs.Check(ctx, false); err != nil {
		return nil, err
	}
	r.add(ContentsThere, 1, found)
	broken, err := audit.Verify(ctx, t.DB)
	if err != nil {
		return nil, err
	}
	found = nil
	if broken > 0 {
		found = []string{"the chain breaks"}
	}
	r.add(LogUnbroken, 1, found)
	return r, keep(ctx, t, Integrity, r, began)
}

// add notes a check with what went wrong.
func (r *Result) add(key string, tried int, wrong []string) {
	c := Check{Key: key, Tried: tried, Failed: len(wrong)}
	if len(wrong) > 0 {
		c.Detail = wrong[0]
	}
	r.Checks = append(r.Checks, c)
}

// keep writes a result over the earlier one, and into the log what was checked.
func keep(ctx context.Context, t *tenant.Tenant, kind string, r *Result, began time.Time) error {
	r.At, r.Took = clock.Now(ctx), time.Since(began)
	checks, err := json.Marshal(r.Checks)
	if err != nil {
		return err
	}
	return t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO isolation_results (kind, at, took, checks) VALUES (?, ?, ?, ?)
			ON CONFLICT (kind) DO UPDATE SET at = excluded.at, took = excluded.took, checks = excluded.checks`,
			kind, clock.Text(r.At), r.Took.Milliseconds(), string(checks))
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "isolation." + kind + "_done", Object: "tenant:" + t.ID, Title: t.Name, After: map[string]any{"passed": r.Passed()},
		})
	})
}

// Last is the newest result of this sort; nil when there is none.
func Last(ctx context.Context, r store.Reader, kind string) (*Result, error) {
	var at, checks string
	var took int64
	err := r.QueryRow(ctx, `SELECT at, took, checks FROM isolation_results WHERE kind = ?`, kind).Scan(&at, &took, &checks)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	last := &Result{Took: time.Duration(took) * time.Millisecond}
	if last.At, err = clock.Parse(at); err != nil {
		return nil, err
	}
	return last, json.Unmarshal([]byte(checks), &last.Checks)
}
