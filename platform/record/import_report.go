package record

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/web"
)

// stalled is how long an import without progress is believed to be at work.
const stalled = 10 * time.Minute

func (k *kind) isStalled(v *web.Visit, i *imported) bool {
	return clock.Now(v.Context()).Sub(i.Touched) > stalled
}

func (k *kind) busyPage(v *web.Visit, i *imported) (*ImportPage, error) {
	p := k.importPage(v, i, "busy")
	counts, err := tally(v.Context(), v.DB, i.ID)
	if err != nil {
		return nil, err
	}
	switch i.State { // only some rows are of concern
	case stateRunning:
		p.Total = counts[Creates] + counts[Updates]
	case stateUndoing:
		p.Total = counts[fateDid] + counts[fateUndone] + counts[fateKept]
	}
	p.Done = min(p.Done, p.Total)
	p.Lead = v.T("record.import_busy_" + i.State)
	p.Figure = v.T("record.import_figure", "n", v.Number(int64(p.Done)), "of", v.Number(int64(p.Total)))
	p.Stalled = k.isStalled(v, i)
	return p, nil
}

// reviewPage shows what the run will do, row by row.
func (k *kind) reviewPage(v *web.Visit, i *imported) (*ImportPage, error) {
	p := k.importPage(v, i, "review")
	counts, err := tally(v.Context(), v.DB, i.ID)
	if err != nil {
		return nil, err
	}
	p.Will = counts[Creates] + counts[Updates]
	p.Lead = v.T("record.import_review_lead", "n", i.Total)
	p.Verb = v.T("record.import_start")
	var shows []show
	for _, deed := range []string{Creates, Updates, Unchanged, Faulty} {
		shows = append(shows, show{deed, "AND deed = '" + deed + "'", counts[deed]})
	}
	return p, k.fillRows(v, p, i, shows)
}

// reportPage shows what the run did, and what an undo left.
func (k *kind) reportPage(v *web.Visit, i *imported) (*ImportPage, error) {
	p := k.importPage(v, i, "report")
	counts, err := tally(v.Context(), v.DB, i.ID)
	if err != nil {
		return nil, err
	}
	did := counts[Creates+" "+fateDid] + counts[Updates+" "+fateDid]
	p.Lead = v.T("record.import_report_lead", "when", v.When(i.Ended))
	if i.State == stateUndone {
		p.Lead = v.T("record.import_undone_lead", "n", counts[fateUndone])
	}
	shows := []show{
		{"created", "AND deed = 'create' AND fate = 'did'", counts[Creates+" "+fateDid]},
		{"updated", "AND deed = 'update' AND fate = 'did'", counts[Updates+" "+fateDid]},
		{"undone", "AND fate = 'undone'", counts[fateUndone]},
		{"kept", "AND fate = 'kept'", counts[fateKept]},
		{"left", "AND deed IN ('create', 'update') AND fate = ''", counts[Creates] + counts[Updates] - did - counts[fateUndone] - counts[fateKept]},
		{Unchanged, "AND deed = 'unchanged'", counts[Unchanged]},
		{Faulty, "AND deed = 'error'", counts[Faulty]},
	}
	shows = slices.DeleteFunc(shows, func(s show) bool {
		return s.count == 0 && slices.Contains([]string{"undone", "kept", "left"}, s.name)
	})
	if counts[Faulty] > 0 {
		for _, format := range formats {
			p.Errors = append(p.Errors, Link{Text: v.T("record.import_errors_" + format), Href: p.Action + "/errors?format=" + format})
		}
	}
	if i.canBeUndone(clock.Now(v.Context())) && did > 0 {
		p.UndoHref, p.UndoUntil = p.Action+"/undo", v.T("record.import_undo_until", "date", v.Date(i.Ended.Add(keepDays*24*time.Hour)))
	}
	return p, k.fillRows(v, p, i, shows)
}

// show is one of the choices of rows.
type show struct {
	name, where string
	count       int
}

// rowsPerPage is how many rows of an import stand on a page.
const rowsPerPage = 50

