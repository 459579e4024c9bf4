package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"runes.im/platform/fault"
)

// maxStrings is how many different texts a workbook may have: an index of them is held in memory.
const maxStrings = 1_000_000

// readBook reads the visible sheets that hold something, as many as the taker wants. Everything is looked through before
// the library sees it.
func readBook(t *table, file *io.SectionReader) error {
	a, err := openArchive(file)
	if err != nil {
		return err
	}
	b, err := a.outline()
	if err != nil {
		return err
	}
	if b.styles != "" {
		if err := b.readStyles(a); err != nil {
			return err
		}
	}
	for n, s := range b.sheets {
		before := t.rows
		err := b.read(t, a, s)
		switch f := fault.Of(err); {
		case err == nil && t.rows > 0 && t.take.Sheet == nil:
			return nil
		case err != nil && (f == nil || b.given == 0 || t.ctx.Err() != nil):
			return err
		case err != nil:
			t.rows = before
			err = t.take.Leave(s.name)
		case t.rows > before:
			b.given++
		}
		if err != nil || n+1 == maxSheets {
			return err
		}
	}
	if t.rows == 0 {
		return fault.New(fault.Invalid, "sheet.empty")
	}
	return nil
}

// read gives the rows of one sheet; an empty one has none.
func (b *book) read(t *table, a *archive, part bookSheet) error {
	s, err := b.scan(t, a, part.part)
	if err != nil || s.filled == 0 {
		return err
	}
	if b.strings != "" {
		if err := b.checkStrings(a, s.highest); err != nil {
			return err
		}
	} else if s.highest >= 0 {
		return damaged(errors.New("cells point at texts that are not there"))
	}
	if t.take.Sheet != nil {
		if err := t.take.Sheet(part.name); err != nil {
			return err
		}
	}
	return b.rows(t, a, part.part, s)
}

// bookSheet is a visible sheet.
type bookSheet struct{ name, part string }

// book is what matters of a workbook.
type book struct {
	sheets          []bookSheet // in their order
	strings, styles string      // parts; empty: there are none
	from1904        bool        // days are counted from there, as old Macs did
	dated           []bool      // by style: its numbers are dates
	texts           int         // shared ones, once they were counted
	given           int         // sheets whose rows were given
}

func (a *archive) outline() (*book, error) {
	_, top, err := a.related("")
	if err != nil {
		return nil, err
	}
	main := top["officeDocument"]
	byID, byType, err := a.related(main)
	if err != nil {
		return nil, err
	}
	b := &book{strings: byType["sharedStrings"], styles: byType["styles"]}
	err = a.walk(main, func(x xml.Token, depth int) error {
		s, ok := x.(xml.StartElement)
		switch {
		case !ok:
		case depth == 1 && s.Name.Local != "workbook":
			return errors.New("is no workbook")
		case s.Name.Local == "workbookPr":
			on := attr(s, "date1904")
			b.from1904 = on == "1" || on == "true"
		case s.Name.Local == "sheet" && (attr(s, "state") == "" || attr(s, "state") == "visible"):
			b.sheets = append(b.sheets, bookSheet{attr(s, "name"), byID[attr(s, "id")]})
		}
		return nil
	})
	return b, err
}

// scanned is what a look through a sheet found.
type scanned struct {
	filled  int              // cells with a value
	highest int              // of the texts it points at; -1: none
	figures map[int][]figure // of the rows that have any, in their order
}

// figure is a cell whose number reads differently for people than in the file.
type figure struct {
	column uint16
	isDate bool
}

// scan looks through a sheet: its size, the order of its rows and cells, and where dates stand.
func (b *book) scan(t *table, a *archive, part string) (*scanned, error) {
	s := &scanned{highest: -1, figures: map[int][]figure{}}
	row, column, kind := 0, 0, ""
	inValue, isDate := false, false
	value := make([]byte, 0, maxFigure)
	err := a.walk(part, func(x xml.Token, _ int) error {
		switch x := x.(type) {
		case xml.StartElement:
			switch x.Name.Local {
			case "row":
				next, err := place(attr(x, "r"), row)
				if err != nil {
					return err
				}
				if row, column = next, 0; row > MaxRows {
					return tooManyRows()
				}
				if row%1000 == 0 && t.ctx.Err() != nil {
					return t.ctx.Err()
				}
			case "c":
				next, err := column+1, error(nil)
				if name := attr(x, "r"); name != "" {
					next, _, err = excelize.CellNameToCoordinates(name)
				}
				if err != nil || next <= column {
					return errors.New("has cells out of their order")
				}
				if column = next; column > MaxColumns {
					return fault.New(fault.TooLarge, "sheet.columns", "max", MaxColumns)
				}
				kind = attr(x, "t")
				style, err := strconv.Atoi(attr(x, "s"))
				isDate = kind == "d" || isNumber(kind) && err == nil && style >= 0 && style < len(b.dated) && b.dated[style]
			case "v", "is":
				s.filled++
				inValue, value = x.Name.Local == "v" && (kind == "s" || kind == "d" || isNumber(kind)), value[:0]
			}
		case xml.CharData:
			if inValue && len(value) < maxFigure {
				value = append(value, x[:min(len(x), maxFigure)]...)
			}
		case xml.EndElement:
			if !inValue || x.Name.Local != "v" {
				return nil
			}
			inValue = false
			if kind != "s" {
				if isDate || bytes.ContainsAny(value, "eE.") {
					s.figures[row] = append(s.figures[row], figure{uint16(column), isDate})
				}
				return nil
			}
			n, err := strconv.Atoi(strings.TrimSpace(string(value)))
			if err != nil || n < 0 {
				return errors.New("points at a text by no number")
			}
			s.highest = max(s.highest, n)
		}
		return nil
	})
	return s, err
}

