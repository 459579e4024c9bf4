package sheet

import (
	"encoding/xml"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// A workbook keeps dates and amounts as bare numbers: how people see them is said by their style.

// readStyles finds the styles that show numbers as dates.
func (b *book) readStyles(a *archive) error {
	custom := map[string]bool{}
	inCells := false
	return a.walk(b.styles, func(x xml.Token, _ int) error {
		switch x := x.(type) {
		case xml.StartElement:
			switch x.Name.Local {
			case "numFmt":
				custom[attr(x, "numFmtId")] = isDateFormat(attr(x, "formatCode"))
			case "cellXfs":
				inCells = true
			case "xf":
				if inCells {
					id := attr(x, "numFmtId")
					isDate, own := custom[id]
					if n, err := strconv.Atoi(id); err == nil && !own {
						isDate = n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58
					}
					if b.dated = append(b.dated, isDate); len(b.dated) > 1<<16 {
						return errors.New("has too many styles")
					}
				}
			}
		case xml.EndElement:
			inCells = inCells && x.Name.Local != "cellXfs"
		}
		return nil
	})
}

// isDateFormat looks for letters of days and hours outside of quotation marks and brackets.
func isDateFormat(code string) bool {
	var quoted, bracket, escaped bool
	for _, r := range strings.ToLower(code) {
		switch {
		case escaped:
			escaped = false
		case r == '\\' || r == '_' || r == '*':
			escaped = true
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '[':
			bracket = true
		case r == ']':
			bracket = false
		case bracket:
		case strings.ContainsRune("ymdhs", r):
			return true
		}
	}
	return false
}

// date is a number of days as a date, with its time when it has one.
func (b *book) date(cell string) string {
	days, err := strconv.ParseFloat(cell, 64)
	if err != nil { // written out: 2026-11-22T00:00:00
		day, _ := strings.CutSuffix(strings.TrimSuffix(cell, "Z"), "T00:00:00")
		return day
	}
	at, err := excelize.ExcelDateToTime(days, b.from1904)
	switch at = at.Round(time.Second); {
	case err != nil || days < 0 || at.Year() > 9999:
		return cell
	case days < 1:
		return at.Format("15:04")
	case at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0:
		return at.Format(time.DateOnly)
	}
	return at.Format("2006-01-02 15:04")
}

// plainNumber is a number without exponent and without the digits that no spreadsheet shows; other text stays.
func plainNumber(cell string) string {
	n, err := strconv.ParseFloat(cell, 64)
	if err != nil || math.Abs(n) > 1e21 {
		return cell
	}
	if n, err = strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64); err != nil {
		return cell
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}
