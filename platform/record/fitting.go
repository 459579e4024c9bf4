package record

import (
	"unicode/utf8"

	"runes.im/platform/fault"
)

// Fitting is a value as the field would keep it: cut where it is too long, empty where it is no such value. For what
// comes from programs that nobody can ask.
func (n *Noun[T]) Fitting(field, value string) string {
	f := n.field(field)
	value = tidy(value, f.Sort == "long")
	for utf8.RuneCountInString(value) > f.Max {
		_, size := utf8.DecodeLastRuneInString(value)
		value = value[:len(value)-size]
	}
	form := fault.Form{}
	if clean := f.clean(value, &form); form.Err() == nil {
		return clean
	}
	return ""
}
