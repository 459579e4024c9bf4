package record

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/job"
	"runes.im/platform/sheet"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// ImportPage is what the part record_import draws: one step of the wizard.
type ImportPage struct {
	web.Problems
	Heading, File, Lead string
	Step                string // upload, columns, busy, review, report
	Steps               []ImportStep
	Watch               string // what the page follows
	Action, Back        string
	Note                string // why it stopped

	Accept    string     // upload: the endings
	Templates []Link     // upload: an empty table to fill
	Drafts    []ImportIt // upload: what is not finished
	History   string     // upload: address

	Sheets      []Segment      // columns: those of the workbook, when it has several
	Columns     []ImportColumn // columns
	Fields      []Option
	Named       bool
	Makes       bool
	MakesText   string // empty: nothing can be made
	Needed      string // the fields that each new record needs
	Done, Total int    // busy
	Figure      string
	Stalled     bool

	Shows             []Segment // review and report: rows by what they do
	Rows              []ImportRow
	Shown, Prev, Next string
	Will              int    // review: rows that change something
	Verb              string // of the button that goes on
	Errors            []Link // report: the rows that failed as a file
	UndoHref          string
	UndoUntil         string
	ListHref          string
}

// ImportStep is one of the stepper.
type ImportStep struct{ Text, State, Href string }

// ImportColumn is one column of the file with its field.
type ImportColumn struct {
	Name, Field string
	Number      int
	Samples     []string
}

// ImportRow is a row as a person reads it.
type ImportRow struct {
	Number      int
	Title, Href string
	Deed        string // a words key's end
	Tone        string // of its badge
	Lines       []string
}

// ImportIt is an import in a list of them.
type ImportIt struct {
	File, Who, When, What, Href, Figures string
}

// importPages are the addresses of the wizard.
func (k *kind) importPages(get, post func(rest, permission string, do func(*kind, *web.Visit) error), file func(rest string, do func(*kind, *web.Visit) error)) {
	get("/import", k.manage, (*kind).showUpload)
	file("/import", (*kind).upload)
	get("/import/template", k.manage, (*kind).importTemplate)
	get("/import/history", k.manage, (*kind).importHistory)
	get("/import/{id}", k.manage, (*kind).showImport)
	post("/import/{id}/columns", k.manage, (*kind).mapColumns)
	post("/import/{id}/start", k.manage, (*kind).startImport)
	post("/import/{id}/drop", k.manage, (*kind).dropImport)
	get("/import/{id}/errors", k.manage, (*kind).importErrors)
	get("/import/{id}/undo", k.manage, (*kind).showUndoImport)
	post("/import/{id}/undo", k.manage, (*kind).undoImport)
}

func (k *kind) showUpload(v *web.Visit) error {
	p, err := k.uploadPage(v)
	if err != nil {
		return err
	}
	return v.Page("record_import", p)
}

func (k *kind) uploadPage(v *web.Visit) (*ImportPage, error) {
	p := k.importPage(v, nil, "upload")
	p.Action = k.at("/import")
	for _, ending := range sheet.Kinds {
		p.Accept += ending + ","
	}
	for _, format := range formats {
		p.Templates = append(p.Templates, Link{Text: v.T("record.import_template_" + format), Href: k.at("/import/template?format=" + format)})
	}
	p.History = k.at("/import/history")
	drafts, err := k.imports(v.Context(), v.DB, "AND member_id = ? AND ended_at IS NULL AND state <> 'reading' ORDER BY made_at DESC, id LIMIT ?", v.Person.ID, 10*maxDrafts)
	for _, i := range drafts {
		p.Drafts = append(p.Drafts, ImportIt{File: i.called(), When: v.When(i.Made), Href: k.at("/import/" + i.ID)})
	}
	return p, err
}

