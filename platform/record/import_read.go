package record

import (
	"context"
	"path"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/sheet"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// importDesk is held while a file of the tenant is read: one at a time.
type importDesk struct{}

// readUpload keeps the rows of a posted file as a new import, those of a workbook as one a sheet. A file that cannot be read
// leaves nothing.
func (k *kind) readUpload(v *web.Visit) ([]*imported, error) {
	posted := v.Files("file")
	if len(posted) != 1 {
		return nil, fault.New(fault.Invalid, "record.import_no_file")
	}
	desk := v.Tenant.Held(importDesk{}, func() any { return make(chan struct{}, 1) }).(chan struct{})
	select {
	case desk <- struct{}{}:
		defer func() { <-desk }()
	default:
		return nil, fault.New(fault.Invalid, "record.import_one")
	}
	i := &imported{Kind: k.key, Member: v.Person.ID, MemberName: v.Person.Name, File: fileName(posted[0].Filename)}
	in := &intake{ctx: v.Context(), db: v.DB, now: i}
	err := v.DB.Write(v.Context(), i.room)
	if err == nil {
		err = in.read(posted[0])
	}
	if err != nil {
		if i.ID != "" {
			// Whoever left meanwhile must not leave half a file behind.
			ctx := context.WithoutCancel(v.Context())
			if broken := v.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return dropImport(ctx, tx, i.ID) }); broken != nil {
				return nil, broken
			}
		}
		return nil, refusedFile(err)
	}
	return in.all, nil
}

// maxDrafts is how many files somebody may have that are neither imported nor dropped, and allDrafts how many an
// organisation may: each keeps its rows.
const maxDrafts, allDrafts = 5, 50

// room refuses one more file where too many lie already.
func (i *imported) room(ctx context.Context, tx *store.Tx) error {
	var own, all int
	err := tx.QueryRow(ctx, `SELECT count(DISTINCT iif(member_id = ? AND kind = ? AND state <> 'reading', workbook, NULL)), count(DISTINCT workbook)
		FROM record_imports WHERE ended_at IS NULL`,
		i.Member, i.Kind).Scan(&own, &all)
	switch {
	case err != nil:
		return err
	case own >= maxDrafts:
		return fault.New(fault.Invalid, "record.import_drafts_own", "n", own)
	case all >= allDrafts:
		return fault.New(fault.Invalid, "record.import_drafts_all", "n", all)
	}
	return i.begin(ctx, tx)
}

// refusedFile makes every refusal one of the form, so that the page with the button is shown again.
func refusedFile(err error) error {
	if f := fault.Of(err); f != nil && (f.Kind == fault.TooLarge || f.Kind == fault.Unavailable) {
		return &fault.Fault{Kind: fault.Invalid, Key: f.Key, Args: f.Args}
	}
	return err
}

// fileName is the last part of a name, whatever system it comes from, and no longer than people read.
func fileName(given string) string {
	name := []rune(tidy(path.Base(strings.ReplaceAll(given, `\`, "/")), false))
	return string(name[:min(len(name), 120)])
}

// samples is how many values of each column a person sees.
const samples = 3

// meet takes note of a row: the first one names the columns, the next ones give samples.
func (i *imported) meet(row sheet.Row) {
	if i.Heads == nil {
		for _, name := range row.Cells {
			i.Heads = append(i.Heads, tidy(name, false))
		}
		i.Named, i.Makes, i.First = true, true, row.Number
	} else {
		i.Total++
	}
	for len(i.Heads) < len(row.Cells) {
		i.Heads = append(i.Heads, "")
	}
	for len(i.Samples) < len(i.Heads) {
		i.Samples = append(i.Samples, []string{})
	}
	if i.Total == 0 {
		return
	}
	for n, cell := range row.Cells {
		if text := []rune(tidy(cell, false)); len(text) > 0 && len(i.Samples[n]) < samples {
			i.Samples[n] = append(i.Samples[n], string(text[:min(len(text), 80)]))
		}
	}
}

// values are the cells of a row by the field that each column became; of two columns the first with a value counts.
func (i *imported) values(row *importRow) map[string]string {
	values := map[string]string{}
	for n, cell := range row.Cells {
		if n < len(i.Mapping) && i.Mapping[n] != "" && values[i.Mapping[n]] == "" {
			values[i.Mapping[n]] = cell
		}
	}
	return values
}
