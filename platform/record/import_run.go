package record

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/job"
	"runes.im/platform/live"
	"runes.im/platform/notify"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

const (
	// breath is how long an import writes before others get their turn.
	breath = 25 * time.Millisecond
	// longRun is how long a run takes that tells its end by a notification.
	longRun = 10 * time.Second
	// keepLedger is how long the rows of an import are kept; those that nobody started go sooner.
	keepLedger, keepDraft = (keepDays + 1) * 24 * time.Hour, 48 * time.Hour
)

// importing is the name of the job that works on imports of the noun.
func (k *kind) importing() string { return k.rune + ".import_" + k.plural }

// importable reports whether a file can be imported twice without making everything twice: something tells records apart.
func (k *kind) importable() bool {
	for _, f := range k.fields {
		if f.Match {
			return true
		}
	}
	return false
}

// importJobs are the job that imports, and the one that ends what is too old.
func (k *kind) importJobs() []job.Kind {
	if !k.importable() {
		return nil
	}
	return []job.Kind{
		{Name: k.importing(), Run: k.workOn},
		{Name: k.rune + ".end_imports_" + k.plural, Every: 6 * time.Hour, Run: k.endImports},
	}
}

// workOn goes on with an import where it stands. It is safe to run twice: every row knows what became of it.
func (k *kind) workOn(ctx context.Context, payload []byte) error {
	var importID string
	if err := json.Unmarshal(payload, &importID); err != nil {
		return err
	}
	t := tenant.From(ctx)
	i, err := k.importOf(ctx, t.DB, importID, "")
	if fault.Is(err, fault.NotFound) || err == nil && !i.isBusy() {
		return nil
	}
	if err != nil {
		return err
	}
	p, err := identity.HouseOf(ctx).Member(ctx, t, i.Member)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	desk := t.Held(importRun{}, func() any { return make(chan struct{}, 1) }).(chan struct{})
	select {
	case desk <- struct{}{}:
		defer func() { <-desk }()
	default:
		return fault.New(fault.Unavailable, "record.import_one") // it is tried again after a while
	}
	w := &worker{k: k, i: i, db: t.DB}
	if p == nil || !p.Can(k.manage) {
		return w.end(ctx, "record.import_no_right")
	}
	if w.k, err = k.whole(ctx, t.DB, p); err != nil {
		return err
	}
	ctx = identity.With(ctx, p)
	switch i.State {
	case stateChecking:
		return w.check(ctx)
	case stateRunning:
		return w.run(ctx)
	}
	return w.undo(ctx)
}

// importRun is held while an import of the tenant is worked on: one at a time.
type importRun struct{}

// worker does one step of an import.
type worker struct {
	k  *kind
	i  *imported
	db *store.DB
}

// run writes what was planned, a bite at a time. A bite is written whole or not at all, and each row says what became of
// it in the same write: after a crash the next run begins behind the last whole bite.
func (w *worker) run(ctx context.Context) error {
	return w.bites(ctx, 0, "AND number > ? AND deed IN ('create', 'update') AND fate = '' ORDER BY number", stateDone, func(ctx context.Context, tx *store.Tx, row *importRow) error {
		step, err := Target{w.k}.Apply(ctx, tx, row.Step)
		if err == nil {
			row.Step, row.Fate = step, fateDid
		}
		return err
	}, func(row *importRow, f *fault.Fault) { row.Step.refuse(f) })
}

// undo takes back, the last row first: what later rows built on earlier ones goes before them.
func (w *worker) undo(ctx context.Context) error {
	return w.bites(ctx, math.MaxInt, "AND number < ? AND fate = 'did' ORDER BY number DESC", stateUndone, func(ctx context.Context, tx *store.Tx, row *importRow) error {
		err := Target{w.k}.Undo(ctx, tx, row.Step)
		if err == nil {
			row.Fate = fateUndone
		}
		return err
	}, func(row *importRow, f *fault.Fault) {
		row.Fate = fateKept
		row.Step.Problems = map[string]fault.Problem{"": {Key: f.Key, Args: f.Args}}
	})
}

// refuse makes an error of a step that could not be done.
func (s *Step) refuse(f *fault.Fault) {
	s.Deed, s.Problems = Faulty, f.Problems
	if len(f.Problems) == 0 {
		s.Problems = map[string]fault.Problem{"": {Key: f.Key, Args: f.Args}}
	}
}

// quiet keeps the news of single records from open pages: an import tells them once per bite.
type quiet struct{}

func isQuiet(ctx context.Context) bool { return ctx.Value(quiet{}) != nil }

// bites does something to the rows behind last that the ending of the query chooses, until there are none.
func (w *worker) bites(ctx context.Context, last int, which, then string, do func(context.Context, *store.Tx, *importRow) error, refused func(*importRow, *fault.Fault)) error {
	var rows []*importRow
	for {
		if len(rows) == 0 {
			var err error
			if rows, err = importRows(ctx, w.db, w.i.ID, which+" LIMIT ?", last, bite); err != nil {
				return err
			}
			if len(rows) == 0 {
				return w.turn(ctx, then)
			}
			last = rows[len(rows)-1].Number
		}
		faults, before := map[int]*fault.Fault{}, w.i.Progress
		for at := -1; ; {
			err := w.db.Write(store.Long(context.WithValue(ctx, quiet{}, true)), func(ctx context.Context, tx *store.Tx) (err error) {
				w.i.Progress = before // a write may run twice
				at, err = w.bite(ctx, tx, rows, faults, do, refused)
				return err
			})
			f := fault.Of(err)
			if f == nil || at < 0 || !isRowFault(f) {
				if err != nil {
					return err
				}
				break
			}
			faults[rows[at].Number] = f // and the whole bite again without it
		}
		rows = rows[w.i.Progress-before:]
	}
}

