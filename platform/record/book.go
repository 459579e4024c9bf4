package record

import (
	"encoding/csv"
	"io"

	"runes.im/platform/fault"
	"runes.im/platform/sheet"
	"runes.im/platform/web"
)

// sheetWriter takes the rows of a table that goes out.
type sheetWriter interface {
	row(cells []string) error
	end() error
	drop() // lets go of what it holds, whether it came to its end or not
}

// bookSheet is a workbook in which every cell is text.
type bookSheet struct{ book *sheet.Book }

func (b *bookSheet) row(cells []string) error { return b.book.Row(cells) }
func (b *bookSheet) end() error               { return b.book.End() }
func (b *bookSheet) drop()                    { b.book.Drop() }

type csvSheet struct{ w *csv.Writer }

func (c *csvSheet) row(cells []string) error {
	safe := make([]string, len(cells))
	for i, cell := range cells {
		safe[i] = Harmless(cell)
	}
	return c.w.Write(safe)
}

func (c *csvSheet) end() error {
	c.w.Flush()
	return c.w.Error()
}

func (c *csvSheet) drop() {}

// answerSheet answers with a table in the format that the address asks for.
func answerSheet(v *web.Visit, name string, heads []string, fill func(sheetWriter) error) error {
	out, err := sheetFor(v, name)
	if err != nil {
		return err
	}
	defer out.drop()
	if err := out.row(heads); err != nil {
		return err
	}
	if err := fill(out); err != nil {
		return err
	}
	return out.end()
}

// sheetFor begins an answer that is a table, named so.
func sheetFor(v *web.Visit, name string) (sheetWriter, error) {
	switch format := v.Query("format"); format {
	case "xlsx":
		v.Download(name+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		b, err := sheet.NewBook(v.Writer)
		return &bookSheet{b}, err
	case "csv":
		v.Download(name+".csv", "text/csv; charset=utf-8")
		_, err := io.WriteString(v.Writer, "\uFEFF") // Excel takes a file without it for Latin-1
		return &csvSheet{w: csv.NewWriter(v.Writer)}, err
	}
	return nil, fault.New(fault.Malformed, "web.malformed")
}
