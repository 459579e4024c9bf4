package record

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"io"
	"strconv"
)

// book writes a spreadsheet of one sheet. Every cell is text, so nothing in it is a formula.
type book struct {
	zip  *zip.Writer
	out  *bufio.Writer
	rows int
	err  error
}

const (
	mainSpace = `http://schemas.openxmlformats.org/spreadsheetml/2006/main`
	relSpace  = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	pkgSpace  = `http://schemas.openxmlformats.org/package/2006/`
)

// bookParts are what a reader needs besides the sheet.
var bookParts = [][2]string{
	{"[Content_Types].xml", `<Types xmlns="` + pkgSpace + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="` + pkgSpace + `relationships"><Relationship Id="r1" Type="` + relSpace + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="` + mainSpace + `" xmlns:r="` + relSpace + `"><sheets><sheet name="RUNES" sheetId="1" r:id="r1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + pkgSpace + `relationships"><Relationship Id="r1" Type="` + relSpace + `/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
}

func newBook(w io.Writer) *book {
	b := &book{zip: zip.NewWriter(w)}
	for _, part := range bookParts {
		b.part(part[0], part[1])
	}
	b.part("xl/worksheets/sheet1.xml", `<worksheet xmlns="`+mainSpace+`"><sheetData>`)
	return b
}

func (b *book) part(name, content string) {
	if b.err != nil {
		return
	}
	var w io.Writer
	if b.out != nil {
		b.err = b.out.Flush()
	}
	if w, b.err = b.zip.Create(name); b.err != nil {
		return
	}
	b.out = bufio.NewWriter(w)
	b.write(xml.Header + content)
}

func (b *book) write(text string) {
	if b.err == nil {
		_, b.err = b.out.WriteString(text)
	}
}

func (b *book) row(cells []string) error {
	b.rows++
	b.write(`<row r="` + strconv.Itoa(b.rows) + `">`)
	for _, cell := range cells {
		b.write(`<c t="inlineStr"><is><t xml:space="preserve">`)
		if b.err == nil {
			b.err = xml.EscapeText(b.out, []byte(cell))
		}
		b.write(`</t></is></c>`)
	}
	b.write(`</row>`)
	return b.err
}

func (b *book) end() error {
	b.write(`</sheetData></worksheet>`)
	if b.err == nil {
		b.err = b.out.Flush()
	}
	if b.err == nil {
		b.err = b.zip.Close()
	}
	return b.err
}
