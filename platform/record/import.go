package record

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/store"
)

// An import goes through these states. What it is busy with survives a restart: its job goes on.
const (
	stateReading  = "reading"  // its rows are being kept
	stateMapping  = "mapping"  // somebody says what the columns mean
	stateChecking = "checking" // a job plans each row
	stateChecked  = "checked"
	stateRunning  = "running" // a job writes
	stateDone     = "done"
	stateUndoing  = "undoing" // a job takes back
	stateUndone   = "undone"
)

// What became of a row.
const (
	fateDid    = "did"
	fateUndone = "undone"
	fateKept   = "kept" // not undone: somebody changed it since
)

// imported is one import of a file.
type imported struct {
	ID, Kind, Member, MemberName, File, State, Reason string
	Workbook, Sheet                                   string // which sheet of a workbook with several it is
	Heads                                             []string
	Samples                                           [][]string // of each column
	Mapping                                           []string   // the field of each column, or nothing
	Named, Makes                                      bool
	First                                             int // number of the first row
	Total, Progress                                   int // rows of data
	Made, Touched, Begun, Ended                       time.Time
}

// called is what people know the import by: the file, and of one with several sheets the sheet.
func (i *imported) called() string {
	if i.Sheet == "" {
		return i.File
	}
	return i.File + " · " + i.Sheet
}

// canBeUndone reports whether the time for it has not passed.
func (i *imported) canBeUndone(now time.Time) bool {
	return i.State == stateDone && now.Before(i.Ended.Add(keepDays*24*time.Hour))
}

// isBusy reports whether a job works on it.
func (i *imported) isBusy() bool {
	return i.State == stateChecking || i.State == stateRunning || i.State == stateUndoing
}

const importColumns = "id, kind, member_id, member, file, state, heads, samples, mapping, named, makes, first, total, progress, reason, made_at, touched_at, begun_at, ended_at, workbook, sheet"

// imports are those that the ending of the query chooses.
func (k *kind) imports(ctx context.Context, r store.Reader, rest string, args ...any) ([]*imported, error) {
	rows, err := r.Query(ctx, "SELECT "+importColumns+" FROM record_imports WHERE kind = ? "+rest, append([]any{k.key}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*imported
	for rows.Next() {
		i, heads, samples, mapping := new(imported), "", "", ""
		err := rows.Scan(&i.ID, &i.Kind, &i.Member, &i.MemberName, &i.File, &i.State, &heads, &samples, &mapping, &i.Named, &i.Makes, &i.First, &i.Total,
			&i.Progress, &i.Reason, stamp{&i.Made}, stamp{&i.Touched}, stamp{&i.Begun}, stamp{&i.Ended}, &i.Workbook, &i.Sheet)
		if err == nil {
			err = errors.Join(json.Unmarshal([]byte(heads), &i.Heads), json.Unmarshal([]byte(samples), &i.Samples), json.Unmarshal([]byte(mapping), &i.Mapping))
		}
		if err != nil {
			return nil, err
		}
		all = append(all, i)
	}
	return all, rows.Err()
}

// importOf is the import with that id, of that member; an empty member is the house.
func (k *kind) importOf(ctx context.Context, r store.Reader, importID, member string) (*imported, error) {
	found, err := k.imports(ctx, r, "AND id = ? AND (? = '' OR member_id = ?)", importID, member, member)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, missing()
	}
	return found[0], nil
}

// begin notes a new import.
func (i *imported) begin(ctx context.Context, tx *store.Tx) error {
	i.ID, i.State = id.New(), stateReading
	i.Made = clock.Now(ctx)
	if i.Workbook == "" {
		i.Workbook = i.ID
	}
	_, err := tx.Exec(ctx, "INSERT INTO record_imports ("+importColumns+") VALUES (?, ?, ?, ?, ?, ?, '[]', '[]', '[]', 1, 1, 0, 0, 0, '', ?, ?, NULL, NULL, ?, ?)",
		i.ID, i.Kind, i.Member, i.MemberName, i.File, i.State, clock.Text(i.Made), clock.Text(i.Made), i.Workbook, i.Sheet)
	return err
}

// save writes what may change of an import.
func (i *imported) save(ctx context.Context, tx *store.Tx) error {
	heads, err := json.Marshal(i.Heads)
	if err != nil {
		return err
	}
	samples, err := json.Marshal(i.Samples)
	if err != nil {
		return err
	}
	mapping, err := json.Marshal(i.Mapping)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE record_imports SET state = ?, heads = ?, samples = ?, mapping = ?, named = ?, makes = ?, first = ?, total = ?, progress = ?,
		reason = ?, touched_at = ?, begun_at = ?, ended_at = ?, sheet = ? WHERE id = ?`,
		i.State, string(heads), string(samples), string(mapping), i.Named, i.Makes, i.First, i.Total, i.Progress,
		i.Reason, clock.Text(clock.Now(ctx)), orNull(i.Begun), orNull(i.Ended), i.Sheet, i.ID)
	return err
}

func orNull(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return clock.Text(at)
}

// to moves an import from one state to the next; who comes second is told.
func (i *imported) to(ctx context.Context, tx *store.Tx, from, state string) error {
	var now string
	err := tx.QueryRow(ctx, "SELECT state FROM record_imports WHERE id = ?", i.ID).Scan(&now)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if now != from {
		return fault.New(fault.Conflict, "record.import_moved")
	}
	i.State, i.Progress, i.Reason = state, 0, ""
	return i.save(ctx, tx)
}

// row is one line of an import's file.
type importRow struct {
	Number     int
	Cells      []string
	Deed, Fate string
	Step       Step
}

// importRows are rows of an import, as the ending of the query chooses.
func importRows(ctx context.Context, r store.Reader, importID, rest string, args ...any) ([]*importRow, error) {
	rows, err := r.Query(ctx, "SELECT number, cells, deed, fate, step FROM record_import_rows WHERE import_id = ? "+rest, append([]any{importID}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*importRow
	for rows.Next() {
		one, cells, step := new(importRow), "", ""
		if err := rows.Scan(&one.Number, &cells, &one.Deed, &one.Fate, &step); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(cells), &one.Cells); err != nil {
			return nil, err
		}
		if step != "" {
			if err := json.Unmarshal([]byte(step), &one.Step); err != nil {
				return nil, err
			}
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// note writes down what a row would do or did.
func (one *importRow) note(ctx context.Context, tx *store.Tx, importID string) error {
	step, err := json.Marshal(one.Step)
	if err != nil {
		return err
	}
	one.Deed = one.Step.Deed
	_, err = tx.Exec(ctx, "UPDATE record_import_rows SET deed = ?, fate = ?, step = ? WHERE import_id = ? AND number = ?",
		one.Deed, one.Fate, string(step), importID, one.Number)
	return err
}

// tally counts rows by deed, and by deed and fate: "create", "create did".
func tally(ctx context.Context, r store.Reader, importID string) (map[string]int, error) {
	rows, err := r.Query(ctx, "SELECT deed, fate, count(*) FROM record_import_rows WHERE import_id = ? AND deed <> '' GROUP BY deed, fate", importID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var deed, fate string
		var n int
		if err := rows.Scan(&deed, &fate, &n); err != nil {
			return nil, err
		}
		counts[deed] += n
		if fate != "" {
			counts[deed+" "+fate] += n
			counts[fate] += n
		}
	}
	return counts, rows.Err()
}