// importPage begins the page of a step. i is nil before there is a file.
func (k *kind) importPage(v *web.Visit, i *imported, step string) *ImportPage {
	p := &ImportPage{Heading: v.T(k.words + "list_short"), Step: step, Back: k.at(""), ListHref: k.at("")}
	p.Heading = v.T("record.import_heading", "what", p.Heading)
	order := []string{"upload", "columns", "review", "run", "report"}
	now := slices.Index(order, step)
	if i != nil {
		p.File, p.Watch, p.Action = i.called(), importKind+":"+i.ID, k.at("/import/"+i.ID)
		p.Total, p.Done = i.Total, i.Progress
		if step == "busy" {
			now = map[string]int{stateChecking: 2, stateRunning: 3, stateUndoing: 4}[i.State]
		}
		if i.Reason != "" {
			p.Note = v.T(i.Reason)
		}
	}
	for n, name := range order {
		s := ImportStep{Text: v.T("record.import_step_" + name)}
		switch {
		case n < now:
			s.State = "done"
		case n == now:
			s.State = "now"
		}
		if i != nil && (i.State == stateMapping || i.State == stateChecked) && n < now && n < 2 {
			s.Href = []string{k.at("/import"), p.Action + "?step=columns"}[n]
		}
		p.Steps = append(p.Steps, s)
	}
	v.Title(p.Heading)
	v.Crumb(v.T(k.rune+".name"), "/"+k.rune)
	v.Crumb(v.T(k.words+"list"), k.at(""))
	v.Crumb(v.T("record.import"), "")
	return p
}

