package record

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

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
	name := k.plural + "-" + clock.Now(v.Context()).In(v.Zone()).Format(time.DateOnly)
	out, err := sheetFor(v, name)
	if err != nil {
		return err
	}
	defer out.drop()
	return k.writeSheet(v.Context(), v.DB, v.Person, s.Query, v.T, out)
}

// exported are the fields that a sheet has: what an import can read again. Those that people added are among them once
// the noun is whole.
func (k *kind) exported() []*Field {
	return slices.DeleteFunc(k.given(), func(f *Field) bool { return f.Sort == "ref" && k.refs[f.Name].Find == nil })
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
