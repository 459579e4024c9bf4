package record

import (
	"slices"
	"strconv"
	"strings"

	"runes.im/platform/store"
	"runes.im/platform/web"
)

// filters are the chips above a list: for each field that filters its values, and those that are chosen.
func (k *kind) filters(v *web.Visit, s view) ([]Filter, error) {
	var all []Filter
	for _, f := range k.fields {
		if !f.filter {
			continue
		}
		values, err := k.valuesOf(v, f)
		if err != nil {
			return nil, err
		}
		one := Filter{Name: f.Name, Text: v.T(f.Label)}
		chosen := s.Filters[f.Name]
		if len(chosen) > 0 {
			one.Text = v.T("record.filtered", "field", one.Text, "value", k.shown(v, f, chosen[0]))
			if len(chosen) > 1 {
				one.Text += " +" + strconv.Itoa(len(chosen)-1)
			}
			one.Clear = k.link(s, "", "f."+f.Name, "")
		}
		for _, value := range values {
			on := slices.Contains(chosen, value)
			next := append(slices.Clone(chosen), value)
			if on {
				next = slices.DeleteFunc(next, func(other string) bool { return other == value })
			}
			one.Choices = append(one.Choices, Link{Text: k.shown(v, f, value), Href: k.link(s, "", "f."+f.Name, strings.Join(next, ",")), Current: on})
		}
		if len(values) > 0 {
			all = append(all, one)
		}
	}
	return all, nil
}

// valuesOf are the values a filter offers: the most frequent ones.
func (k *kind) valuesOf(v *web.Visit, f *Field) ([]string, error) {
	if f.Sort == "choice" {
		return f.Choices, nil
	}
	if f.Sort == "bool" {
		return []string{"1"}, nil
	}
	where, args, err := k.condition(v.Context(), v.DB, v.Person, Query{})
	if err != nil {
		return nil, err
	}
	column := f.column
	if f.added && !f.numeric() {
		column += " COLLATE NOCASE" // as its index has it, which holds the values: no record is read
	}
	return store.Texts(v.DB.Query(v.Context(), "SELECT "+column+" FROM "+k.table+" WHERE "+where+" AND "+column+" <> '' GROUP BY "+column+
		" ORDER BY count(*) DESC, "+column+" LIMIT 30", args...))
}