// maxFigure is more letters than a number has.
const maxFigure = 32

func isNumber(kind string) bool { return kind == "" || kind == "n" }

// place is the number of a row: what it says, or the next one. Rows never go back.
func place(says string, last int) (int, error) {
	if says == "" {
		return last + 1, nil
	}
	n, err := strconv.Atoi(says)
	if err != nil || n <= last {
		return 0, errors.New("has rows out of their order")
	}
	return n, nil
}

// checkStrings looks through the shared texts, once, of which a sheet needs the one with that number.
func (b *book) checkStrings(a *archive, highest int) error {
	if b.texts == 0 {
		err := a.walk(b.strings, func(x xml.Token, _ int) error {
			if s, ok := x.(xml.StartElement); ok && s.Name.Local == "si" {
				if b.texts++; b.texts > maxStrings {
					return fault.New(fault.TooLarge, "sheet.text")
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if highest >= b.texts {
		return damaged(fmt.Errorf("points at text %d of %d", highest, b.texts))
	}
	return nil
}

const (
	pkgSpace  = `http://schemas.openxmlformats.org/package/2006/`
	mainSpace = `http://schemas.openxmlformats.org/spreadsheetml/2006/main`
	relSpace  = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	partType  = `application/vnd.openxmlformats-officedocument.spreadsheetml.`
)

// frame is the workbook that the library gets: ours, around the one sheet and its texts.
var frame = [][2]string{
	{"[Content_Types].xml", `<Types xmlns="` + pkgSpace + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + partType + `sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + partType + `worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="` + partType + `sharedStrings+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="` + pkgSpace + `relationships"><Relationship Id="r1" Type="` + relSpace + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="` + mainSpace + `" xmlns:r="` + relSpace + `"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + pkgSpace + `relationships"><Relationship Id="r1" Type="` + relSpace + `/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="` + relSpace + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`},
}

// slim is a workbook of nothing but the sheet and its texts. Their bytes are those that were looked through.
func (b *book) slim(a *archive, part string) (*bytes.Buffer, error) {
	out := new(bytes.Buffer)
	z := zip.NewWriter(out)
	for _, f := range frame {
		w, err := z.Create(f[0])
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(w, xml.Header+f[1]); err != nil {
			return nil, err
		}
	}
	for name, part := range map[string]string{"xl/worksheets/sheet1.xml": part, "xl/sharedStrings.xml": b.strings} {
		if part == "" {
			continue
		}
		f := a.parts[strings.ToLower(part)]
		header := f.FileHeader
		header.Name, header.Extra, header.Comment = name, nil, ""
		w, err := z.CreateRaw(&header)
		if err != nil {
			return nil, err
		}
		raw, err := f.OpenRaw()
		if err != nil {
			return nil, damaged(err)
		}
		if _, err := io.Copy(w, raw); err != nil {
			return nil, damaged(err)
		}
	}
	return out, z.Close()
}

// rows reads the sheet with the library.
func (b *book) rows(t *table, a *archive, part string, s *scanned) (err error) {
	content, err := b.slim(a, part)
	if err != nil {
		return err
	}
	// What is larger than a few megabytes is unpacked to a temporary file and streamed from there.
	f, err := excelize.OpenReader(content, excelize.Options{RawCellValue: true, UnzipSizeLimit: maxOpened + 1<<20, UnzipXMLSizeLimit: 4 << 20})
	if err != nil {
		return damaged(err)
	}
	defer f.Close()
	rows, err := f.Rows("S")
	if err != nil {
		return damaged(err)
	}
	defer rows.Close()
	for number := 1; rows.Next(); number++ {
		cells, err := rows.Columns()
		if err != nil {
			return damaged(err)
		}
		for _, f := range s.figures[number] {
			at := int(f.column) - 1
			if at >= len(cells) {
				break
			}
			if f.isDate {
				cells[at] = b.date(cells[at])
			} else {
				cells[at] = plainNumber(cells[at])
			}
		}
		if err := t.row(number, cells); err != nil {
			return err
		}
	}
	return rows.Error()
}
