package sheet

import (
	"io"

	"github.com/xuri/excelize/v2"
)

// Book writes a workbook of one sheet, row after row. Every cell is text, so that nothing in it is ever a formula.
type Book struct {
	file *excelize.File
	rows *excelize.StreamWriter
	out  io.Writer
	next int
	gone bool
}

// NewBook begins one; nothing is written to w before End.
func NewBook(w io.Writer) (*Book, error) {
	f := excelize.NewFile()
	rows, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, err
	}
	return &Book{file: f, rows: rows, out: w, next: 1}, nil
}

// Row appends a row.
func (b *Book) Row(cells []string) error {
	values := make([]any, len(cells))
	for i, cell := range cells {
		if letters := []rune(cell); len(letters) > maxCell {
			cell = string(letters[:maxCell]) // a spreadsheet holds no more
		}
		values[i] = cell
	}
	at, err := excelize.CoordinatesToCellName(1, b.next)
	if err != nil {
		return err
	}
	b.next++
	return b.rows.SetRow(at, values)
}

// End writes the workbook and lets go of what it needed.
func (b *Book) End() error {
	defer b.Drop()
	if err := b.rows.Flush(); err != nil {
		return err
	}
	return b.file.Write(b.out)
}

// Drop lets go of a workbook that will not be written; after End it does nothing.
func (b *Book) Drop() {
	if !b.gone {
		b.gone = true
		b.file.Close() // removes a temporary file of large workbooks
	}
}
