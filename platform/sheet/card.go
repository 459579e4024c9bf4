package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime/quotedprintable"
	"strings"

	"github.com/emersion/go-vcard"
)

func hasCard(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), "\r\n\t ")
	return len(head) >= 11 && bytes.EqualFold(head[:11], []byte("BEGIN:VCARD"))
}

// CardHeads are the columns that address cards have here.
var CardHeads = []string{
	"First name", "Last name", "Company", "Job title", "E-mail", "Phone", "Website", "Street", "City", "Postal code", "Country", "Birthday", "Note",
}

// readCards reads address cards as a table, one a row.
func readCards(t *table, file io.Reader) error {
	plain, err := unfolded(file)
	if err != nil {
		return damaged(err)
	}
	if err := t.row(1, append([]string{}, CardHeads...)); err != nil {
		return err
	}
	cards := vcard.NewDecoder(plain)
	for number := 2; ; number++ {
		card, err := cards.Decode()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damaged(err)
		}
		if err := t.row(number, cardCells(card)); err != nil {
			return err
		}
	}
}

func cardCells(c vcard.Card) []string {
	var first, last string
	if n := c.Name(); n != nil {
		first, last = strings.TrimSpace(n.GivenName+" "+n.AdditionalName), n.FamilyName
	}
	org, _, _ := strings.Cut(c.PreferredValue(vcard.FieldOrganization), ";")
	full := strings.TrimSpace(c.PreferredValue(vcard.FieldFormattedName))
	if first == "" && last == "" && full != org { // only the whole name is there
		last = full
		if at := strings.LastIndexByte(full, ' '); at > 0 {
			first, last = full[:at], full[at+1:]
		}
	}
	a := c.Address()
	if a == nil {
		a = &vcard.Address{}
	}
	cells := []string{
		first, last, org, c.PreferredValue(vcard.FieldTitle), strings.TrimPrefix(c.PreferredValue(vcard.FieldEmail), "mailto:"),
		strings.TrimPrefix(c.PreferredValue(vcard.FieldTelephone), "tel:"), c.PreferredValue(vcard.FieldURL),
		a.StreetAddress, a.Locality, a.PostalCode, a.Country, c.PreferredValue(vcard.FieldBirthday), c.Value(vcard.FieldNote),
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// maxLine is the longest line of a card that is read: longer ones are pictures and sounds.
const maxLine = 64 << 10

// unfolded joins the pieces of long lines, undoes the encoding of old cards and leaves pictures out: the parser behind
// it takes time that grows with the square of a line's pieces.
func unfolded(file io.Reader) (io.Reader, error) {
	raw, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	text, err := decoded(raw)
	if err != nil {
		return nil, err
	}
	var out, line bytes.Buffer
	soft := false // the line before ended in "=", which joins lines of old cards
	flush := func() {
		if line.Len() <= maxLine {
			out.Write(plainLine(line.Bytes()))
			out.WriteByte('\n')
		}
		line.Reset()
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	for lines.Scan() {
		piece := bytes.TrimSuffix(lines.Bytes(), []byte("\r"))
		folded := len(piece) > 0 && (piece[0] == ' ' || piece[0] == '\t')
		switch {
		case soft:
		case folded:
			piece = piece[1:]
		case line.Len() > 0:
			flush()
		}
		if line.Len() <= maxLine {
			line.Write(piece)
		}
		if soft = bytes.HasSuffix(piece, []byte("=")) && isQuoted(line.Bytes()); soft && line.Len() <= maxLine {
			line.Truncate(line.Len() - 1)
		}
	}
	if line.Len() > 0 {
		flush()
	}
	return &out, lines.Err()
}

// isQuoted reports whether the line's value is in the encoding of old cards.
func isQuoted(line []byte) bool {
	head, _, _ := bytes.Cut(line, []byte(":"))
	return bytes.Contains(bytes.ToUpper(head), []byte("QUOTED-PRINTABLE"))
}

// plainLine is the line with its value decoded.
func plainLine(line []byte) []byte {
	if !isQuoted(line) {
		return line
	}
	head, value, _ := bytes.Cut(line, []byte(":"))
	name, _, _ := bytes.Cut(head, []byte(";"))
	value, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(value)))
	if err != nil {
		return nil
	}
	value = bytes.ReplaceAll(bytes.ReplaceAll(value, []byte("\r"), nil), []byte("\n"), []byte(`\n`))
	return append(append(bytes.Clone(name), ':'), value...)
}
