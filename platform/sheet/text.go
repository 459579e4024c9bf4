package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"runes.im/platform/fault"
)

// readText reads a CSV file, whatever its delimiter and its encoding.
func readText(t *table, file io.Reader) error {
	raw, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	text, err := decoded(raw)
	if err != nil {
		return damaged(err)
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return damaged(errors.New("holds a NUL: no text"))
	}
	skipped := 0
	delimiter, found := declared(text)
	if found {
		text, skipped = text[bytes.IndexByte(text, '\n')+1:], 1
	} else {
		delimiter = likelyDelimiter(text)
	}
	if err := narrow(text, delimiter); err != nil {
		return err
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord = rune(delimiter), -1
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			return fault.New(fault.Invalid, "sheet.quote", "line", wrong.StartLine+skipped)
		}
		if err != nil {
			return damaged(err)
		}
		line, _ := r.FieldPos(0)
		if err := t.row(line+skipped, cells); err != nil {
			return err
		}
	}
}

// decoded is the text as UTF-8: by its mark, else as UTF-8 when it is that, else as Windows-1252, which old programs
// write.
func decoded(raw []byte) ([]byte, error) {
	var from encoding.Encoding = charmap.Windows1252
	switch {
	case bytes.HasPrefix(raw, []byte("\xEF\xBB\xBF")):
		return raw[3:], nil
	case bytes.HasPrefix(raw, []byte("\xFF\xFE")), bytes.HasPrefix(raw, []byte("\xFE\xFF")):
		from = unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)
	case utf8.Valid(raw):
		return raw, nil
	}
	return from.NewDecoder().Bytes(raw)
}

// declared is the delimiter that Excel writes into a first line "sep=;".
func declared(text []byte) (byte, bool) {
	line, _, found := bytes.Cut(text, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if found && len(line) == 5 && bytes.EqualFold(line[:4], []byte("sep=")) && strings.IndexByte(delimiters, line[4]) >= 0 {
		return line[4], true
	}
	return 0, false
}

const delimiters = ";,\t|"

// likelyDelimiter is the one that stands in the first lines most evenly, outside of quotation marks.
func likelyDelimiter(text []byte) byte {
	const lines = 20
	text = bytes.TrimLeft(text, "\r\n")
	best, bestScore := byte(','), 0
	for _, delimiter := range []byte(delimiters) {
		counts, quoted := []int{0}, false
		for _, b := range text[:min(len(text), 64<<10)] {
			switch {
			case b == '"':
				quoted = !quoted
			case b == delimiter && !quoted:
				counts[len(counts)-1]++
			case b == '\n' && !quoted:
				counts = append(counts, 0)
			}
			if len(counts) > lines {
				break
			}
		}
		score := counts[0] * 2 // the heads count most
		for _, n := range counts[1:] {
			if n == counts[0] && n > 0 {
				score++
			}
		}
		if score > bestScore {
			best, bestScore = delimiter, score
		}
	}
	return best
}

// narrow refuses a line of too many cells before a parser makes room for them.
func narrow(text []byte, delimiter byte) error {
	cells, quoted := 1, false
	for _, b := range text {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '\n':
			cells = 1
		case b == delimiter:
			if cells++; cells > MaxColumns {
				return fault.New(fault.TooLarge, "sheet.columns", "max", MaxColumns)
			}
		}
	}
	return nil
}