// isRowFault tells a row that cannot be done from a house that cannot do anything just now.
func isRowFault(f *fault.Fault) bool {
	switch f.Kind {
	case fault.Invalid, fault.Conflict, fault.Precondition, fault.NotFound, fault.Forbidden:
		return true
	}
	return false
}

// bite is one write: as many rows as fit into a breath. at is the row that failed.
func (w *worker) bite(ctx context.Context, tx *store.Tx, rows []*importRow, faults map[int]*fault.Fault, do func(context.Context, *store.Tx, *importRow) error, refused func(*importRow, *fault.Fault)) (at int, err error) {
	begin := time.Now()
	for n, row := range rows {
		if n > 0 && time.Since(begin) > breath {
			break
		}
		now := *row // a write that is taken back must leave the row as it was
		if f := faults[row.Number]; f != nil {
			refused(&now, f)
		} else if err := do(ctx, tx, &now); err != nil {
			return n, err
		}
		if err := now.note(ctx, tx, w.i.ID); err != nil {
			return -1, err
		}
		w.i.Progress++
	}
	w.k.show(context.WithValue(ctx, quiet{}, nil), tx, "")
	return -1, w.tell(ctx, tx)
}

// tell writes the progress down and lets the page of whoever imports follow.
func (w *worker) tell(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.Exec(ctx, "UPDATE record_imports SET progress = ?, touched_at = ? WHERE id = ?", w.i.Progress, clock.Text(clock.Now(ctx)), w.i.ID); err != nil {
		return err
	}
	hub, t := live.From(ctx), tenant.From(ctx)
	if hub != nil {
		m := live.Message{Name: "record", Permission: w.k.manage, Data: map[string]string{"kind": importKind, "id": w.i.ID}}
		tx.AfterCommit(func() { hub.Send(t.ID, w.i.Member, m) })
	}
	return nil
}

// The notices of this room, for people to choose channels for.
var (
	ImportDone   = slot.Notice{Kind: "record.import_done", Title: "record.notice_import_done"}
	ImportUndone = slot.Notice{Kind: "record.import_undone", Title: "record.notice_import_undone"}
)

// importKind names imports to open pages.
const importKind = "record.import"

// end stops an import for a reason that a person reads.
func (w *worker) end(ctx context.Context, reason string) error {
	from := w.i.State
	return w.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		w.i.Reason = reason
		switch from {
		case stateChecking:
			w.i.State = stateMapping
		case stateRunning, stateUndoing:
			w.i.State, w.i.Ended = stateDone, clock.Now(ctx)
		}
		return errors.Join(w.i.save(ctx, tx), w.tell(ctx, tx))
	})
}

// turn ends a step well.
func (w *worker) turn(ctx context.Context, state string) error {
	from := w.i.State
	return w.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if state == stateDone {
			w.i.Ended = clock.Now(ctx)
		}
		if err := w.i.to(ctx, tx, from, state); err != nil {
			return err
		}
		if state != stateChecked {
			if err := w.record(ctx, tx, state); err != nil {
				return err
			}
		}
		return w.tell(ctx, tx)
	})
}

// record writes the end of a run or of its undo into the log, and rings the bell of somebody who waited long.
func (w *worker) record(ctx context.Context, tx *store.Tx, state string) error {
	counts, err := tally(ctx, tx, w.i.ID)
	if err != nil {
		return err
	}
	e := audit.Entry{Action: w.k.key + "_imported", Object: importKind + ":" + w.i.ID, Title: w.i.called(), After: map[string]any{
		"created": counts[Creates+" "+fateDid], "updated": counts[Updates+" "+fateDid], "failed": counts[Faulty],
	}}
	kind := ImportDone.Kind
	if state == stateUndone {
		e.Action, kind = w.k.key+"_import_undone", ImportUndone.Kind
		e.After = map[string]any{"undone": counts[fateUndone], "kept": counts[fateKept]}
	}
	if err := audit.Record(ctx, tx, e); err != nil || clock.Now(ctx).Sub(w.i.Begun) < longRun {
		return err
	}
	// The house tells, not the person: nobody gets a note about what they did themselves.
	return notify.Send(store.WithActor(ctx, store.Actor{}), tx, notify.Note{
		To: w.i.Member, Kind: kind, Args: []string{"file", w.i.called()}, Icon: "file-spreadsheet", Link: w.k.at("/import/" + w.i.ID),
	})
}

// endImports ends the ledgers that nobody can undo any more, and what nobody started.
func (k *kind) endImports(ctx context.Context, _ []byte) error {
	now, db := clock.Now(ctx), tenant.From(ctx).DB
	old, draft := clock.Text(now.Add(-keepLedger)), clock.Text(now.Add(-keepDraft))
	for {
		var left int64
		err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			ended, err := tx.Exec(ctx, `DELETE FROM record_import_rows WHERE rowid IN (SELECT r.rowid FROM record_import_rows r JOIN record_imports i ON i.id = r.import_id
				WHERE i.kind = ? AND (i.ended_at < ? OR i.ended_at IS NULL AND i.touched_at < ?) LIMIT ?)`, k.key, old, draft, 5*bite)
			if err != nil {
				return err
			}
			if left, err = ended.RowsAffected(); err != nil || left > 0 {
				return err
			}
			_, err = tx.Exec(ctx, `DELETE FROM record_imports WHERE kind = ? AND ended_at IS NULL AND touched_at < ?`, k.key, draft)
			return err
		})
		if err != nil || left == 0 {
			return err
		}
	}
}
