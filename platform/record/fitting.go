package record

import "runes.im/platform/fault"

// Fitting is a value as the field would keep it: cut where it is too long, empty where it is no such value. For what
// comes from programs that nobody can ask.
func (n *Noun[T]) Fitting(field, value string) string {
	f := n.field(field)
	value = tidy(value, f.Sort == "long")
	letters := 0
	for at := range value { // never the end letter by letter: a program may send half a megabyte
		if letters == f.Max {
			value = value[:at]
			break
		}
		letters++
	}
	form := fault.Form{}
	if clean := f.clean(value, &form); form.Err() == nil {
		return clean
	}
	return ""
}