// fillRows puts the chosen rows on the page; without a choice the first that there are, errors before all others.
func (k *kind) fillRows(v *web.Visit, p *ImportPage, i *imported, shows []show) error {
	chosen := v.Query("show")
	if !slices.ContainsFunc(shows, func(s show) bool { return s.name == chosen }) {
		byNeed := slices.Clone(shows)
		sort.SliceStable(byNeed, func(a, b int) bool {
			return byNeed[a].count > 0 && (byNeed[b].count == 0 || byNeed[a].name == Faulty && byNeed[b].name != Faulty)
		})
		chosen = byNeed[0].name
	}
	page, err := strconv.Atoi(v.Query("page"))
	if err != nil || page < 1 || page > 1<<20 {
		page = 1
	}
	for _, s := range shows {
		href := p.Action + "?show=" + s.name
		p.Shows = append(p.Shows, Segment{Text: v.T("record.import_rows_" + s.name), Href: href, Current: s.name == chosen, Count: s.count})
		if s.name != chosen {
			continue
		}
		page = min(page, max(1, (s.count+rowsPerPage-1)/rowsPerPage))
		rows, err := importRows(v.Context(), v.DB, i.ID, s.where+" ORDER BY number LIMIT ? OFFSET ?", rowsPerPage, (page-1)*rowsPerPage)
		if err != nil {
			return err
		}
		names, err := k.namesIn(v, rows)
		if err != nil {
			return err
		}
		for _, row := range rows {
			p.Rows = append(p.Rows, k.importRow(v, row, names))
		}
		if s.count > 0 {
			from := (page - 1) * rowsPerPage
			p.Shown = v.T("record.shown", "from", v.Number(int64(from+1)), "to", v.Number(int64(from+len(rows))), "n", s.count)
		}
		if page > 1 {
			p.Prev = href + "&page=" + strconv.Itoa(page-1)
		}
		if page*rowsPerPage < s.count {
			p.Next = href + "&page=" + strconv.Itoa(page+1)
		}
	}
	return nil
}

// namesIn are the names of the records that rows point at.
func (k *kind) namesIn(v *web.Visit, rows []*importRow) (map[string]string, error) {
	all := map[string]string{}
	for _, f := range k.exported() {
		ref := k.refs[f.Name]
		if ref.Names == nil {
			continue
		}
		var ids []string
		for _, row := range rows {
			for _, id := range []string{row.Step.Values[f.Name], row.Step.Before[f.Name]} {
				if id != "" && !slices.Contains(row.Step.Missing, f.Name) {
					ids = append(ids, id)
				}
			}
		}
		names, err := ref.Names(v.Context(), v.DB, ids)
		if err != nil {
			return nil, err
		}
		for id, name := range names {
			all[id] = name
		}
	}
	return all, nil
}

