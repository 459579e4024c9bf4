// Package sheet reads the tables that people send (Excel workbooks, CSV files, address cards) as rows of text, within
// limits that a hostile file cannot leave, and writes workbooks in which nothing is a formula.
package sheet

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"runes.im/platform/fault"
)

// Words are the sentences behind this room's faults.
//
//go:embed words
var Words embed.FS

// What a file may be at most (security requirement I1).
const (
	MaxBytes   = 25 << 20  // of the file
	maxParts   = 2_000     // of a workbook, which is a ZIP archive
	maxOpened  = 128 << 20 // of what is read out of a workbook
	MaxRows    = 200_000
	MaxColumns = 500
	maxCell    = 32_767   // letters, as Excel has it
	maxText    = 64 << 20 // of all cells: one text may stand in many of them
	maxTime    = time.Minute
)

// Row is one line of a table that holds something; cells behind the last filled one are missing.
type Row struct {
	Number int // as a spreadsheet counts, from 1
	Cells  []string
}

// Kinds are the endings of the files that Read understands.
var Kinds = []string{".xlsx", ".xlsm", ".csv", ".tsv", ".txt", ".vcf"}

// desks is how many files the server reads at once.
var desks = make(chan struct{}, 2)

// Taker takes what a file holds. Of a workbook with several sheets that hold something each begins with its name.
type Taker struct {
	Row   func(Row) error
	Sheet func(name string) error // nil: the first sheet is enough
	// Leave says that the sheet which began last, or the one of that name that never began, cannot be read beside the
	// others: its rows are to be forgotten. It is never the first one.
	Leave func(name string) error
}

// maxSheets is how many sheets of a workbook are read.
const maxSheets = 20

// Read gives every row of the file to take, in its order; of a workbook those of the first visible sheet that holds
// something. What cannot be read whole is a fault: a damaged file never looks like a short or an empty one, but rows before
// the damage may have been given already.
func Read(ctx context.Context, name string, file io.ReaderAt, size int64, take func(Row) error) error {
	return ReadAll(ctx, name, file, size, Taker{Row: take})
}

// ReadAll is Read for every visible sheet that holds something.
func ReadAll(ctx context.Context, name string, file io.ReaderAt, size int64, take Taker) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, maxTime, fault.New(fault.TooLarge, "sheet.slow"))
	defer cancel()
	select {
	case desks <- struct{}{}:
		defer func() { <-desks }()
	case <-ctx.Done():
		return fault.New(fault.Unavailable, "sheet.busy")
	}
	defer func() {
		if broken := recover(); broken != nil { // of a library: it must not take the house along
			err = damaged(fmt.Errorf("panic: %v", broken))
		}
	}()
	if size > MaxBytes {
		return fault.New(fault.TooLarge, "sheet.too_large", "max", "25 MB")
	}
	if size == 0 {
		return fault.New(fault.Invalid, "sheet.empty")
	}
	t := &table{ctx: ctx, take: take}
	head := make([]byte, min(size, 512))
	if _, err := file.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := read(t, strings.ToLower(path.Ext(name)), head, io.NewSectionReader(file, 0, size)); err != nil {
		return err
	}
	if t.rows == 0 {
		return fault.New(fault.Invalid, "sheet.empty")
	}
	return nil
}

// read believes the content where name and content disagree, unless the content could be anything.
func read(t *table, ending string, head []byte, file *io.SectionReader) error {
	isBook := ending == ".xlsx" || ending == ".xlsm"
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return readBook(t, file)
	case bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")):
		return fault.New(fault.Invalid, "sheet.locked") // an old Excel file, or one with a password
	case isBook:
		return damaged(errors.New("no ZIP archive"))
	case hasCard(head):
		return readCards(t, file)
	case ending == ".csv" || ending == ".tsv" || ending == ".txt":
		return readText(t, file)
	case ending == ".vcf":
		return damaged(errors.New("no card"))
	}
	return fault.New(fault.Invalid, "sheet.kind")
}

// damaged is the refusal of a file that cannot be read; the cause is for logs.
func damaged(cause error) error {
	if f := fault.Of(cause); f != nil {
		return cause
	}
	return fmt.Errorf("%w: %w", fault.New(fault.Invalid, "sheet.damaged"), cause)
}

// table counts what comes out of a file.
type table struct {
	ctx  context.Context
	take Taker
	rows int
	text int
}

// row hands a row over; an empty one counts for nothing.
func (t *table) row(number int, cells []string) error {
	if err := t.ctx.Err(); err != nil {
		return context.Cause(t.ctx)
	}
	for n := len(cells); n > 0 && strings.TrimSpace(cells[n-1]) == ""; n-- {
		cells = cells[:n-1]
	}
	if len(cells) == 0 {
		return nil
	}
	if len(cells) > MaxColumns {
		return fault.New(fault.TooLarge, "sheet.columns", "max", MaxColumns)
	}
	if t.rows++; t.rows > MaxRows || number > MaxRows {
		return tooManyRows()
	}
	for i, cell := range cells {
		if len(cell) > 4*maxCell {
			return fault.New(fault.TooLarge, "sheet.cell", "row", number)
		}
		if strings.IndexByte(cell, 0) >= 0 {
			return damaged(fmt.Errorf("row %d holds a NUL", number))
		}
		cells[i] = strings.ToValidUTF8(cell, "\uFFFD")
		t.text += len(cell)
	}
	if t.text > maxText {
		return fault.New(fault.TooLarge, "sheet.text")
	}
	return t.take.Row(Row{Number: number, Cells: cells})
}

func tooManyRows() error { return fault.New(fault.TooLarge, "sheet.rows", "max", MaxRows) }
