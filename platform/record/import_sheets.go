package record

import (
	"context"
	"encoding/json"
	"mime/multipart"

	"runes.im/platform/fault"
	"runes.im/platform/sheet"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// intake reads a file into the ledger, a bite at a time. Each sheet of a workbook that has rows becomes an import: people
// begin with the first one and may go over to another, or import one after the other.
type intake struct {
	ctx     context.Context
	db      *store.DB
	now     *imported // that gets rows
	all     []*imported
	waiting []sheet.Row
}

func (in *intake) read(posted *multipart.FileHeader) error {
	file, err := posted.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	err = sheet.ReadAll(in.ctx, in.now.File, file, posted.Size, sheet.Taker{Row: in.row, Sheet: in.begin, Leave: in.leave})
	if err == nil {
		err = in.end()
	}
	if err != nil {
		return err
	}
	switch len(in.all) {
	case 0:
		return fault.New(fault.Invalid, "record.import_no_rows")
	case 1:
		in.all[0].Sheet = "" // nothing to choose from
	}
	if in.now.Total > 0 {
		return nil
	}
	return in.db.Write(in.ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM record_imports WHERE id = ?`, in.now.ID)
		return err
	})
}

func (in *intake) row(row sheet.Row) error {
	in.now.meet(row)
	if in.waiting = append(in.waiting, row); len(in.waiting) < bite {
		return nil
	}
	return in.keep()
}

func (in *intake) keep() error {
	err := in.db.Write(store.Long(in.ctx), func(ctx context.Context, tx *store.Tx) error {
		for _, row := range in.waiting {
			cells, err := json.Marshal(row.Cells)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "INSERT INTO record_import_rows (import_id, number, cells) VALUES (?, ?, ?)", in.now.ID, row.Number, string(cells)); err != nil {
				return err
			}
		}
		return nil
	})
	in.waiting = in.waiting[:0]
	return err
}

// begin ends the sheet before; one without rows makes room for the next.
func (in *intake) begin(name string) error {
	if err := in.end(); err != nil {
		return err
	}
	if was := in.now; was.Total > 0 {
		in.now = &imported{Kind: was.Kind, Member: was.Member, MemberName: was.MemberName, File: was.File, Workbook: was.Workbook}
		if err := in.db.Write(in.ctx, in.now.begin); err != nil {
			return err
		}
	}
	in.now.Sheet = fileName(name)
	return nil
}

// end keeps what the sheet had. Names of columns alone are nothing to import.
func (in *intake) end() error {
	if err := in.keep(); err != nil {
		return err
	}
	if in.now.Total == 0 {
		return in.forget()
	}
	in.now.State = stateMapping
	in.all = append(in.all, in.now)
	return in.db.Write(in.ctx, in.now.save)
}

// leave forgets what came of a sheet that cannot be read beside the others.
func (in *intake) leave(name string) error {
	if in.now.Sheet != fileName(name) || in.now.State == stateMapping {
		return nil // it never began
	}
	in.waiting = in.waiting[:0]
	return in.forget()
}

func (in *intake) forget() error {
	in.now.Heads, in.now.Samples, in.now.Total, in.now.First = nil, nil, 0, 0
	return in.db.Write(in.ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM record_import_rows WHERE import_id = ?`, in.now.ID)
		return err
	})
}

// putSheets offers the other sheets of the file that nobody has imported yet.
func (k *kind) putSheets(v *web.Visit, i *imported, p *ImportPage) error {
	if i.Sheet == "" {
		return nil
	}
	all, err := k.imports(v.Context(), v.DB, "AND workbook = ? AND member_id = ? AND state IN ('mapping', 'checked') ORDER BY made_at, id", i.Workbook, v.Person.ID)
	for _, one := range all {
		p.Sheets = append(p.Sheets, Segment{Text: one.Sheet, Href: k.at("/import/" + one.ID + "?step=columns"), Current: one.ID == i.ID, Count: one.Total})
	}
	return err
}

// dropImport forgets a file, with all sheets of it that nobody has imported.
func (k *kind) dropImport(v *web.Visit) error {
	i, err := k.importOf(v.Context(), v.DB, v.Param("id"), v.Person.ID)
	if err != nil {
		return err
	}
	if i.State != stateMapping && i.State != stateChecked {
		return fault.New(fault.Conflict, "record.import_moved")
	}
	if err := v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return dropImport(ctx, tx, i.Workbook) }); err != nil {
		return err
	}
	v.Flash(v.T("record.import_dropped", "file", i.File), "")
	return v.Go(k.at(""))
}

func dropImport(ctx context.Context, tx *store.Tx, workbook string) error {
	_, err := tx.Exec(ctx, "DELETE FROM record_imports WHERE workbook = ? AND state IN ('reading', 'mapping', 'checked')", workbook)
	return err
}