// importRow is a row as a person reads it: what is new, what changes from what to what, or what is wrong.
func (k *kind) importRow(v *web.Visit, row *importRow, names map[string]string) ImportRow {
	r := ImportRow{Number: row.Number, Title: row.Step.Title}
	if row.Fate == fateDid || row.Fate == fateKept {
		if href := k.hrefOf(v, row.Step.ID); href != "" {
			r.Href = href
		}
	}
	if r.Title == "" {
		filled := slices.DeleteFunc(slices.Clone(row.Cells), func(cell string) bool { return strings.TrimSpace(cell) == "" })
		r.Title = strings.Join(filled[:min(3, len(filled))], " · ")
	}
	read := func(f *Field, value string) string {
		if name := names[value]; name != "" {
			return name
		}
		return k.shown(v, f, value)
	}
	for _, f := range k.exported() {
		value, given := row.Step.Values[f.Name]
		problem, wrong := row.Step.Problems[f.Name]
		before, changes := row.Step.Before[f.Name]
		label := v.T(f.Label)
		switch {
		case wrong:
			r.Lines = append(r.Lines, k.saidProblem(v, row, label, value, problem))
		case row.Deed == Updates && changes && before == "":
			r.Lines = append(r.Lines, v.T("record.did_set", "field", label, "to", read(f, value)))
		case row.Deed == Updates && changes:
			r.Lines = append(r.Lines, v.T("record.did_change", "field", label, "from", read(f, before), "to", orDash(read(f, value))))
		case row.Deed == Creates && given && !f.title && value != "":
			r.Lines = append(r.Lines, label+": "+read(f, value))
		}
	}
	if general, wrong := row.Step.Problems[""]; wrong {
		r.Lines = append(r.Lines, v.T(general.Key, general.Args...))
	}
	return r
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// saidProblem is a problem with the value that it is about.
func (k *kind) saidProblem(v *web.Visit, row *importRow, label, value string, problem fault.Problem) string {
	if value == "" {
		return label + ": " + v.T(problem.Key, problem.Args...)
	}
	return v.T("record.import_wrong", "field", label, "value", value, "problem", v.T(problem.Key, problem.Args...))
}

// hrefOf is the page of a record that may be gone.
func (k *kind) hrefOf(v *web.Visit, id string) string {
	rec, err := k.one(v.Context(), v.DB, v.Person, id, false)
	if err != nil {
		return ""
	}
	return k.href(rec)
}

// importErrors is a file of the rows that failed, as they were, with the reason: mended, it is imported again.
func (k *kind) importErrors(v *web.Visit) error {
	i, err := k.importOf(v.Context(), v.DB, v.Param("id"), v.Person.ID)
	if err != nil {
		return err
	}
	heads := slices.Clone(i.Heads)
	for n := range heads {
		if heads[n] == "" || !i.Named {
			heads[n] = v.T("record.import_column", "letter", letter(n))
		}
	}
	base := strings.TrimSuffix(i.File, "."+lastPart(i.File))
	return answerSheet(v, base+" "+v.T("record.import_errors_file"), append([]string{v.T("record.import_reason")}, heads...), func(out sheetWriter) error {
		for last := 0; ; {
			rows, err := importRows(v.Context(), v.DB, i.ID, "AND deed = 'error' AND number > ? ORDER BY number LIMIT ?", last, bite)
			if err != nil || len(rows) == 0 {
				return err
			}
			for _, row := range rows {
				last = row.Number
				reason := strings.Join(k.importRow(v, row, nil).Lines, " · ")
				cells := append(append([]string{reason}, row.Cells...), make([]string, len(heads)-len(row.Cells))...)
				if err := out.row(cells); err != nil {
					return err
				}
			}
		}
	})
}

func lastPart(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// importTemplate is an empty table with a head for every field.
func (k *kind) importTemplate(v *web.Visit) error {
	var heads []string
	for _, f := range k.exported() {
		heads = append(heads, v.T(f.Label))
	}
	return answerSheet(v, k.plural, heads, func(sheetWriter) error { return nil })
}

// importHistory lists what was imported into the noun, by whomever; rows and undo are for those who did it.
func (k *kind) importHistory(v *web.Visit) error {
	p := &ImportHistoryPage{Heading: v.T("record.import_history"), Back: k.at("/import")}
	where, args := "AND ended_at IS NOT NULL ", []any{}
	if limited, err := k.isLimited(v); err != nil {
		return err
	} else if limited { // who sees some records only learns nothing of files about others
		where, args = where+"AND member_id = ? ", []any{v.Person.ID}
	}
	all, err := k.imports(v.Context(), v.DB, where+"ORDER BY ended_at DESC, id LIMIT 200", args...)
	if err != nil {
		return err
	}
	for _, i := range all {
		it := ImportIt{File: i.called(), Who: i.MemberName, When: v.When(i.Ended), What: v.T("record.import_state_" + i.State)}
		if i.Member == v.Person.ID {
			it.Href = k.at("/import/" + i.ID)
		}
		counts, err := tally(v.Context(), v.DB, i.ID)
		if err != nil {
			return err
		}
		if len(counts) > 0 {
			it.Figures = v.T("record.import_figures", "created", counts[Creates+" "+fateDid], "updated", counts[Updates+" "+fateDid], "failed", counts[Faulty])
		}
		p.Imports = append(p.Imports, it)
	}
	v.Title(p.Heading)
	v.Crumb(v.T(k.rune+".name"), "/"+k.rune)
	v.Crumb(v.T(k.words+"list"), k.at(""))
	v.Crumb(v.T("record.import"), p.Back)
	v.Crumb(p.Heading, "")
	return v.Page("record_import_history", p)
}

// ImportHistoryPage is what the part record_import_history draws.
type ImportHistoryPage struct {
	Heading, Back string
	Imports       []ImportIt
}

// isLimited reports whether the person sees only some of the noun's records.
func (k *kind) isLimited(v *web.Visit) (bool, error) {
	if k.scope == nil {
		return false, nil
	}
	where, _, err := k.scope(v.Context(), v.DB, v.Person)
	return where != "", err
}

func (k *kind) showUndoImport(v *web.Visit) error {
	i, err := k.undoable(v)
	if err != nil {
		return err
	}
	p := &RemovePage{
		Heading: v.T("record.import_undo_heading"), Text: v.T("record.import_undo_text", "file", i.called()), Verb: v.T("record.import_undo"),
		Action: k.at("/import/" + i.ID + "/undo"), Back: k.at("/import/" + i.ID),
	}
	v.Title(p.Heading)
	return v.Page("record_remove", p)
}

func (k *kind) undoImport(v *web.Visit) error {
	i, err := k.undoable(v)
	if err != nil {
		return err
	}
	if err := k.goOn(v, i, stateUndoing); err != nil {
		return err
	}
	return v.Go(k.at("/import/" + i.ID))
}

// undoable is the import of the address, if it can still be taken back.
func (k *kind) undoable(v *web.Visit) (*imported, error) {
	i, err := k.importOf(v.Context(), v.DB, v.Param("id"), v.Person.ID)
	if err != nil {
		return nil, err
	}
	if !i.canBeUndone(clock.Now(v.Context())) {
		return nil, fault.New(fault.Conflict, "record.import_too_late")
	}
	return i, nil
}