func (k *kind) upload(v *web.Visit) error {
	all, err := k.readUpload(v)
	if err != nil {
		p, broken := k.uploadPage(v)
		if broken != nil {
			return broken
		}
		return v.Again("record_import", p, err)
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, i := range all {
			i.Mapping = k.guess(v, i)
			if err := i.save(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.Go(k.at("/import/" + all[0].ID))
}

// refuseUpload shows the first step again to somebody whose file is too large.
func (k *kind) refuseUpload(v *web.Visit) error {
	p, err := k.uploadPage(v)
	if err != nil {
		return err
	}
	return v.Again("record_import", p, fault.New(fault.Invalid, "sheet.too_large", "max", "25 MB"))
}

// showImport is the step that the import has come to, or the columns again.
func (k *kind) showImport(v *web.Visit) error {
	i, err := k.importOf(v.Context(), v.DB, v.Param("id"), v.Person.ID)
	if err != nil {
		return err
	}
	var p *ImportPage
	switch {
	case i.State == stateReading:
		return missing()
	case i.State == stateMapping, i.State == stateChecked && v.Query("step") == "columns":
		p, err = k.columnsPage(v, i)
	case i.isBusy():
		p, err = k.busyPage(v, i)
	case i.State == stateChecked:
		p, err = k.reviewPage(v, i)
	default:
		p, err = k.reportPage(v, i)
	}
	if err != nil {
		return err
	}
	return v.Page("record_import", p)
}

func (k *kind) columnsPage(v *web.Visit, i *imported) (*ImportPage, error) {
	p := k.importPage(v, i, "columns")
	p.Lead = v.T("record.import_columns_lead", "n", i.Total)
	p.Fields = []Option{{"", v.T("record.import_leave_out")}}
	for _, f := range k.exported() {
		text := v.T(f.Label)
		if f.Need {
			text += " *"
		}
		p.Fields = append(p.Fields, Option{f.Name, text})
		if k.makeable(f) != nil {
			p.MakesText = v.T("record.import_makes", "field", v.T(f.Label))
		}
	}
	p.Named, p.Makes = i.Named, i.Makes
	for n := range i.Heads {
		c := ImportColumn{Number: n, Name: i.Heads[n], Samples: i.Samples[n]}
		if n < len(i.Mapping) {
			c.Field = i.Mapping[n]
		}
		if c.Name == "" || !i.Named {
			c.Name = v.T("record.import_column", "letter", letter(n))
		}
		if !i.Named && i.Heads[n] != "" {
			c.Samples = append([]string{i.Heads[n]}, c.Samples...)[:min(samples, len(c.Samples)+1)]
		}
		p.Columns = append(p.Columns, c)
	}
	return p, k.putSheets(v, i, p)
}

// letter names a column as a spreadsheet does.
func letter(n int) string {
	if n < 26 {
		return string(rune('A' + n))
	}
	return letter(n/26-1) + letter(n%26)
}

// mapColumns takes what the columns mean and looks through the rows.
func (k *kind) mapColumns(v *web.Visit) error {
	i, err := k.importOf(v.Context(), v.DB, v.Param("id"), v.Person.ID)
	if err != nil {
		return err
	}
	named := v.Form("named") != ""
	if named != i.Named {
		i.Total += map[bool]int{true: -1, false: 1}[named]
	}
	i.Named, i.Makes = named, v.Form("makes") != ""
	i.Mapping = make([]string, len(i.Heads))
	for n := range i.Heads {
		i.Mapping[n] = v.Form("column_" + strconv.Itoa(n))
	}
	err = k.wrongMapping(v, i)
	if err == nil {
		err = k.goOn(v, i, stateChecking)
	}
	if err != nil {
		p, broken := k.columnsPage(v, i)
		if broken != nil {
			return broken
		}
		return v.Again("record_import", p, err)
	}
	return v.Go(k.at("/import/" + i.ID))
}

// wrongMapping refuses what cannot give a record: fields that are none, one field twice, nothing to recognise it by.
func (k *kind) wrongMapping(v *web.Visit, i *imported) error {
	form, taken, known := fault.Form{}, map[string]bool{}, map[string]*Field{}
	for _, f := range k.exported() {
		known[f.Name] = f
	}
	for n, name := range i.Mapping {
		if name == "" {
			continue
		}
		field := "column_" + strconv.Itoa(n)
		form.Need(known[name] != nil, field, "record.no_field")
		form.Need(!taken[name], field, "record.import_field_twice")
		taken[name] = true
	}
	if form.Err() == nil && !slices.ContainsFunc(k.exported(), func(f *Field) bool { return taken[f.Name] && (f.title || f.Match) }) {
		return fault.New(fault.Invalid, "record.import_no_name", "field", v.T(k.words+"one"))
	}
	return form.Err()
}

// goOn begins the next thing that a job does, unless another import is busy.
func (k *kind) goOn(v *web.Visit, i *imported, state string) error {
	from := i.State // a write may run twice
	return v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		var others int
		err := tx.QueryRow(ctx, `SELECT count(*) FROM record_imports WHERE state IN ('checking', 'running', 'undoing') AND id <> ? AND touched_at > ?`,
			i.ID, clock.Text(clock.Now(ctx).Add(-stalled))).Scan(&others)
		if err != nil {
			return err
		}
		if others > 0 {
			return fault.New(fault.Invalid, "record.import_one")
		}
		if state != stateChecking {
			i.Begun = clock.Now(ctx)
		}
		return errors.Join(i.to(ctx, tx, from, state), job.Start(ctx, tx, k.importing(), i.ID, clock.Now(ctx)))
	})
}

// startImport begins the run, or goes on with one that stands still.
func (k *kind) startImport(v *web.Visit) error {
	i, err := k.importOf(v.Context(), v.DB, v.Param("id"), v.Person.ID)
	if err != nil {
		return err
	}
	switch {
	case i.State == stateChecked || i.State == stateDone && i.Reason != "":
		err = k.goOn(v, i, stateRunning)
	case i.isBusy() && k.isStalled(v, i):
		err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(i.save(ctx, tx), job.Start(ctx, tx, k.importing(), i.ID, clock.Now(ctx)))
		})
	}
	if f := fault.Of(err); f != nil && f.Kind == fault.Invalid {
		p, broken := k.reviewPage(v, i)
		if broken != nil {
			return broken
		}
		return v.Again("record_import", p, err)
	}
	if err != nil {
		return err
	}
	return v.Go(k.at("/import/" + i.ID))
}
