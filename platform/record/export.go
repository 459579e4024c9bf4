package record

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

var formats = []string{"csv", "xlsx"}

// maxExport is what a spreadsheet opens without trouble.
const maxExport = 100_000

// export answers with the chosen records, or with all that the list's address chooses, in the list's order.
func (k *kind) export(v *web.Visit) error {
	format := v.Query("format")
	if !slices.Contains(formats, format) {
		return fault.New(fault.Malformed, "web.malformed")
	}
	s, err := k.asked(v)
	if err != nil {
		return err
	}
	if ids := v.Values()["id"]; len(ids) > 0 {
		if len(ids) > maxChosen {
			return fault.New(fault.Invalid, "record.choose", "max", maxChosen)
		}
		s.IDs = ids
	}
	h := v.Writer.Header()
	name := fmt.Sprintf("%s-%s.%s", k.plural, clock.Now(v.Context()).In(v.Zone()).Format("2006-01-02"), format)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	var out sheetWriter = &csvSheet{w: csv.NewWriter(v.Writer)}
	h.Set("Content-Type", "text/csv; charset=utf-8")
	if format == "xlsx" {
		h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		out = newBook(v.Writer)
	} else if _, err := io.WriteString(v.Writer, "\uFEFF"); err != nil { // Excel takes a file without it for Latin-1
		return nil // the reader left
	}
	return k.writeSheet(v.Context(), v.DB, v.Person, s.Query, v.T, out)
}

// exported are the fields that a sheet has: what an import can read again. Those that people added are among them once
// the noun is whole.
func (k *kind) exported() []*Field {
	return slices.DeleteFunc(k.given(), func(f *Field) bool { return f.Sort == "ref" && k.refs[f.Name].Find == nil })
}

// sheetWriter takes the rows of an export.
type sheetWriter interface {
	row(cells []string) error
	end() error
}

// writeSheet writes heads and records in pieces, so that a long export needs little memory.
func (k *kind) writeSheet(ctx context.Context, r store.Reader, p *identity.Person, q Query, text func(string, ...any) string, out sheetWriter) error {
	fields := k.exported()
	heads := make([]string, len(fields))
	for i, f := range fields {
		heads[i] = text(f.Label)
	}
	if err := out.row(heads); err != nil {
		return err
	}
	for q.Limit, q.Offset = 1000, 0; q.Offset < maxExport; q.Offset += q.Limit {
		found, err := k.list(ctx, r, p, q)
		if err != nil {
			return err
		}
		names := map[*Field]map[string]string{}
		for _, f := range fields {
			if k.refs[f.Name].Names != nil {
				if names[f], err = k.named(ctx, r, f, found); err != nil {
					return err
				}
			}
		}
		for _, rec := range found {
			cells := make([]string, len(fields))
			for i, f := range fields {
				if cells[i] = f.text(rec); names[f] != nil {
					cells[i] = names[f][cells[i]]
				}
			}
			if err := out.row(cells); err != nil {
				return err
			}
		}
		if len(found) < q.Limit {
			break
		}
	}
	return out.end()
}

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

// Harmless keeps a spreadsheet from running a cell as a formula: it gets a leading apostrophe, unless it is a number.
func Harmless(cell string) string {
	if cell == "" || !strings.ContainsAny(cell[:1], "=+-@\t\r") && !strings.HasPrefix(cell, "＝") &&
		!strings.HasPrefix(cell, "＋") && !strings.HasPrefix(cell, "－") && !strings.HasPrefix(cell, "＠") {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil && !strings.ContainsAny(cell, "xXpPnNiI_") {
		return cell
	}
	return "'" + cell
}
